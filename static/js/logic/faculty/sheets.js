// Sheets in words, and the entry of one that was signed on paper.

import { t } from '../../lib/messages.js';
import { dayInWords } from '../time.js';
import { dayOf, meetingTimes } from './meetings.js';
import { setOff } from '../names.js';
import { percentWords } from './percentages.js';

/** A page across holds this many classes beside the names. */
const CLASSES_A_PAGE = 20;

/** @type {Record<string, GivenStatus>} */
const KEYS = { p: 'present', l: 'late', e: 'excused', a: 'absent' };

/** @param {SheetClass} meeting */
export function sheetClassLine(meeting) {
  const { starts, room, groups, zone } = meeting;
  const parts = [
    dayInWords(dayOf(starts)),
    meetingTimes(meeting),
    zone,
    setOff(room ?? ''),
    groups.map(setOff).join(', '),
  ];
  return parts.filter(Boolean).join(' · ');
}

/** @param {SheetTotals} totals */
export function totalsInWords({ held, present, late, excused, absent }) {
  return t('sheet.totals', { held, present, late, excused, absent });
}

/**
 * The percentage with its formula beside it.
 * @param {SheetTotals} totals
 */
export function attendedInWords({ percent, formula }) {
  const words = { percent: percentWords(percent), formula };
  return t(percent === null ? 'sheet.attended' : 'sheet.attended_by', words);
}

/**
 * Classes as they fit on pages, each part with the place of its first.
 * @param {SheetClass[]} meetings
 * @returns {{ from: number, meetings: SheetClass[] }[]}
 */
export function pagesOf(meetings) {
  const pages = [];
  for (let from = 0; from < meetings.length; from += CLASSES_A_PAGE) {
    pages.push({ from, meetings: meetings.slice(from, from + CLASSES_A_PAGE) });
  }
  return pages.length > 0 ? pages : [{ from: 0, meetings: [] }];
}

/**
 * What a key does on the row that has the focus: it enters a status and moves on, moves, or clears what was entered.
 * @param {string} key
 * @returns {{ status: GivenStatus } | { move: -1 | 1 } | { clear: true } | null}
 */
export function entryAct(key) {
  const letter = key.toLowerCase();
  if (Object.hasOwn(KEYS, letter)) return { status: KEYS[letter] };
  if (key === 'ArrowUp') return { move: -1 };
  if (key === 'ArrowDown') return { move: 1 };
  return key === 'Backspace' || key === 'Delete' ? { clear: true } : null;
}

/**
 * Everybody for whom nothing was entered gets this status.
 * @param {ClassSheetRow[]} rows
 * @param {EnteredMarks} entered
 * @param {GivenStatus} status
 * @returns {EnteredMarks}
 */
export function filledUp(rows, entered, status) {
  return { ...Object.fromEntries(rows.map(({ student }) => [student.key, status])), ...entered };
}

/**
 * The marks of a sheet, in its order. Each names the mark that the row shows.
 * @param {ClassSheetRow[]} rows
 * @param {EnteredMarks} entered
 * @returns {Mark[]}
 */
export function marksOf(rows, entered) {
  return rows
    .filter(({ student }) => student.key in entered)
    .map(({ student, mark }) => ({ student: student.key, status: entered[student.key], replaces: mark }));
}
