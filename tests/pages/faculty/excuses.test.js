import assert from 'node:assert/strict';
import test from 'node:test';

import '../support/english.js';
import {
  classesInWords,
  daysInWords,
  daysToChooseFrom,
  excuseBody,
  excuseTimes,
  reasonCode,
} from '../../../static/js/logic/faculty/excuses.js';

const days = (first, from, last, until) => ({
  first_day: first,
  first_time: from,
  last_day: last,
  last_time: until,
});
const typed = { kind: 'days', first_day: '', first_time: '', last_day: '', last_time: '', meetings: [], reason: '' };

test('days and hours in words', () => {
  assert.equal(daysInWords(days('2026-11-23', null, '2026-11-23', null)), 'Mon, 23 Nov 2026');
  assert.equal(daysInWords(days('2026-11-23', null, '2026-12-04', null)), 'Mon, 23 Nov 2026 to Fri, 4 Dec 2026');
  assert.equal(daysInWords(days('2026-11-23', '10:00', '2026-11-23', '11:30')), 'Mon, 23 Nov 2026, 10:00 to 11:30');
  assert.equal(
    daysInWords(days('2026-11-23', null, '2026-11-24', '12:00')),
    'Mon, 23 Nov 2026 to Tue, 24 Nov 2026, 12:00',
  );
});

test('chosen classes in words', () => {
  const excuse = { ...days(null, null, null, null), chosen: true, classes: [{}, {}] };
  assert.equal(excuseTimes(excuse), '2 chosen classes');
  assert.equal(excuseTimes({ ...excuse, last_day: '2026-11-24' }), '2 chosen classes, until Tue, 24 Nov 2026');
});

test('some classes are named, the others counted', () => {
  const one = (day) => ({ code: 'STAT110', title: 'Lab', starts: `2026-11-${day}T10:00` });
  assert.match(classesInWords([]), /^No class is planned/);
  assert.equal(classesInWords([one(23)]), '1 class: Mon, 23 Nov 2026, 10:00 Lab');
  assert.match(classesInWords([20, 21, 22, 23, 24, 25].map(one)), /^6 classes: .*; 2 more$/);
});

test('a registrar chooses from the classes of at most a year, which is as long as an excuse may be', () => {
  assert.deepEqual(daysToChooseFrom('2026-11-23'), { first_day: '2026-07-26', last_day: '2027-07-21' });
});

test('what is left blank, or belongs to another kind, is not sent', () => {
  assert.deepEqual(excuseBody({ ...typed, note: ' ' }), {});
  const filled = { ...typed, first_day: '2026-11-23', last_day: '2026-11-23', last_time: '12:00', note: ' a ' };
  assert.deepEqual(excuseBody(filled), { first_day: '2026-11-23', last_day: '2026-11-23', note: 'a' });
  assert.equal(excuseBody({ ...filled, kind: 'hours' }).last_time, '12:00');
  assert.deepEqual(excuseBody({ ...filled, kind: 'classes', meetings: ['m'], reason: 'duty' }), {
    meetings: ['m'],
    reason: 'duty',
    note: 'a',
  });
});

test('a code for every reason', () => {
  assert.equal(reasonCode('Strike of the trams', []), 'strike_of_the_trams');
  assert.equal(reasonCode('Förderung', ['forderung']), 'forderung_2');
  assert.equal(reasonCode('Duty', ['duty', 'duty_2']), 'duty_3');
  assert.equal(reasonCode('病気', ['reason']), 'reason_2');
});
