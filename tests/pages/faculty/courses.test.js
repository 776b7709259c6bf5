import assert from 'node:assert/strict';
import test from 'node:test';

import '../support/english.js';
import {
  courseLine,
  courseTitle,
  daysOfSeries,
  followers,
  gridMove,
  isMemberOn,
  LONGEST_SERIES,
  nextWords,
  rulesTyped,
  weekdayOf,
} from '../../../static/js/logic/faculty/courses.js';
import {
  actsFor,
  changeFor,
  chosenMeeting,
  meetingLine,
  meetingTitle,
  phaseBadge,
  servedWith,
  upcomingAndPast,
} from '../../../static/js/logic/faculty/meetings.js';
import { plain } from '../../../static/js/logic/names.js';

const meeting = (key, phase, more = {}) => ({
  key,
  phase,
  code: 'STAT110',
  title: 'Lecture 9',
  starts: '2026-12-01T10:00',
  ends: '2026-12-01T11:30',
  opens: '2026-12-01T09:45',
  on_time_until: '2026-12-01T10:10',
  room: 'Hall B',
  held: null,
  please_check: false,
  ...more,
});

test('a course and its next class in words', () => {
  assert.equal(courseTitle({ code: 'CS101', title: 'Data' }), 'CS101 · Data');
  assert.equal(courseLine({ term: 'Autumn', students: 1 }), 'Autumn · 1 student');
  assert.equal(courseLine({ term: 'Autumn', students: 180 }), 'Autumn · 180 students');
  const planned = { starts: '2026-12-03T08:00', phase: 'planned' };
  assert.equal(nextWords({ next_meeting: planned }), 'Next class: Thu, 3 Dec 2026, 08:00');
  assert.equal(nextWords({ next_meeting: { ...planned, phase: 'open' } }), 'Open now');
  assert.equal(nextWords({ next_meeting: null }), 'No class planned');
});

test('which other classes of the day one check-in serves', () => {
  const part = (key, starts, more = {}) => meeting(key, 'planned', { block: 'b', starts, ends: starts, ...more });
  const first = part('m1', '2026-12-01T10:00');
  const all = [
    first,
    part('m2', '2026-12-01T11:45'),
    part('m3', '2026-12-01T13:00', { phase: 'cancelled' }),
    part('m4', '2026-12-02T11:45'),
    part('m5', '2026-12-01T15:00', { block: null }),
  ];
  assert.deepEqual(servedWith(first, all), ['11:45–11:45']);
  assert.deepEqual(servedWith(all[4], [...all, { ...all[4], key: 'm6' }]), []);
});

test('a class in words, by its local times', () => {
  assert.equal(meetingTitle(meeting('m', 'open')), 'STAT110 · Lecture 9');
  assert.equal(meetingTitle(meeting('m', 'open', { title: '' })), 'STAT110');
  assert.equal(plain(meetingLine(meeting('m', 'open'))), 'Tue, 1 Dec 2026 · 10:00–11:30 · Hall B');
  assert.equal(meetingLine(meeting('m', 'open', { room: null })), 'Tue, 1 Dec 2026 · 10:00–11:30');
  assert.equal(phaseBadge(meeting('m', 'open')).text, 'Open, late after 10:10');
  assert.equal(phaseBadge(meeting('m', 'planned')).text, 'Opens at 09:45');
  assert.equal(phaseBadge(meeting('m', 'closed', { please_check: true })).text, 'Please check');
});

test('the open class is shown, or the next, or the last, unless another is asked for', () => {
  const day = [meeting('a', 'closed'), meeting('b', 'open'), meeting('c', 'planned')];
  assert.equal(chosenMeeting(day, null)?.key, 'b');
  assert.equal(chosenMeeting(day, 'a')?.key, 'a');
  assert.equal(chosenMeeting(day, 'gone')?.key, 'b');
  assert.equal(chosenMeeting([day[0], day[2]], null)?.key, 'c');
  assert.equal(chosenMeeting([day[0]], null)?.key, 'a');
  assert.equal(chosenMeeting([], null), null);
});

test('what can be done with a class depends on its phase', () => {
  assert.deepEqual(actsFor(meeting('m', 'open')), ['close', 'queue', 'extend', 'cancel']);
  assert.deepEqual(actsFor(meeting('m', 'planned')), ['cancel']);
  assert.deepEqual(actsFor(meeting('m', 'cancelled')), ['restore']);
  assert.deepEqual(actsFor(meeting('m', 'closed')), ['reopen', 'cancel']);
  assert.equal(actsFor(meeting('m', 'closed'), 'not_taken')[0], 'held');
  assert.equal(actsFor(meeting('m', 'closed', { please_check: true }))[0], 'held');
  assert.deepEqual(changeFor('queue'), { action: 'queue', minutes: 10 });
  assert.deepEqual(changeFor('close'), { action: 'close' });
});

test('a weekly series has its days, over a change of clocks and a leap day too', () => {
  assert.deepEqual(daysOfSeries('2026-10-20', '2026-11-03', [1]), ['2026-10-20', '2026-10-27', '2026-11-03']);
  assert.deepEqual(daysOfSeries('2028-02-28', '2028-03-01', [0, 1, 2]), ['2028-02-28', '2028-02-29', '2028-03-01']);
  assert.deepEqual(daysOfSeries('2026-12-01', '2026-11-01', [2]), []);
  assert.deepEqual(daysOfSeries('', '2026-11-01', [2]), []);
  assert.deepEqual(daysOfSeries('2026-01-01', '9999-01-01', [0, 1, 2, 3, 4, 5, 6]), []);
  assert.equal(daysOfSeries('2026-01-01', '2026-10-27', [0, 1, 2, 3, 4, 5, 6]).length, LONGEST_SERIES);
  assert.equal(weekdayOf('2026-11-30'), 0);
  assert.equal(weekdayOf('2026-11-29'), 6);
});

test('keys move within the grid, never out of it', () => {
  const size = [3, 4];
  assert.deepEqual(gridMove('ArrowDown', [0, 0], size), [1, 0]);
  assert.deepEqual(gridMove('ArrowUp', [0, 0], size), [0, 0]);
  assert.deepEqual(gridMove('ArrowRight', [1, 3], size), [1, 3]);
  assert.deepEqual(gridMove('End', [1, 0], size), [1, 3]);
  assert.deepEqual(gridMove('PageDown', [1, 2], size), [2, 2]);
  for (const key of ['Tab', 'p', 'Enter', 'toString']) assert.equal(gridMove(key, [0, 0], size), null);
});

test('rules are whole minutes, and late never ends before on time', () => {
  const typed = (opens, onTime, late) => rulesTyped({ opens_before: opens, on_time: onTime, late_until: late });
  assert.deepEqual(typed('15', ' 10 ', ''), { rules: { opens_before: 15, on_time: 10, late_until: null } });
  assert.deepEqual(typed('0', '0', '0'), { rules: { opens_before: 0, on_time: 0, late_until: 0 } });
  assert.deepEqual(typed('x', '', '5'), { wrong: ['opens_before', 'on_time'] });
  assert.deepEqual(typed('15', '10', '5'), { wrong: ['late_until'] });
  assert.deepEqual(typed('-1', '1.5', '1e2'), { wrong: ['opens_before', 'on_time', 'late_until'] });
});

test('which courses follow the site', () => {
  const course = { archived: false, own_rules: false, own_policy: false, locked: false };
  assert.deepEqual(followers([]), { rules: 0, policy: 0, locked: 0 });
  assert.deepEqual(followers([course, { ...course, own_rules: true }, { ...course, own_policy: true }]), {
    rules: 2,
    policy: 2,
    locked: 0,
  });
  const locked = { ...course, locked: true };
  assert.deepEqual(followers([locked, { ...locked, own_policy: true }]), { rules: 2, policy: 0, locked: 1 });
  const archived = { ...course, archived: true };
  assert.deepEqual(followers([archived]), { rules: 0, policy: 1, locked: 0 }, 'its percentages still follow');
});

test('a member is in the course from the first to the last day', () => {
  const member = { student: {}, first_day: '2026-10-05', last_day: '2026-11-20', groups: [] };
  assert.ok(isMemberOn(member, '2026-10-05'));
  assert.ok(isMemberOn(member, '2026-11-20'));
  assert.ok(!isMemberOn(member, '2026-11-21'));
  assert.ok(!isMemberOn(member, '2026-10-04'));
  assert.ok(isMemberOn({ ...member, last_day: null }, '2030-01-01'));
});

test('the next class comes first, of the past ones the last', () => {
  const all = [
    meeting('a', 'closed', { ends: '2026-11-24T11:30' }),
    meeting('b', 'cancelled', { ends: '2026-11-26T11:30' }),
    meeting('c', 'closed'),
    meeting('d', 'cancelled'),
    meeting('e', 'open'),
    meeting('f', 'planned', { ends: '2026-12-08T11:30' }),
  ];
  const { upcoming, past } = upcomingAndPast(all, '2026-12-01');
  assert.deepEqual(
    upcoming.map(({ key }) => key),
    ['d', 'e', 'f'],
  );
  assert.deepEqual(
    past.map(({ key }) => key),
    ['c', 'b', 'a'],
  );
});
