// What a roster, or the file of all courses, would do, in sentences; and what it leaves open about who is who.

import { t } from '../../lib/messages.js';

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
  return named(
    renamed.map(({ name, student_id: id, before: former }) => t('members.renamed_line', { name, id, former })),
  );
}

/**
 * What is odd about lines of the file, one each.
 * @param {RosterPlan} plan
 */
export function warningLines({ warnings }) {
  return warnings.map(({ line, message }) => (line ? t('members.warning', { line, message }) : message));
}

/**
 * Students by name and ID, one a line; `all` counts those who are not named.
 * @param {ListedName[]} students
 * @param {number} all
 */
function studentLines(students, all) {
  const lines = students.map(({ name, student_id: id }) => t('members.listed', { name, id }));
  return all > lines.length ? [...lines, t('rules.more', { count: all - lines.length })] : lines;
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

/**
 * Whether somebody must say who is who before this plan can be imported.
 * @param {Pick<RosterPlan, 'handed' | 'damaged'>} plan
 */
export function leavesOpen({ handed, damaged }) {
  return handed.length > 0 || damaged.length > 0;
}

/**
 * Who has the ID so far, and who has it in the file.
 * @param {HandedId} handed
 */
export function handedWords({ line, student_id: id, before, name, face }) {
  return t(face ? 'people.handed_face' : 'people.handed', { line, id, former: before, name });
}

/** @param {DamagedId} damaged */
export function damagedWords({ line, student_id: id, listed, name, why }) {
  return t('people.damaged', { line, id, listed, name, why });
}

/**
 * The answers as the server takes them, together with those given before; null while one is missing.
 * @param {Pick<RosterPlan, 'handed' | 'damaged'>} plan
 * @param {(name: string) => string | null} answer by the student's key, or `damaged`
 * @param {FileChoices} [before]
 * @returns {FileChoices | null}
 */
export function peopleChosen({ handed, damaged }, answer, before = {}) {
  const answers = handed.map(({ key }) => ({ key, is: answer(key) }));
  const ids = answer('damaged');
  if (answers.some(({ is }) => is !== 'same' && is !== 'another')) return null;
  if (damaged.length > 0 && ids !== 'listed' && ids !== 'new') return null;
  /** @type {FileChoices} */
  const chosen = {};
  for (const which of /** @type {const} */ (['same', 'another'])) {
    const keys = answers.filter(({ is }) => is === which).map(({ key }) => key);
    const all = [...(before[which]?.split(',') ?? []), ...keys];
    if (all.length > 0) chosen[which] = all.join();
  }
  if (ids === 'listed' || ids === 'new') chosen.damaged = ids;
  return chosen;
}

/**
 * Who gives up an ID to whom, one a line.
 * @param {Pick<RosterPlan, 'retired'>} plan
 */
export function retiredLines({ retired }) {
  return retired.map(({ student_id: id, before, name }) => t('people.retired', { id, former: before, name }));
}

/** The numbers of a report, in the order in which they are told. */
const TOLD = /** @type {const} */ ([
  'new_courses',
  'changed_courses',
  'added',
  'updated',
  'restored',
  'joining',
  'moving',
  'leaving',
  'new_staff',
]);

/**
 * A sentence for each number that is not zero; one that nothing changes, if all are.
 * @param {NightlyReport} report
 * @returns {string[]}
 */
export function nightlyFacts(report) {
  const told = TOLD.filter((name) => report[name] > 0).map((name) => t(`nightly.${name}`, { count: report[name] }));
  return told.length > 0 ? told : [t('nightly.nothing')];
}

/**
 * The courses that somebody would leave, each with who they are.
 * @param {NightlyReport} report
 * @returns {{ title: string, names: string[] }[]}
 */
export function nightlyLeaving({ courses }) {
  return courses
    .filter(({ leaving }) => leaving > 0)
    .map(({ code, term, leaving, of, leaving_students: students }) => ({
      title: t('nightly.leaving_of', { code, term, leaving, of }),
      names: studentLines(students, leaving),
    }));
}

/**
 * What is left out and why, a line each.
 * @param {NightlyReport} report
 */
export function nightlyWarnings({ warnings }) {
  return warnings.map(({ file, line, message }) =>
    line > 0 ? t('nightly.line', { file, line, message }) : t('nightly.file', { file, message }),
  );
}

/**
 * Lines whose ID is another person's by now, or looks damaged. They stop the whole file.
 * @param {NightlyReport} report
 */
export function nightlyOpen({ handed, damaged }) {
  return [
    ...handed.map(({ student_id: id, name, before }) => t('nightly.handed', { id, name, former: before })),
    ...damaged.map(({ student_id: id, name, listed: known, why }) => t('nightly.damaged', { id, name, known, why })),
  ];
}
