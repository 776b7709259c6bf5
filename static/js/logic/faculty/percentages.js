// Percentages in words, who is shown of a course's grid, and what a form for a policy says.

import { t } from '../../lib/messages.js';
import { dayInWords } from '../time.js';

/** @param {number | null} percent */
export function percentWords(percent) {
  return percent === null ? t('percentage.none') : t('percentage.value', { percent });
}

/**
 * The formula and everything that it leaves out, a sentence each.
 * @param {Percentage} found
 * @param {PercentagePolicy} policy
 * @returns {string[]}
 */
export function explained(found, policy) {
  const { counts, formula, best, may_miss: mayMiss } = found;
  const sentences = [t(`percentage.${policy.basis}_${policy.unit}`, { formula, percent: percentWords(found.percent) })];
  if (found.percent === null) sentences[0] = t('percentage.nothing');
  const { held, present, late, excused, absent } = counts;
  sentences.push(t('percentage.counts', { held, present, late, excused, absent }));
  if (counts.make_ups > 0) sentences.push(t('percentage.make_ups', { count: counts.make_ups }));
  if (found.excused_left_out > 0) sentences.push(t('percentage.excused_out', { count: found.excused_left_out }));
  if (found.free_absences_used > 0) sentences.push(t('percentage.free_used', { count: found.free_absences_used }));
  if (counts.to_come > 0 && best !== null) sentences.push(t('percentage.best', { percent: percentWords(best) }));
  if (counts.to_come > 0 && mayMiss !== null && !found.low.includes('under_limit')) {
    sentences.push(t('percentage.may_miss', { count: mayMiss }));
  }
  return [...sentences, ...lowWords(found, policy)];
}

/**
 * Why attendance is low, a sentence for each reason.
 * @param {Percentage} found
 * @param {Pick<PercentagePolicy, 'limit'>} policy
 */
export function lowWords({ low, absent_in_row: count }, { limit }) {
  return low
    .filter((reason) => reason !== 'may_miss_none') // "may miss no more" says it
    .map((reason) => t(`percentage.${reason}`, { count, limit: percentWords(limit) }));
}

/**
 * The rows of a grid to show: all or those with low attendance, by name or the lowest first. Visitors are the last of all.
 * @param {Pick<CourseRegister, 'rows' | 'visitors'>} register
 * @param {{ onlyLow: boolean, lowestFirst: boolean }} wanted
 * @returns {GridRow[]}
 */
export function shownRows({ rows, visitors }, { onlyLow, lowestFirst }) {
  const shown = onlyLow ? rows.filter(({ percentage }) => percentage.low.length > 0) : rows;
  const rank = (/** @type {CourseRegister['rows'][number]} */ { percentage }) => percentage.percent ?? Infinity;
  const ordered = lowestFirst ? shown.toSorted((one, two) => rank(one) - rank(two) || 0) : shown;
  return onlyLow ? ordered : [...ordered, ...visitors.map((row) => ({ ...row, percentage: null }))];
}

/** What staff may say of a visitor whom they accepted. @type {MarkStatus[]} */
const OF_VISITOR = ['present', 'late', 'as_recorded'];

/**
 * Whether a cell of the grid takes this mark: of a visitor, those that were accepted alone.
 * @param {GridRow} row
 * @param {RegisterCell} cell
 * @param {MarkStatus} status
 */
export function takesMark({ percentage }, { mark }, status) {
  return percentage !== null || (mark !== null && OF_VISITOR.includes(status));
}

/** @param {string} text */
function percentTyped(text) {
  const typed = text.trim().replace(',', '.');
  return /^\d{1,3}(\.\d)?$/.test(typed) && Number(typed) <= 100 ? Number(typed) : null;
}

/**
 * @param {string} text
 * @param {number} least
 */
function countTyped(text, least) {
  const typed = text.trim();
  return /^\d{1,3}$/.test(typed) && Number(typed) >= least && Number(typed) <= 100 ? Number(typed) : null;
}

/**
 * What a form for a policy says, or which fields are wrong. Fields of remarks are named `remark:CODE`.
 * @param {Record<string, string>} typed
 * @returns {{ policy: PercentagePolicy } | { wrong: string[] }}
 */
export function policyTyped(typed) {
  const blank = (/** @type {string} */ field) => (typed[field] ?? '').trim() === '';
  const given = Object.keys(typed).filter((field) => field.startsWith('remark:') && !blank(field));
  const numbers = {
    late: percentTyped(typed.late),
    free_absences: countTyped(typed.free_absences, 0),
    excused: blank('excused') ? undefined : percentTyped(typed.excused),
    limit: blank('limit') ? undefined : percentTyped(typed.limit),
    in_row: blank('in_row') ? undefined : countTyped(typed.in_row, 1),
    ...Object.fromEntries(given.map((field) => [field, percentTyped(typed[field])])),
  };
  const wrong = Object.entries(numbers).flatMap(([field, number]) => (number === null ? [field] : []));
  if (wrong.length > 0) return { wrong };
  /** @type {Record<string, number | null | undefined>} */
  const all = numbers;
  return {
    policy: {
      unit: /** @type {PercentagePolicy['unit']} */ (typed.unit),
      basis: /** @type {PercentagePolicy['basis']} */ (typed.basis),
      late: all.late ?? 0,
      excused: all.excused ?? null,
      free_absences: all.free_absences ?? 0,
      remarks: given.map((field) => ({ code: field.slice('remark:'.length), weight: all[field] ?? 0 })),
      limit: all.limit ?? null,
      in_row: all.in_row ?? null,
    },
  };
}

/** @param {LowStudent} student */
export function lastAttendedWords({ last_attended: day, days_since: days }) {
  return day === null ? t('low.never') : t('low.last', { day: dayInWords(day), days: days ?? 0 });
}

/** @param {LowStudent} student */
export function lowStudentWords(student) {
  const courses = student.courses.map(({ code, percentage }) =>
    t('low.course', { code, percent: percentWords(percentage.percent), formula: percentage.formula }),
  );
  return [...courses, t('low.in_row', { count: student.absent_in_row }), lastAttendedWords(student)];
}

/** @param {Contact | null} contact */
export function contactWords(contact) {
  if (!contact) return t('low.not_contacted');
  return t('low.contacted', { day: dayInWords(contact.on), by: contact.by, outcome: contact.outcome });
}
