// The sheet of a course: the term as a grid, with totals, on as many pages as it needs.

import { make } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { courseTitle } from '../../logic/faculty/courses.js';
import { clockOf, dayOf } from '../../logic/faculty/meetings.js';
import { percentWords } from '../../logic/faculty/percentages.js';
import { pagesOf } from '../../logic/faculty/sheets.js';
import { dayInWords } from '../../logic/time.js';
import { sheetFoot, sheetHead, sheetTable, studentHeads, studentLine } from './sheet_parts.js';
import { setOff } from '../../logic/names.js';

/** @type {Exclude<keyof SheetTotals, 'formula'>[]} */
const TOTALS = ['held', 'present', 'late', 'excused', 'absent', 'percent'];

/** @param {CourseSheet} sheet */
export function courseSheet({ course, meetings, rows, visitors, evidence }) {
  const pages = pagesOf(meetings);
  const zones = [...new Set(meetings.map(({ zone }) => zone))];
  const tables = pages.map(({ from, meetings: shown }, page) => {
    const last = page === pages.length - 1;
    const heads = [...studentHeads(), ...shown.map(classHead), ...(last ? TOTALS.map(totalHead) : [])];
    const lines = [...rows, ...visitors.map((row) => ({ ...row, totals: null }))].map(
      ({ student, statuses, totals }, place) =>
        studentLine(place + 1, student, [
          ...statuses.slice(from, from + shown.length).map(statusCell),
          ...(last ? totalCells(totals) : []),
        ]),
    );
    const part = t('sheet.part', { course: courseTitle(course), part: page + 1, of: pages.length });
    return sheetTable('sheet-grid', heads, lines, part, pages.length > 1 ? part : '');
  });
  return [
    sheetHead(courseTitle(course), [[setOff(course.term), ...zones].join(' · ')]),
    ...tables,
    make('p', { className: 'sheet-legend', text: t('grid.legend') }),
    ...(visitors.length > 0 ? [make('p', { className: 'sheet-legend', text: t('sheet.visitors') })] : []),
    sheetFoot(evidence),
  ];
}

/** @param {SheetClass} meeting */
function classHead({ starts, title, groups }) {
  const when = `${dayInWords(dayOf(starts))} ${clockOf(starts)}`;
  const text = [when, title, groups.join(', ')].filter(Boolean).join(' · ');
  return make('th', { scope: 'col', className: 'sheet-upright' }, [make('span', { text })]);
}

/** @param {Exclude<keyof SheetTotals, 'formula'>} name */
function totalHead(name) {
  const text = name === 'held' || name === 'percent' ? t(`sheet.${name}`) : t(`status.${name}`);
  return make('th', { scope: 'col', className: 'sheet-upright sheet-total' }, [make('span', { text })]);
}

/** @param {SheetTotals | null} totals of a visitor, none */
function totalCells(totals) {
  if (totals) return TOTALS.map((name) => totalCell(name, totals));
  return [make('td', { className: 'sheet-status', colspan: String(TOTALS.length), text: t('grid.visitor') })];
}

/**
 * @param {Exclude<keyof SheetTotals, 'formula'>} name
 * @param {SheetTotals} totals
 */
function totalCell(name, totals) {
  if (name !== 'percent') return make('td', { className: 'sheet-total', text: String(totals[name]) });
  const formula = totals.percent === null ? '' : totals.formula;
  return make('td', { className: 'sheet-total', text: percentWords(totals.percent) }, [
    make('span', { className: 'sheet-formula', text: formula }),
  ]);
}

/** @param {AttendanceStatus | null} status */
function statusCell(status) {
  return make('td', { className: 'sheet-status', text: t(`letter.${status ?? 'none'}`) });
}
