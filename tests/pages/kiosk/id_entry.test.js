import assert from 'node:assert/strict';
import test from 'node:test';

import '../support/english.js';
import {
  byCamera,
  cameraFailureWords,
  CLOSE_AFTER_MS,
  closed,
  failureWords,
  next,
  secondsLeft,
  idEntryWords,
} from '../../../static/js/logic/kiosk/id_entry.js';

/** Every question has the number 1 and every answer is to it, where a test says nothing else. */
const NUMBERED = { ask: { question: 1 }, shown: { answers: 1 }, failed: { answers: 1 }, back: { answers: 1 } };
const play = (state, ...events) =>
  events.reduce((before, event) => next(before, { now: 0, ...NUMBERED[event.type], ...event }), state);
const typed = play(closed, { type: 'open', purpose: 'history', proof: 'none' }, { type: 'typed', text: '07' });

test('what is typed is the ID, up to a length', () => {
  assert.equal(typed.id, '07');
  assert.equal(play(typed, { type: 'typed', text: 'CS/2021/001' }).id, 'CS/2021/001');
  assert.equal(play(typed, { type: 'typed', text: 'x'.repeat(500) }).id.length, 64);
});

test('it closes 40 s after the last key, and 20 s after the records were shown', () => {
  const later = play(typed, { type: 'typed', text: '071', now: 15000 });
  assert.equal(play(later, { type: 'tick', now: 54999 }).open, true);
  assert.equal(play(later, { type: 'tick', now: 55000 }), closed);
  assert.equal(play(later, { type: 'longer', now: 54000 }, { type: 'tick', now: 93999 }).open, true);
  const shown = play(typed, { type: 'ask' }, { type: 'shown', answer: { records: [] }, now: 1000 });
  assert.equal(secondsLeft(shown, 1000), 20);
  assert.equal(play(shown, { type: 'tick', now: 1000 + CLOSE_AFTER_MS }), closed);
  assert.equal(play(shown, { type: 'longer', now: 15000 }, { type: 'tick', now: 25000 }).open, true);
});

test('nothing typed is left behind', () => {
  const shown = play(typed, { type: 'ask' }, { type: 'shown', answer: { records: [] } });
  assert.equal(shown.id, '');
  assert.equal(play(shown, { type: 'close' }), closed);
  assert.equal(play(closed, { type: 'open', purpose: 'history', proof: 'none' }).id, '');
});

test('an answer that comes after closing shows nothing', () => {
  const done = play(typed, { type: 'ask' }, { type: 'close' });
  assert.equal(play(done, { type: 'shown', answer: { records: [] } }), closed);
});

test('an answer to somebody else’s question is shown to nobody', () => {
  const first = play(typed, { type: 'ask', question: 1 }, { type: 'close' });
  const opened = { type: 'open', purpose: 'history', proof: 'none' };
  const second = play(first, opened, { type: 'typed', text: '08' });
  const waiting = play(second, { type: 'ask', question: 2 });
  for (const state of [second, waiting]) {
    for (const late of [
      { type: 'shown', answer: { records: [] } },
      { type: 'failed', words: '“07” is unknown.' },
    ]) {
      assert.equal(play(state, { ...late, answers: 1 }), state, late.type);
    }
    assert.equal(play(state, { type: 'back', answers: 1 }), state);
  }
  assert.ok(play(waiting, { type: 'shown', answer: { records: [] }, answers: 2 }).shown);
});

test('an answer after the camera was stopped is shown to nobody, also in the same form', () => {
  const stopped = play(typed, { type: 'ask', question: 1 }, { type: 'back', answers: 1 });
  const late = { type: 'shown', answer: { records: [] }, answers: 1 };
  assert.equal(play(stopped, late), stopped);
  const again = play(stopped, { type: 'typed', text: '08' }, { type: 'ask', question: 2 });
  assert.equal(play(again, late), again);
});

test('without an ID nothing is asked; an unknown one is said', () => {
  assert.deepEqual(
    [
      play(closed, { type: 'open', purpose: 'history', proof: 'none' }, { type: 'ask' }).busy,
      play(closed, { type: 'open', purpose: 'history', proof: 'none' }, { type: 'ask' }).problem,
    ],
    [false, 'Enter your student ID first.'],
  );
  assert.match(failureWords({ code: 'unknown_student', detail: '' }, 'the office', '999'), /“999”.*the office/);
});

test('where a proof is wanted the code follows the ID, and neither is left behind', () => {
  const id = play(closed, { type: 'open', purpose: 'history', proof: 'code' }, { type: 'typed', text: '1002' });
  const code = play(id, { type: 'ask' });
  assert.deepEqual([code.step, code.busy], ['code', false]);
  assert.equal(play(code, { type: 'ask' }).problem, 'Enter your personal code.');
  const asked = play(code, { type: 'typed', text: '1' }, { type: 'ask' });
  assert.deepEqual([asked.id, asked.code, asked.busy], ['1002', '1', true]);
  const wrong = play(asked, { type: 'failed', words: 'No.' });
  assert.deepEqual([wrong.step, wrong.id, wrong.code, wrong.problem], ['id', '1002', '', 'No.']);
  assert.deepEqual(
    [play(asked, { type: 'shown', answer: {} }).id, play(asked, { type: 'shown', answer: {} }).code],
    ['', ''],
  );
});

test('the camera is the first way to prove an ID, the code the other', () => {
  const id = play(closed, { type: 'open', purpose: 'history', proof: 'any' }, { type: 'typed', text: '1002' });
  assert.equal(byCamera(id), true);
  assert.deepEqual(
    [idEntryWords(id, 'the office').submit, idEntryWords(id, 'the office').other],
    ['Next: look at the camera', 'Use my personal code'],
  );
  const looking = play(id, { type: 'ask' });
  assert.deepEqual([looking.busy, looking.step], [true, 'id']);
  assert.equal(play(looking, { type: 'tick', now: 60000 }).open, true);
  assert.deepEqual([play(looking, { type: 'back' }).busy, play(looking, { type: 'back' }).id], [false, '1002']);
  const code = play(id, { type: 'ask', way: 'code' });
  assert.deepEqual([code.busy, code.step, byCamera(code)], [false, 'code', false]);
  assert.match(idEntryWords(code, 'the office').hint, /No code yet\? Ask the office/);
});

test('a check-in takes an ID and a code, and sends one attempt however often it is sent', () => {
  const open = play(closed, { type: 'open', purpose: 'check_in', proof: 'code', attempt: 'random' });
  const sent = play(
    open,
    { type: 'typed', text: '1002' },
    { type: 'ask' },
    { type: 'typed', text: '123456' },
    { type: 'ask' },
  );
  assert.deepEqual([sent.busy, sent.id, sent.code, sent.attempt], [true, '1002', '123456', 'random']);
  assert.deepEqual(
    [idEntryWords(sent, '').title, idEntryWords(sent, '').submit],
    ['Check in with ID and code', 'Checking in…'],
  );
  const wrong = play(sent, { type: 'failed', words: 'No.' });
  assert.deepEqual([wrong.code, wrong.attempt], ['', 'random']);
});

test('whatever kept the camera from showing it, the other way is named', () => {
  for (const code of ['wrong_proof', 'too_slow', 'camera_missing', 'not_ready', 'kiosk_pause', 'something_new']) {
    assert.match(cameraFailureWords({ code, detail: '' }, 'the office'), /use your personal code/, code);
  }
  assert.equal(
    cameraFailureWords({ code: 'too_slow', detail: '', hint: 'dark_glasses' }, 'the office'),
    'That took too long. Dark glasses hide your eyes. Please take them off. Try again, or use your personal code.',
  );
  assert.equal(
    cameraFailureWords({ code: 'too_slow', detail: '', hint: null }, 'the office'),
    'That took too long. Try again, or use your personal code.',
  );
});
