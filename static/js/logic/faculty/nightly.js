// What the file of all courses would change of the site, or changed, in sentences.

import { t } from '../../lib/messages.js';
import { studentLines } from './roster_plan.js';

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
    ...handed.map(({ student_id: id, name, before }) => t('nightly.handed', { id, name, before })),
    ...damaged.map(({ student_id: id, name, listed: known, why }) => t('nightly.damaged', { id, name, known, why })),
  ];
}
