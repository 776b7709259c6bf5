import assert from 'node:assert/strict';
import test from 'node:test';

import '../support/english.js';
import {
  DONE_MS,
  IDLE_MS,
  TROUBLE_MS,
  cameraNeeded,
  initial,
  next,
  otherWays,
} from '../../../static/js/logic/kiosk/self_register.js';
import { troubleWords } from '../../../static/js/logic/kiosk/words.js';

const play = (state, ...events) => events.reduce((before, event) => next(before, { now: 0, ...event }), state);
const health = { site_name: 'Test' };
const text = { version: 'v', words: 'Words.' };
const typing = play(initial, { type: 'ready', health, text });
const asked = play(typing, { type: 'typed', studentId: ' 1001 ' });
const opening = play(asked, { type: 'agreed' });
const running = play(opening, { type: 'asked', challenge: { accepted: [], total: 5 } });

test('ID, consent, face, number', () => {
  assert.deepEqual(
    [typing.screen, asked.screen, asked.studentId, opening.screen, running.screen],
    ['id', 'consent', '1001', 'opening', 'running'],
  );
  const done = play(running, { type: 'captured' }, { type: 'finished', number: '472' });
  assert.deepEqual([done.screen, done.number, done.studentId], ['done', '472', '']);
});

test('no face without consent, no consent without an ID', () => {
  assert.equal(play(typing, { type: 'typed', studentId: '  ' }).screen, 'id');
  assert.equal(play(typing, { type: 'agreed' }).screen, 'id');
  assert.equal(play(asked, { type: 'asked', challenge: {} }).screen, 'consent');
  assert.deepEqual([typing, asked, opening, running].map(cameraNeeded), [false, false, true, true]);
});

test('who walks away leaves nothing behind', () => {
  for (const [state, after] of [
    [typing, IDLE_MS],
    [asked, IDLE_MS],
  ]) {
    assert.equal(play(state, { type: 'tick', now: after - 1 }).screen, state.screen);
    const over = play(state, { type: 'tick', now: after });
    assert.deepEqual([over.screen, over.studentId], ['over', '']);
    const touched = play(state, { type: 'touched', now: after - 1 });
    assert.equal(play(touched, { type: 'tick', now: after }).screen, state.screen);
  }
  const done = play(running, { type: 'captured' }, { type: 'finished', number: '472', now: 10 });
  assert.equal(play(done, { type: 'tick', now: 10 + DONE_MS }).screen, 'over');
});

test('a trouble can be tried again, while somebody is there', () => {
  const trouble = play(running, { type: 'refused', problem: { code: 'too_slow', detail: 'Slow.' } });
  assert.deepEqual([trouble.screen, trouble.trouble.code, cameraNeeded(trouble)], ['trouble', 'too_slow', false]);
  assert.equal(play(trouble, { type: 'again' }).screen, 'opening');
  assert.equal(play(trouble, { type: 'tick', now: TROUBLE_MS }).screen, 'over');
  assert.equal(troubleWords(trouble.trouble, '').cause, '');
  const problem = { code: 'challenge_expired', detail: '', hint: 'look_lower' };
  assert.match(troubleWords(play(running, { type: 'refused', problem }).trouble, '').cause, /chin was too high/);
  const before = play(initial, { type: 'refused', problem: { code: 'server_away', detail: '' } });
  assert.equal(play(before, { type: 'again' }).screen, 'trouble');
});

test('other ways are on every screen, and what somebody asked for holds from then on', () => {
  assert.equal(otherWays(initial).code, false);
  for (const state of [typing, asked, opening, running]) {
    const ways = { code: true, still: true, time: true, help: 'register.ways_help' };
    assert.deepEqual(otherWays(state), ways, state.screen);
  }
  const straight = play(typing, { type: 'ways' }, { type: 'without_turning' }, { type: 'more_time' });
  assert.deepEqual(
    [straight.screen, straight.ways, straight.withoutTurning, straight.moreTime],
    ['id', null, true, true],
  );
  assert.deepEqual(otherWays(straight), { code: true, still: false, time: false, help: 'register.ways_help' });
});

test('pictures that are being taken are taken again without turns, and the dialog closes when nobody is there', () => {
  const again = play(running, { type: 'ways' }, { type: 'without_turning' });
  assert.deepEqual([again.screen, again.challenge], ['opening', null]);
  const reading = play(asked, { type: 'ways' });
  assert.equal(play(reading, { type: 'tick', now: 39999 }).ways, 40000);
  assert.equal(play(reading, { type: 'tick', now: 40000 }).ways, null);
  assert.equal(play(running, { type: 'ways' }, { type: 'captured' }).ways, null);
});
