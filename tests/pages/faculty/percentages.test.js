import assert from 'node:assert/strict';
import test from 'node:test';

import {
  contactWords,
  explained,
  lastAttendedWords,
  lowWords,
  percentWords,
  policyTyped,
  shownRows,
  takesMark,
} from '../../../static/js/logic/faculty/percentages.js';
import '../support/english.js';

/** @param {Partial<Percentage>} [more] */
function found(more = {}) {
  return /** @type {Percentage} */ ({
    percent: 75,
    exact: '3/4',
    formula: '3 / 4',
    counts: { held: 5, present: 3, late: 0, excused: 1, absent: 1, make_ups: 0, to_come: 4 },
    free_absences_used: 0,
    excused_left_out: 1,
    best: 87.5,
    absent_in_row: 0,
    may_miss: 1,
    low: [],
    ...more,
  });
}

/** @type {PercentagePolicy} */
const POLICY = {
  unit: 'meetings',
  basis: 'held',
  late: 100,
  excused: null,
  free_absences: 0,
  remarks: [],
  limit: 75,
  in_row: 3,
};

test('a percentage is explained with all that it leaves out', () => {
  assert.deepEqual(explained(found(), POLICY), [
    '3 / 4 = 75 % of the classes held so far.',
    'Held 5: present 3, late 0, excused 1, absent 1.',
    '1 excused class is left out.',
    'Still possible: 87.5 %.',
    'May miss 1 more class.',
  ]);
  const hours = { ...POLICY, unit: /** @type {const} */ ('hours'), basis: /** @type {const} */ ('best') };
  assert.match(
    explained(found({ formula: '3 h / 4 h' }), hours)[0],
    /^3 h \/ 4 h = 75 % of all planned hours, if none/,
  );
});

test('without anything held there is a dash, and no formula', () => {
  assert.equal(percentWords(null), '-');
  assert.equal(explained(found({ percent: null, formula: '0 / 0' }), POLICY)[0], 'No class counts yet.');
});

test('why attendance is low', () => {
  const low = found({ percent: 50, low: ['under_limit', 'absent_in_row'], absent_in_row: 3, may_miss: 0 });
  assert.deepEqual(lowWords(low, POLICY), ['Below the limit of 75 %.', 'Absent 3 times in a row.']);
  assert.ok(!explained(low, POLICY).some((sentence) => sentence.includes('May miss')), 'it is too late for that');
  const none = found({ low: ['may_miss_none'], may_miss: 0 });
  assert.ok(explained(none, POLICY).includes('May miss no more.'));
});

test('rows are filtered and ordered', () => {
  const row = (/** @type {string} */ name, /** @type {number | null} */ percent, /** @type {LowReason[]} */ low = []) =>
    /** @type {CourseRegister['rows'][number]} */ ({
      student: { key: name, student_id: name, name },
      cells: [],
      percentage: found({ percent, low }),
    });
  const rows = [row('Ann', 90), row('Bob', null), row('Cat', 40, ['under_limit'])];
  const register = { rows, visitors: [row('Abe', null)] };
  const names = (/** @type {GridRow[]} */ shown) => shown.map(({ student }) => student.name).join();
  assert.equal(names(shownRows(register, { onlyLow: false, lowestFirst: false })), 'Ann,Bob,Cat,Abe');
  assert.equal(names(shownRows(register, { onlyLow: false, lowestFirst: true })), 'Cat,Ann,Bob,Abe');
  assert.equal(names(shownRows(register, { onlyLow: true, lowestFirst: false })), 'Cat');
  const shown = shownRows(register, { onlyLow: false, lowestFirst: false });
  assert.deepEqual([shown[0].percentage?.percent, shown[3].percentage], [90, null], 'no percentage counts a visit');
});

test('which marks a cell of the grid takes', () => {
  const cell = (/** @type {string | null} */ mark) => /** @type {RegisterCell} */ ({ mark });
  const row = (/** @type {Percentage | null} */ percentage) => /** @type {GridRow} */ ({ percentage });
  assert.ok(takesMark(row(found()), cell(null), 'absent'));
  assert.ok(takesMark(row(null), cell('9-0'), 'late'), 'a visitor who was accepted');
  assert.ok(!takesMark(row(null), cell('9-0'), 'absent'), 'nobody expected the visitor');
  assert.ok(!takesMark(row(null), cell(null), 'present'), 'a class that the visitor did not come to');
});

test('a form for a policy', () => {
  const typed = {
    unit: 'meetings',
    basis: 'held',
    late: '80',
    excused: '',
    free_absences: '2',
    limit: '66,7',
    in_row: '',
    'remark:left_early': '50',
    'remark:online': ' ',
  };
  assert.deepEqual(policyTyped(typed), {
    policy: {
      ...POLICY,
      late: 80,
      free_absences: 2,
      limit: 66.7,
      in_row: null,
      remarks: [{ code: 'left_early', weight: 50 }],
    },
  });
  const wrong = { ...typed, late: '', limit: '101', in_row: '0', free_absences: '1.5', 'remark:online': 'half' };
  assert.deepEqual(policyTyped(wrong), { wrong: ['late', 'free_absences', 'limit', 'in_row', 'remark:online'] });
  assert.deepEqual(policyTyped({ ...typed, excused: '33.33' }), { wrong: ['excused'] });
});

test('when somebody was last seen and contacted', () => {
  const row = /** @type {LowStudent} */ ({ last_attended: '2026-11-20', days_since: 3 });
  assert.match(lastAttendedWords(row), /^Last attended .*20 Nov.*, 3 days ago$/);
  assert.match(lastAttendedWords({ ...row, last_attended: null, days_since: null }), /^Never attended/);
  assert.equal(contactWords(null), 'Not contacted');
  assert.match(
    contactWords({ key: 'k', on: '2026-11-20', by: 'Ada', outcome: 'No answer' }),
    /^Contacted .* by Ada: No answer$/,
  );
});
