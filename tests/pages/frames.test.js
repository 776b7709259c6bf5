import assert from 'node:assert/strict';
import test from 'node:test';

import './support/english.js';
import {
  advance,
  backoffSeconds,
  begin,
  hinted,
  NO_ANSWER,
  paceOf,
  pause,
  RESEND_AFTER_MS,
  stepMet,
} from '../../static/js/logic/frames.js';
import { Problem, serverAway } from '../../static/js/logic/problems.js';

const opened = { state: 'neutral', accepted: [], next: { number: 1, nonce: 'a' } };
const bytes = new Uint8Array([1, 2, 3]);
const captured = advance(begin(opened), { type: 'captured', bytes });

test('a frame is captured, sent with the number and nonce of the last answer, then the next', () => {
  assert.deepEqual(begin(opened).command, { do: 'capture' });
  assert.deepEqual(captured.command, { do: 'send' });
  assert.deepEqual(captured.pending, { number: 1, nonce: 'a', bytes });
  const answered = advance(captured, { type: 'answered', challenge: { ...opened, next: { number: 2, nonce: 'b' } } });
  assert.deepEqual(answered.command, { do: 'capture' });
  assert.equal(answered.pending, null);
});

test('the server says how soon it wants the next frame', () => {
  assert.equal(paceOf({ ...opened, pace_ms: 110 }), 110);
  assert.equal(paceOf(opened), 66);
});

test('a lost answer is asked for again with the same bytes, ever more patiently, and given up in the end', () => {
  let state = captured;
  for (const wait of RESEND_AFTER_MS) {
    state = advance(state, { type: 'lost', problem: serverAway() });
    assert.deepEqual(state.command, { do: 'resend', wait });
    assert.equal(state.pending.bytes, bytes);
    assert.equal(state.pending.nonce, 'a');
    assert.equal(state.challenge.hint, 'slow_connection');
  }
  state = advance(state, { type: 'lost', problem: serverAway() });
  assert.equal(state.command.do, 'stop');
  assert.equal(state.command.problem.code, 'server_away');
});

test('who waits for an answer is told that the connection is slow, until the answer comes', () => {
  const waiting = hinted(captured, NO_ANSWER);
  assert.equal(waiting.challenge.hint, 'slow_connection');
  assert.equal(waiting.pending, captured.pending);
  assert.equal(advance(waiting, { type: 'answered', challenge: { ...opened, hint: null } }).challenge.hint, null);
});

test('an answer forgets how often one was lost before', () => {
  const lost = advance(captured, { type: 'lost', problem: serverAway() });
  assert.equal(advance(lost, { type: 'answered', challenge: opened }).lost, 0);
});

test('a frame the server could not read is replaced by another in the same place', () => {
  const problem = new Problem({ code: 'unreadable_image', detail: '', status: 422 });
  const state = advance(captured, { type: 'refused', problem });
  assert.deepEqual(state.command, { do: 'capture' });
  assert.deepEqual(state.challenge.next, { number: 1, nonce: 'a' });
});

test('a busy server is asked again after the time it names', () => {
  const busy = new Problem({ code: 'busy', detail: '', status: 503, retryAfter: 2 });
  const state = advance(captured, { type: 'refused', problem: busy });
  assert.deepEqual(state.command, { do: 'resend', wait: 2000 });
  assert.equal(state.challenge.hint, 'slow_server');
});

test('anything else out of order ends it', () => {
  const problem = new Problem({ code: 'out_of_order', detail: '', status: 409 });
  assert.deepEqual(advance(captured, { type: 'refused', problem }).command, { do: 'stop', problem });
});

test('passed finishes, failed stops with its cause', () => {
  assert.deepEqual(begin({ ...opened, state: 'passed', next: null }).command, { do: 'finish' });
  const failure = { code: 'lost_face', detail: 'words' };
  for (const other_way of [false, true]) {
    const { command } = begin({ ...opened, state: 'failed', next: null, failure, other_way });
    assert.deepEqual(command, { do: 'stop', problem: { ...failure, other_way } });
  }
});

test('frames leave no faster than the pace', () => {
  assert.equal(pause(1000, 1040, 110), 70);
  assert.equal(pause(1000, 1500, 110), 0);
  assert.equal(pause(-Infinity, 0, 110), 0);
});

test('a server that is away is looked for soon at first, then calmly', () => {
  assert.deepEqual([0, 1, 2, 3, 4, 9].map(backoffSeconds), [1, 2, 4, 8, 10, 10]);
});

test('a step is told once, when the movement is met', () => {
  const asked = { accepted: [], returning: false };
  const met = { accepted: [], returning: true };
  const straight = { accepted: ['close_eyes'], returning: false };
  assert.deepEqual(
    [stepMet(null, asked), stepMet(asked, met), stepMet(met, met), stepMet(met, straight)],
    [false, true, false, false],
  );
  assert.equal(stepMet(asked, straight), true);
  assert.equal(stepMet(asked, { accepted: ['close_eyes'], returning: true }), true);
});
