import assert from 'node:assert/strict';
import test from 'node:test';

import '../support/english.js';
import {
  attendedInWords,
  entryAct,
  filledUp,
  marksOf,
  pagesOf,
  sheetClassLine,
  totalsInWords,
} from '../../../static/js/logic/faculty/sheets.js';
import { plain } from '../../../static/js/logic/names.js';

const MEETING = {
  key: 'm',
  title: 'Lab 1',
  starts: '2026-11-23T09:00',
  ends: '2026-11-23T11:00',
  zone: 'Europe/Berlin',
  room: 'Hall B',
  groups: ['Lab A'],
};
const ROWS = ['a', 'b', 'c'].map((key, place) => ({
  student: { key, student_id: `00${place}`, name: key },
  status: 'not_taken',
  mark: key === 'b' ? 'r7' : null,
}));

test('a class says its local times with their zone', () => {
  assert.equal(plain(sheetClassLine(MEETING)), 'Mon, 23 Nov 2026 · 09:00–11:00 · Europe/Berlin · Hall B · Lab A');
  assert.equal(
    sheetClassLine({ ...MEETING, room: null, groups: [] }),
    'Mon, 23 Nov 2026 · 09:00–11:00 · Europe/Berlin',
  );
});

test('totals in words', () => {
  const totals = { held: 1, present: 1, late: 0, excused: 0, absent: 0, percent: 100, formula: '1 / 1' };
  assert.equal(totalsInWords(totals), '1 class held: 1 present, 0 late, 0 excused, 0 absent.');
  assert.equal(attendedInWords(totals), 'Attendance: 1 / 1 = 100 %.');
  assert.equal(attendedInWords({ ...totals, percent: null, formula: '0 / 0' }), 'Attendance: -.');
});

test('every class of a term is on one page', () => {
  const meetings = Array.from({ length: 45 }, (_, number) => ({ ...MEETING, key: String(number) }));
  const pages = pagesOf(meetings);
  assert.deepEqual(
    pages.map(({ from, meetings: shown }) => [from, shown.length]),
    [
      [0, 20],
      [20, 20],
      [40, 5],
    ],
  );
  assert.deepEqual(
    pages.flatMap((page) => page.meetings),
    meetings,
  );
  assert.equal(pagesOf([]).length, 1, 'a course without classes still has its names');
});

test('one key enters a status, whatever the case', () => {
  assert.deepEqual(['p', 'L', 'e', 'A'].map(entryAct), [
    { status: 'present' },
    { status: 'late' },
    { status: 'excused' },
    { status: 'absent' },
  ]);
  assert.deepEqual(entryAct('ArrowUp'), { move: -1 });
  assert.deepEqual(entryAct('Backspace'), { clear: true });
  for (const key of ['x', 'Tab', 'Enter', 'constructor', '__proto__']) assert.equal(entryAct(key), null);
});

test('marks are in the order of the sheet, and name what they replace', () => {
  const entered = { c: 'late', b: 'present' };
  assert.deepEqual(marksOf(ROWS, entered), [
    { student: 'b', status: 'present', replaces: 'r7' },
    { student: 'c', status: 'late', replaces: null },
  ]);
  assert.deepEqual(filledUp(ROWS, entered, 'absent'), { a: 'absent', b: 'present', c: 'late' });
  assert.deepEqual(marksOf(ROWS, {}), []);
});
