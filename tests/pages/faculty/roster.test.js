import assert from 'node:assert/strict';
import test from 'node:test';

import '../support/english.js';
import {
  alikeWords,
  moreTimeWords,
  counts,
  faceWords,
  importShown,
  initial,
  matchWords,
  next,
  nextUnregistered,
  PAGE_ROWS,
  pollSeconds,
  rosterReport,
  todayWords,
  visible,
} from '../../../static/js/logic/faculty/roster.js';
import { plain } from '../../../static/js/logic/names.js';

const student = (key, more = {}) => ({
  key,
  student_id: key,
  name: `Name ${key}`,
  email: '',
  registered: false,
  uses_faces: true,
  needs_again: false,
  faces: 0,
  sources: [],
  removed: false,
  today: null,
  paused: false,
  alike: [],
  consent: { state: 'given' },
  role: 'lecturer',
  ...more,
});
const today = { record_id: 'r', local_time: '09:03', method: 'kiosk' };
const listed = (students) => next(initial, { type: 'listed', students, date: '2026-11-22', now: 1 });
const mixed = listed([
  student('1', { name: 'Zoë Müller', registered: true, sources: ['camera'], today }),
  student('CS/2021/002', { name: 'Li Wei', email: 'li@example.edu' }),
  student('3', { registered: true, sources: ['photo'] }),
  student('4', { needs_again: true, today: { ...today, method: 'by_hand' } }),
]);
const keys = (state) => visible(state).rows.map(({ key }) => key);

test('filters and counts agree', () => {
  assert.deepEqual(counts(mixed.students), {
    all: 4,
    faces: 4,
    registered: 2,
    unregistered: 2,
    present: 2,
    absent: 2,
    again: 1,
  });
  for (const filter of ['all', 'registered', 'unregistered', 'present', 'absent']) {
    assert.equal(visible(next(mixed, { type: 'filter', filter })).matches, counts(mixed.students)[filter], filter);
  }
});

test('search finds name, ID and email address, without case and accents', () => {
  for (const [text, found] of [
    ['muller', ['1']],
    ['cs/2021', ['CS/2021/002']],
    ['LI@EX', ['CS/2021/002']],
    ['  zoë ', ['1']],
    ['nobody', []],
  ]) {
    assert.deepEqual(keys(next(mixed, { type: 'search', text })), found, text);
  }
});

test('5 000 students are drawn a hundred at a time', () => {
  const many = listed(Array.from({ length: 5000 }, (_, place) => student(String(place))));
  assert.equal(visible(many).rows.length, PAGE_ROWS);
  assert.equal(visible(many).matches, 5000);
  const more = next(many, { type: 'more' });
  assert.equal(visible(more).rows.length, 2 * PAGE_ROWS);
  assert.equal(visible(next(more, { type: 'search', text: '4' })).rows.length, PAGE_ROWS);
  assert.ok(pollSeconds(10) > pollSeconds(1));
});

test('changes of one student are taken in place; the removed leave', () => {
  const changed = next(mixed, { type: 'student', student: student('3', { name: 'New' }) });
  assert.deepEqual(changed.students.map(({ name }) => name)[2], 'New');
  assert.equal(next(mixed, { type: 'student', student: student('9') }).students.length, 5);
  assert.equal(next(mixed, { type: 'student', student: student('3', { removed: true }) }).students.length, 3);
  assert.equal(next(mixed, { type: 'gone', key: '1' }).students.length, 3);
  assert.equal(listed([student('1', { removed: true })]).students.length, 0);
});

test('the next without a face comes after the last, then from the top', () => {
  assert.equal(nextUnregistered(mixed.students).key, 'CS/2021/002');
  assert.equal(nextUnregistered(mixed.students, 'CS/2021/002').key, '4');
  assert.equal(nextUnregistered(mixed.students, '4').key, 'CS/2021/002');
  assert.equal(nextUnregistered([student('1', { registered: true })]), null);
  assert.equal(nextUnregistered([student('1', { role: 'viewer' }), student('2', { role: null })]), null);
  assert.equal(nextUnregistered([student('1')], '1'), null);
});

test('states are said in words, not by colour alone', () => {
  const [zoe, li, photo, again] = mixed.students;
  assert.deepEqual(
    [zoe, li, again].map((one) => faceWords(one).text),
    ['Registered', 'Not registered', 'Needs registering again'],
  );
  assert.equal(faceWords(photo).detail, 'from a photo');
  const detail = (...sources) => faceWords({ ...photo, sources }).detail;
  assert.equal(detail('camera_straight'), 'looking straight only');
  assert.equal(detail('camera_straight', 'photo'), 'looking straight only');
  assert.equal(detail('camera', 'camera_straight'), '', 'some pictures show turns');
  assert.equal(detail('check_in'), '', 'taken at a check-in, not from a photo');
  const straightTwin = { ...photo, sources: ['camera_straight'], alike: ['1'] };
  assert.equal(faceWords(straightTwin).detail, 'looking straight only, code asked too');
  assert.deepEqual([todayWords(zoe).text, todayWords(zoe).detail], ['Present 09:03', '']);
  assert.equal(todayWords(again).detail, 'by hand');
  assert.equal(todayWords(li).text, 'Not yet');
});

test('a roster report says what happened', () => {
  assert.equal(rosterReport({ added: 2, updated: 1, restored: 0, unchanged: 27 }), '2 added, 1 updated, 27 unchanged');
  assert.equal(rosterReport({ added: 100000, updated: 0, restored: 0, unchanged: 0 }), '100,000 added');
  assert.equal(rosterReport({ added: 0, updated: 0, restored: 0, unchanged: 30 }), '0 added, 30 unchanged');
});

test('who looks like somebody else is marked, and what is to be done is said', () => {
  const twin = student('1', { name: 'Ann', registered: true, alike: ['2'] });
  assert.equal(faceWords(twin).detail, 'code asked too');
  const other = { key: '2', student_id: '007', name: 'Amy' };
  assert.match(plain(alikeWords(twin, [other], true)), /^Ann looks like Amy \(007\)\. .*personal code too\.$/);
  assert.match(alikeWords(twin, [other], false), /there is none yet: give one/);
});

test('an import shows how far it is', () => {
  assert.deepEqual(importShown(null), { stage: 'Reading the file…', count: '', value: null, max: null });
  assert.equal(importShown({ stage: 'reading', done: 12000, total: null }).count, '12,000 read');
  assert.deepEqual(importShown({ stage: 'writing', done: 34000, total: 100000 }), {
    stage: 'Putting the students on the list…',
    count: '34,000 of 100,000',
    value: 34000,
    max: 100000,
  });
});

test('what a search leaves is told in words, and why it leaves nobody', () => {
  const told = (event) => matchWords(next(mixed, event));
  assert.equal(told({ type: 'search', text: 'name' }), '2 students found.');
  assert.equal(told({ type: 'search', text: 'zoë' }), '1 student found.');
  assert.equal(told({ type: 'search', text: ' zz ' }), 'No student matches “zz”.');
  assert.equal(
    matchWords(next(listed([student('1')]), { type: 'filter', filter: 'present' })),
    'Nobody has checked in today yet.',
  );
});

test('many changed at once keep their places', () => {
  const state = listed([student('1'), student('2'), student('3')]);
  const changed = next(state, {
    type: 'changed',
    students: [student('3', { name: 'C' }), student('1', { name: 'A' })],
  });
  assert.deepEqual(
    changed.students.map(({ name }) => name),
    ['A', 'Name 2', 'C'],
  );
});

test('more time at check-in is offered, and said once it is given', () => {
  const ann = student('1', { name: 'Ann' });
  assert.equal(moreTimeWords(ann).offer, 'More time at check-in');
  assert.equal(moreTimeWords({ ...ann, more_time: true }).offer, 'Usual time at check-in');
  assert.match(plain(moreTimeWords({ ...ann, more_time: true }).done), /^Ann has three times as long/);
});

test('whose face no course uses is not asked to register it, and is not counted', () => {
  const without = student('1', { uses_faces: false });
  const kept = student('2', { uses_faces: false, registered: true, sources: ['camera'] });
  const asked = student('3');
  const students = [without, kept, asked];
  assert.equal(nextUnregistered(students).key, '3');
  assert.equal(nextUnregistered([without, kept]), null);
  const { faces, registered, unregistered } = counts(students);
  assert.deepEqual([faces, registered, unregistered], [2, 1, 1]);
  assert.equal(faceWords(without).text, 'No face used');
  assert.equal(faceWords(kept).text, 'Registered');
});
