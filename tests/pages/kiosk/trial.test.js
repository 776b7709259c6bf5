import assert from 'node:assert/strict';
import test from 'node:test';

import '../support/english.js';
import { initial, next, percent, playing, rateName, resultWords } from '../../../static/js/logic/kiosk/trial.js';

const trial = { presentations: [], sections: [] };
const play = (state, ...events) => events.reduce(next, state);
const ready = play(initial, { type: 'loaded', trial });
const declared = { presentation: 'a', medium: 'print', person: 1, without_turning: false };
const under_way = play(ready, { type: 'start', declared }, { type: 'asked', challenge: { id: 'c', accepted: [] } });
const counted = (passed) =>
  play(
    under_way,
    { type: 'start' },
    { type: 'counting' },
    {
      type: 'counted',
      answer: { passed, failure: passed ? null : { code: 'too_slow', detail: 'Start again.' }, trial },
    },
  );

test('a try is declared, played and counted, and the next can start', () => {
  assert.equal(ready.screen, 'trial');
  assert.equal(play(ready, { type: 'start', declared }).screen, 'opening');
  assert.equal(under_way.screen, 'checking');
  assert.equal(playing(under_way), true);
  const done = counted(false);
  assert.deepEqual([done.screen, done.result.passed, playing(done)], ['trial', false, false]);
  assert.equal(play(done, { type: 'start', declared }).result, null);
});

test('a try that was stopped counts only if the supervisor says so; before its session there is nothing to count', () => {
  const stopped = play(under_way, { type: 'stop' });
  assert.deepEqual([stopped.screen, stopped.stopped, stopped.challenge.id], ['trial', true, 'c']);
  assert.deepEqual(play(stopped, { type: 'discarded' }).stopped, false);
  assert.equal(play(stopped, { type: 'counting' }).screen, 'counting');
  assert.equal(play(ready, { type: 'start', declared }, { type: 'stop' }).stopped, false);
});

test('a late answer does not bring a stopped try back', () => {
  assert.equal(
    play(under_way, { type: 'stop' }, { type: 'asked', challenge: { id: 'c', accepted: ['turn_left'] } }).screen,
    'trial',
  );
});

test('what came of it is told by whether it should have been so', () => {
  assert.deepEqual([resultWords(counted(true)).good, resultWords(counted(false)).good], [false, true]);
  assert.match(resultWords(counted(true)).text, /got past/);
  const honest = (passed) => resultWords({ ...counted(passed), declared: { ...declared, presentation: 'bona fide' } });
  assert.deepEqual([honest(true).good, honest(false).good], [true, false]);
  assert.match(honest(false).text, /turned away. That took too long\./);
  assert.equal(resultWords(ready), null);
});

test('who is no admin sees where to log in; other troubles stand beside the form', () => {
  assert.equal(play(under_way, { type: 'locked' }).screen, 'locked');
  const failed = play(under_way, { type: 'failed', problem: 'Words.' });
  assert.deepEqual([failed.screen, failed.problem], ['trial', 'Words.']);
});

test('rates as the tables print them', () => {
  assert.equal(percent(0.08333), '8.33 %');
  assert.deepEqual([rateName('bona fide'), rateName('k, phone')], ['BPCER', 'APCER']);
});
