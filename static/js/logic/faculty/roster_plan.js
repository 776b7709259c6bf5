// What a roster would do to a course, in sentences.

import { t } from '../../lib/messages.js';
import { retiredLines } from './people_choices.js';

/** More names than these are only counted. */
const NAMED = 200;

/** @param {RosterPlan} plan */
export function planTitle({ added, already, updated }) {
  return t('members.plan', { added, already, updated });
}

/**
 * What an import into the site's list would do.
 * @param {RosterPlan & { unchanged: number }} plan
 */
export function sitePlanTitle({ added, updated, unchanged }) {
  return t('people.plan', { added, updated, unchanged });
}

/**
 * What is worth knowing beside the numbers.
 * @param {RosterPlan} plan
 * @returns {string[]}
 */
export function planFacts(plan) {
  const { created, restored, new_groups: groups, left_out: leftOut, ignored_columns: ignored } = plan;
  return [
    ...retiredLines(plan),
    created > 0 ? t('members.created', { count: created }) : '',
    restored > 0 ? t('members.restored', { count: restored }) : '',
    groups.length > 0 ? t('members.new_groups', { names: groups.join(', ') }) : '',
    leftOut > 0 ? t('members.left_out', { count: leftOut }) : '',
    ignored.length > 0 ? t('members.ignored', { columns: ignored.join(', ') }) : '',
  ].filter(Boolean);
}

/**
 * Who joins, one a line.
 * @param {RosterPlan} plan
 */
export function joiningLines({ joining }) {
  return named(joining.map(({ name, student_id: id }) => t('members.listed', { name, id })));
}

/**
 * Whose name on the site's list changes, one a line.
 * @param {RosterPlan} plan
 */
export function renamedLines({ renamed }) {
  return named(renamed.map(({ name, student_id: id, before }) => t('members.renamed_line', { name, id, before })));
}

/** @param {string[]} lines */
function named(lines) {
  const more = lines.length - NAMED;
  return more > 0 ? [...lines.slice(0, NAMED), t('rules.more', { count: more })] : lines;
}

/**
 * What an import did.
 * @param {RosterPlan} report
 */
export function importedWords({ added, updated, left }) {
  return t('members.imported', { added, updated, left });
}

/** @param {{ memberships: number, restored: number, removed: number }} undone */
export function undoneWords({ memberships, removed }) {
  return t('members.undone', { memberships, removed });
}
