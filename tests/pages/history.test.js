import assert from 'node:assert/strict';
import test from 'node:test';
import { CLOSE_AFTER_MS, closed, failureWords, next, secondsLeft } from '../../static/js/logic/history.js';

const play = (state, ...events) => events.reduce((before, event) => next(before, { now: 0, ...event }), state);
const typed = play(closed, { type: 'open' }, { type: 'key', key: '0' }, { type: 'key', key: '7' });

test('keys of the pad and of the keyboard write one ID', () => {
  assert.equal(typed.id, '07');
  assert.equal(play(typed, { type: 'erase' }).id, '0');
  assert.equal(play(typed, { type: 'typed', text: 'CS/2021/001' }).id, 'CS/2021/001');
  assert.equal(play(typed, { type: 'typed', text: 'x'.repeat(500) }).id.length, 64);
});

test('it closes 20 s after the last key, and 20 s after the records were shown', () => {
  const later = play(typed, { type: 'key', key: '1', now: 15000 });
  assert.equal(play(later, { type: 'tick', now: 34999 }).open, true);
  assert.equal(play(later, { type: 'tick', now: 35000 }), closed);
  const shown = play(typed, { type: 'ask' }, { type: 'shown', answer: { records: [] }, now: 1000 });
  assert.equal(secondsLeft(shown, 1000), 20);
  assert.equal(play(shown, { type: 'tick', now: 1000 + CLOSE_AFTER_MS }), closed);
  assert.equal(play(shown, { type: 'longer', now: 15000 }, { type: 'tick', now: 25000 }).open, true);
});

test('nothing typed is left behind', () => {
  const shown = play(typed, { type: 'ask' }, { type: 'shown', answer: { records: [] } });
  assert.equal(shown.id, '');
  assert.equal(play(shown, { type: 'close' }), closed);
  assert.equal(play(closed, { type: 'open' }).id, '');
});

test('an answer that comes after closing shows nothing', () => {
  const done = play(typed, { type: 'ask' }, { type: 'close' });
  assert.equal(play(done, { type: 'shown', answer: { records: [] } }), closed);
});

test('without an ID nothing is asked; an unknown one is said', () => {
  assert.deepEqual([play(closed, { type: 'open' }, { type: 'ask' }).busy, play(closed, { type: 'open' }, { type: 'ask' }).problem], [false, 'Type your student ID first.']);
  assert.match(failureWords({ code: 'unknown_student', detail: '' }, '999', 'the office'), /“999”.*the office/);
});

test('where a proof is wanted the code follows the ID, and neither is left behind', () => {
  const id = play(closed, { type: 'open', wantsCode: true }, { type: 'typed', text: '1002' });
  const code = play(id, { type: 'ask' });
  assert.deepEqual([code.step, code.busy], ['code', false]);
  assert.equal(play(code, { type: 'ask' }).problem, 'Type your personal code.');
  const asked = play(code, { type: 'key', key: '1' }, { type: 'key', key: '2' }, { type: 'erase' }, { type: 'ask' });
  assert.deepEqual([asked.id, asked.code, asked.busy], ['1002', '1', true]);
  const wrong = play(asked, { type: 'failed', words: 'No.' });
  assert.deepEqual([wrong.step, wrong.id, wrong.code, wrong.problem], ['id', '1002', '', 'No.']);
  assert.deepEqual([play(asked, { type: 'shown', answer: {} }).id, play(asked, { type: 'shown', answer: {} }).code], ['', '']);
});
