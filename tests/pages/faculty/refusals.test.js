import assert from 'node:assert/strict';
import test from 'node:test';

import { ENGLISH } from '../support/english.js';
import { placeWords, refusalWords, summaryWords, typedWords } from '../../../static/js/logic/faculty/refusals.js';

test('a refusal says why, at which step, and what was said last', () => {
  const refused = { cause: 'too_slow', step: 'close_eyes', hint: 'too_dark' };
  assert.equal(refusalWords(refused), 'It took too long, while closing the eyes (too dark).');
  assert.equal(refusalWords({ cause: 'not_recognised', step: null, hint: null }), 'The face was not recognised.');
});

test('whatever a student is told to have kept them, staff read in words too', () => {
  const told = Object.keys(ENGLISH.messages).filter((key) => key.startsWith('cause.'));
  assert.ok(told.length > 20);
  for (const key of told) {
    assert.match(refusalWords({ cause: 'too_slow', step: null, hint: key.slice('cause.'.length) }), /\(.+\)/, key);
  }
});

test('the codes of a newer server are shown as they are', () => {
  const refused = { cause: 'something_new', step: 'jump', hint: 'higher' };
  assert.equal(refusalWords(refused), 'something new.');
});

test('a refusal names a kiosk, and a student only if the ID was typed', () => {
  const at = { date: '2026-11-23', local_time: '10:14' };
  assert.equal(placeWords({ ...at, kiosk: 'Room 101' }, '2026-11-23'), '10:14, Room 101');
  assert.equal(placeWords({ ...at, kiosk: null }, '2026-11-23'), '10:14, not at a kiosk');
  assert.equal(typedWords({ student: null }), '');
  assert.match(typedWords({ student: { name: 'Ann Lee', student_id: '001' } }), /^ID typed: .*Ann Lee.*001/);
});

test('a refusal of the day before says the day', () => {
  const late = { date: '2026-11-22', local_time: '23:50', kiosk: 'Room 101' };
  assert.equal(placeWords(late, '2026-11-23'), 'Sun, 22 Nov 2026, 23:50, Room 101');
});

test('steps that other movements added are a cause of their own', () => {
  const refused = { cause: 'other_movements', step: 'close_eyes', hint: null };
  const said = 'Other movements in between added steps, so it took too long, while closing the eyes.';
  assert.equal(refusalWords(refused), said);
});

test('the summary counts', () => {
  assert.equal(summaryWords([]), 'No check-in was refused in the last 24 hours.');
  assert.equal(summaryWords([{}]), '1 check-in was refused.');
  assert.equal(summaryWords([{}, {}]), '2 check-ins were refused.');
});
