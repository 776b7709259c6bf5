import assert from 'node:assert/strict';
import test from 'node:test';

import { ENGLISH } from '../support/english.js';
import {
  arrivals,
  arrivalWords,
  barParts,
  countsInWords,
  filterCounts,
  initial,
  keyAct,
  markNow,
  marksFor,
  matches,
  next,
  otherRooms,
  pollSeconds,
  shownRows,
  statusWords,
  whyWords,
} from '../../../static/js/logic/faculty/meeting_register.js';

const row = (key, status, more = {}) => ({
  student: { key, student_id: `2026-${key}`, name: `Name ${key}` },
  status,
  why: { code: 'not_yet', params: { until: '11:30' } },
  check_in: null,
  mark: null,
  remark: null,
  at: null,
  ...more,
});
const register = (rows, more = {}) => ({
  meeting: { key: 'm1', phase: 'open' },
  counts: {},
  rows,
  visitors: [],
  remarks: [],
  may_mark: true,
  ...more,
});
const CLASS = register([
  row('d', 'present', { check_in: 'r1' }),
  row('c', 'late', { check_in: 'r2' }),
  row('b', 'not_yet'),
  row('a', 'absent', { mark: 'k1', why: { code: 'marked_absent', params: {} } }),
  row('e', 'excused', { mark: 'k2', why: { code: 'marked_excused', params: {} } }),
]);
const listed = (of = CLASS, state = initial) => next(state, { type: 'listed', register: of });
const keys = (state) => shownRows(state).map(({ student }) => student.key);
const filtered = (filter) => next(listed(), { type: 'filter', filter });

test('who is missing comes first', () => {
  assert.deepEqual(keys(listed()), ['b', 'a']);
  assert.deepEqual(keys(filtered('all')), ['b', 'a', 'c', 'e', 'd']);
  assert.deepEqual(keys(filtered('late')), ['c']);
  assert.deepEqual(keys(filtered('constructor')), ['b', 'a', 'c', 'e', 'd']);
  assert.deepEqual(filterCounts(CLASS), { missing: 2, late: 1, present: 1, excused: 1, all: 5 });
});

test('a row stays where it is until the list is sorted again', () => {
  const came = register(
    CLASS.rows.map((one) => (one.student.key === 'b' ? row('b', 'present', { check_in: 'r9' }) : one)),
  );
  const later = listed(came, listed());
  assert.deepEqual(keys(later), ['b', 'a']);
  assert.equal(shownRows(later)[0].status, 'present');
  assert.deepEqual(keys(next(later, { type: 'settle' })), ['a']);
});

test('a new student is added, one who left is gone, and another class begins anew', () => {
  const without = register([row('z', 'not_yet'), ...CLASS.rows.filter(({ student }) => student.key !== 'b')]);
  assert.deepEqual(keys(listed(without, listed())), ['a', 'z']);
  const other = listed(register([row('x', 'not_yet')], { meeting: { key: 'm2', phase: 'open' } }), filtered('late'));
  assert.equal(other.filter, 'missing');
  assert.deepEqual(keys(other), ['x']);
  assert.equal(next(other, { type: 'left' }).register, null);
});

test('every word of a search is looked for, in any order', () => {
  const student = { student_id: '2026-7', name: 'Fátima Taylor' };
  for (const search of ['', 'taylor fatima', 'fat 2026', '  TAYLOR ']) assert.ok(matches(student, search), search);
  assert.ok(!matches(student, 'taylor anna'));
  assert.deepEqual(keys(next(filtered('all'), { type: 'search', text: 'name b' })), ['b']);
});

test('a mark shows at once, and what it replaces is named', () => {
  const marks = marksFor(listed(), ['a', 'b'], 'late');
  assert.deepEqual(
    marks.toSorted((one, two) => one.student.localeCompare(two.student)),
    [
      { student: 'a', status: 'late', replaces: 'k1' },
      { student: 'b', status: 'late', replaces: null },
    ],
  );
  const marking = next(listed(), { type: 'marking', marks });
  assert.deepEqual(
    shownRows(marking).map(({ pending }) => pending),
    ['late', 'late'],
  );
  const refused = next(marking, { type: 'not_marked', marks });
  assert.ok(shownRows(refused).every(({ pending }) => pending === null));
  assert.equal(refused.undo.length, 0);
});

function marked(state, student, status, id) {
  const marks = marksFor(state, [student], status);
  const before = [markNow(state, student)];
  return next(state, { type: 'marked', marks, records: [{ id, student, status }], before });
}

test('undo clears a first mark and brings an earlier one back', () => {
  const state = marked(marked(listed(), 'b', 'present', 'k7'), 'a', 'excused', 'k8');
  assert.deepEqual(
    state.undo.map(({ back }) => back),
    [[{ student: 'b', status: 'as_recorded', replaces: 'k7' }], [{ student: 'a', status: 'absent', replaces: 'k8' }]],
  );
});

test('undo brings back the remark of an earlier mark, and its time', () => {
  const marks = { mark: 'k1', why: { code: 'marked_late', params: {} }, remark: 'left', at: '10:15' };
  const state = marked(listed(register([row('a', 'late', marks)])), 'a', 'present', 'k2');
  assert.deepEqual(state.undo[0].back, [{ student: 'a', status: 'late', remark: 'left', at: '10:15', replaces: 'k2' }]);
  const untimed = marked(listed(register([row('a', 'late', { ...marks, at: null })])), 'a', 'present', 'k2');
  assert.deepEqual(untimed.undo[0].back, [{ student: 'a', status: 'late', remark: 'left', replaces: 'k2' }]);
});

test('what undid a later mark is what the undoing of an earlier one replaces', () => {
  const first = marked(listed(), 'a', 'late', 'k7');
  const seen = listed(register([row('a', 'late', { mark: 'k7', why: { code: 'marked_late', params: {} } })]), first);
  const second = marked(seen, 'a', 'excused', 'k8');
  const step = second.undo.at(-1);
  assert.deepEqual(step.back, [{ student: 'a', status: 'late', replaces: 'k8' }]);
  const undone = next(second, { type: 'undone', step, records: [{ id: 'k9', student: 'a', status: 'late' }] });
  assert.deepEqual(undone.undo[0].back, [{ student: 'a', status: 'absent', replaces: 'k9' }]);
});

test('an undo that was refused can be tried again, and its row waits no more', () => {
  const state = marked(listed(), 'b', 'present', 'k7');
  const step = state.undo.at(-1);
  const marking = next(state, { type: 'marking', marks: step.back });
  const refused = next(marking, { type: 'not_marked', marks: step.back });
  assert.ok(shownRows(refused).every(({ pending }) => pending === null));
  assert.equal(refused.undo.at(-1), step);
});

test('what undid marks is found by its student, in whatever order the server answers', () => {
  const both = next(listed(), {
    type: 'marked',
    marks: marksFor(listed(), ['a', 'e'], 'late'),
    records: ['a', 'e'].map((student) => ({ id: `${student}1`, student, status: 'late' })),
    before: [{ status: 'absent' }, { status: 'excused' }],
  });
  const later = marked(marked(both, 'a', 'present', 'a2'), 'e', 'present', 'e2');
  const step = { marks: [], back: ['a', 'e'].map((student) => ({ student, status: 'late', replaces: null })) };
  const records = ['e', 'a'].map((student) => ({ id: `${student}3`, student, status: 'late' }));
  const { undo } = next(later, { type: 'undone', step, records });
  assert.deepEqual(
    undo.at(-3).back.map(({ student, replaces }) => [student, replaces]),
    [
      ['a', 'a3'],
      ['e', 'e3'],
    ],
  );
});

test('a check-in after an absence leaves the mark what it was', () => {
  const came = row('a', 'present', { mark: 'k1', check_in: 'r1', why: { code: 'came_after_mark', params: {} } });
  assert.deepEqual(markNow(listed(register([came])), 'a'), { status: 'absent' });
  assert.deepEqual(markNow(listed(), 'b'), { status: 'as_recorded' });
  assert.deepEqual(markNow(listed(), 'nobody'), { status: 'as_recorded' });
});

test('at most 20 marks can be undone', () => {
  let state = listed();
  for (let count = 0; count < 25; count += 1) state = marked(state, 'b', 'present', `k${count}`);
  assert.equal(state.undo.length, 20);
  assert.equal(state.undo.at(-1).back[0].replaces, 'k24');
});

test('keys mark, undo and move', () => {
  assert.deepEqual(keyAct('p'), { mark: 'present' });
  assert.deepEqual(keyAct('L'), { mark: 'late' });
  assert.deepEqual(keyAct('e'), { mark: 'excused' });
  assert.deepEqual(keyAct('a'), { mark: 'absent' });
  assert.deepEqual(keyAct('z'), { undo: true });
  assert.deepEqual(keyAct('ArrowUp'), { move: -1 });
  assert.deepEqual(keyAct('End'), { move: 'last' });
  for (const key of ['x', 'Tab', 'Enter', ' ', 'constructor']) assert.equal(keyAct(key), null, key);
});

test('arrivals are new check-ins, of visitors too, and none at the first look', () => {
  const visitor = { student: { name: 'Vi Sitor' }, check_in: 'v1' };
  const now = register([row('b', 'present', { check_in: 'r9' }), row('d', 'present', { check_in: 'r1' })], {
    visitors: [visitor],
  });
  assert.deepEqual(arrivals(null, now), []);
  assert.deepEqual(arrivals(CLASS, now), ['Name b', 'Vi Sitor']);
  assert.deepEqual(arrivals(now, now), []);
  assert.equal(arrivalWords(['A', 'B']), 'A, B checked in.');
  assert.equal(arrivalWords(['A', 'B', 'C', 'D']), 'A, B, C and 1 more checked in.');
});

test('the bar shows shares, and a sentence says them', () => {
  const counts = { present: 6, late: 1, excused: 0, absent: 0, not_yet: 3, visitors: 2, of: 10 };
  assert.deepEqual(
    barParts(counts).map(({ name, share }) => [name, share]),
    [
      ['present', 60],
      ['late', 10],
      ['not_yet', 30],
    ],
  );
  assert.equal(countsInWords(counts), '6 present, 1 late, 0 excused, 0 absent, 3 not yet, of 10.');
  assert.deepEqual(barParts({ ...counts, present: 0, late: 0, not_yet: 0, of: 0 }), []);
});

test('every reason is a sentence, and an unknown one is silent', () => {
  const params = { time: '10:14', until: '10:10', opens: '09:45' };
  const codes = Object.keys(ENGLISH.messages).filter((key) => key.startsWith('why.'));
  assert.ok(codes.length > 20);
  for (const key of codes) assert.match(whyWords({ code: key.slice(4), params }), /^[A-Z].*[.?]$/, key);
  const late = { code: 'late', params: { time: '10:14', until: '10:10' } };
  assert.equal(whyWords(late), 'Late: checked in at 10:14, on time until 10:10.');
  assert.equal(whyWords({ code: 'never_heard_of', params: {} }), '');
  assert.equal(whyWords({ code: 'late', params: {} }), '');
});

test('each status has a word', () => {
  for (const status of ['present', 'late', 'excused', 'absent', 'not_yet', 'not_taken', null]) {
    assert.notEqual(statusWords(status), '');
  }
});

test('an open class is looked at more often', () => {
  assert.ok(pollSeconds('open') < pollSeconds('closed'));
});

test('several members in another room are named together', () => {
  const visitor = (key, kind, room) => ({ student: { key }, kind, room });
  const visitors = [
    visitor('a', 'other_room', 'Hall C'),
    visitor('b', 'not_a_member', 'Hall C'),
    visitor('c', 'other_room', 'Hall D'),
    visitor('d', 'other_room', 'Hall C'),
    visitor('e', 'other_room', null),
    visitor('f', 'other_room', null),
  ];
  assert.deepEqual(
    otherRooms(visitors).map(({ room, visitors: there }) => [room, there.map(({ student }) => student.key)]),
    [['Hall C', ['a', 'd']]],
  );
  assert.deepEqual(otherRooms([]), []);
});
