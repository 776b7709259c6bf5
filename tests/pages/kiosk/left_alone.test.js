import assert from 'node:assert/strict';
import test from 'node:test';

import '../support/english.js';
import { initial, next, troubleEnds } from '../../../static/js/logic/kiosk/kiosk.js';
import { leftAlone, warningSeconds } from '../../../static/js/logic/kiosk/left_alone.js';
import { Problem } from '../../../static/js/logic/problems.js';

const health = { faces: { used: true, ready: true, problem: null }, registered: 3, contact: 'the office' };
const play = (state, ...events) => events.reduce((before, event) => next(before, { now: 0, ...event }), state);
const passed = play(
  initial,
  { type: 'health', health },
  { type: 'start', secure: true },
  { type: 'asked', challenge: { accepted: [] } },
  { type: 'passed' },
);
const asked = (code) => play(passed, { type: 'refused', problem: new Problem({ code, detail: '' }), claim: 'c' });

test('a question warns 20 s before it closes, and counts down', () => {
  const closesAt = leftAlone(0);
  assert.deepEqual(
    [0, 19999, 20000, 30001, 41000].map((now) => warningSeconds(closesAt, now)),
    [null, null, 20, 10, 0],
  );
});

test('B4: a question about a passed session closes when nobody is there, and not while somebody types', () => {
  const question = asked('code_needed');
  assert.equal(play(question, { type: 'tick', now: 39999 }).screen, 'trouble');
  assert.equal(play(question, { type: 'tick', now: 40000 }).screen, 'ready');
  const typing = play(question, { type: 'touched', now: 35000 }, { type: 'tick', now: 70000 });
  assert.equal(typing.screen, 'trouble');
  assert.equal(play(typing, { type: 'tick', now: 75000 }).screen, 'ready');
});

test('no time is promised that the server does not give', () => {
  const { trouble } = play(asked('ambiguous_face'), { type: 'touched', now: 50000 });
  assert.equal(troubleEnds(trouble), trouble.until);
});
