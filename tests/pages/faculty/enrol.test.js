import assert from 'node:assert/strict';
import test from 'node:test';

import '../support/english.js';
import { initial, next, progressOf, selected, troubleWords } from '../../../static/js/logic/faculty/enrol.js';

const consent = { state: 'given' };
const jane = { key: 'a', name: 'Jane', student_id: '2', consent };
const john = { key: 'b', name: 'John', student_id: '1', consent };
const play = (state, ...events) => events.reduce(next, state);
const running = play(initial, { type: 'open', student: jane }, { type: 'camera' }, { type: 'start' });
const saving = play(
  running,
  { type: 'asked', challenge: { accepted: ['look_straight'], total: 5 } },
  { type: 'captured', id: 'c1' },
);

test('from choosing a student to the next one', () => {
  assert.equal(play(initial, { type: 'open', student: jane }).phase, 'opening');
  assert.equal(running.phase, 'running');
  assert.equal(saving.phase, 'saving');
  const done = play(saving, { type: 'saved', saved: { name: 'Jane', faces: 5 }, upcoming: john });
  assert.equal(done.phase, 'done');
  assert.equal(selected(done), john);
  const next_ = play(done, { type: 'choose', student: john });
  assert.deepEqual([next_.phase, selected(next_), next_.saved], ['ready', john, null]);
});

test('who was not asked yet is asked before the camera opens', () => {
  for (const state of ['missing', 'outdated', 'withdrawn']) {
    const zoe = { key: 'c', name: 'Zoë', student_id: '3', consent: { state } };
    const asked = play(initial, { type: 'open', student: zoe });
    assert.equal(asked.phase, 'consent');
    assert.equal(play(asked, { type: 'camera' }).phase, 'consent');
    const agreed = play(asked, { type: 'agreed', student: { ...zoe, consent } });
    assert.deepEqual([agreed.phase, agreed.student.consent.state], ['opening', 'given']);
    assert.equal(play(saving, { type: 'choose', student: zoe }).phase, 'consent');
    assert.equal(play(asked, { type: 'refused', trouble: {} }, { type: 'retry' }).phase, 'consent');
  }
});

test('a face of another keeps the capture until it is confirmed', () => {
  const other = play(saving, { type: 'face_of_another', other: { name: 'Zoë', student_id: '9' } });
  assert.equal(other.phase, 'other');
  assert.equal(other.challengeId, 'c1');
  assert.equal(play(other, { type: 'confirm_other' }).phase, 'saving');
  assert.deepEqual([play(other, { type: 'retry' }).phase, play(other, { type: 'retry' }).other], ['opening', null]);
});

test('a trouble keeps the student selected and forgets the capture', () => {
  const trouble = play(saving, { type: 'refused', trouble: { title: 'x', detail: 'y' } });
  assert.deepEqual([trouble.phase, trouble.student, trouble.challengeId], ['trouble', jane, null]);
});

test('what arrives after closing changes nothing', () => {
  const closed = play(saving, { type: 'close' });
  assert.equal(closed, initial);
  assert.equal(play(closed, { type: 'saved', saved: {}, upcoming: null }), initial);
});

test('progress is told as so many of so many', () => {
  assert.deepEqual(progressOf({ accepted: ['a', 'b'], total: 5 }), { done: 2, total: 5, text: '2 of 5' });
  assert.equal(progressOf(null).text, '');
});

test('troubles say that nothing was saved, or what the server said', () => {
  assert.match(troubleWords({ code: 'too_slow', detail: '' }).detail, /Nothing was saved/);
  assert.equal(troubleWords({ code: 'store_full', detail: 'The disk is full.' }).detail, 'The disk is full.');
});
