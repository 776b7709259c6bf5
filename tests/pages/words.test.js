import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { fileNameOf } from '../../static/js/logic/download.js';
import { asProblem, Problem, problemFrom, sentences, serverAway } from '../../static/js/logic/problems.js';
import { clockFace, dayInWords, dayPlus, greeting, weekStart } from '../../static/js/logic/time.js';
import { CAMERA_TROUBLES, cameraTrouble, hintFor, instruction, stepsOf } from '../../static/js/logic/words.js';

const ACTIONS = [
  'look_straight', 'turn_left', 'turn_right', 'close_eyes', 'tilt_up', 'tilt_down', 'open_mouth', 'come_closer',
  'turn_slightly_left', 'turn_slightly_right', 'chin_up', 'chin_down',
];
const HINTS = [
  'no_face', 'one_person', 'come_closer', 'move_back', 'too_dark', 'too_bright', 'blurred', 'hold_still', 'face_cut_off', 'look_straight',
  'a_little_more', 'hold', 'open_eyes', 'move_to_center',
];

test('every action has words, other words, a way back and a drawn picture', () => {
  const pictures = readFileSync(new URL('../../static/img/moves.svg', import.meta.url), 'utf8');
  for (const action of ACTIONS) {
    const step = { state: 'step', action, accepted: [] };
    const first = instruction(step);
    assert.notEqual(first.text, instruction({ ...step, asked_otherwise: true }).text, action);
    assert.match(instruction({ ...step, returning: true }).text, /straight|open your eyes|close your mouth|back/i);
    assert.ok(pictures.includes(`id="${first.picture}"`), `${action}: ${first.picture}`);
  }
  assert.equal(instruction({ state: 'step', action: 'new_in_the_server', accepted: [] }).text, 'Look straight at the camera');
  assert.equal(instruction({ state: 'passed', accepted: [] }).picture, 'done');
});

test('every hint has words, and no hint has none', () => {
  const turning = { state: 'step', action: 'turn_left', returning: false };
  for (const code of HINTS) assert.ok(hintFor({ ...turning, hint: code }).length > 3, code);
  for (const challenge of [null, { ...turning, hint: null }, { ...turning, hint: 'unknown' }]) assert.equal(hintFor(challenge), '');
});

test('a hint does not repeat the instruction', () => {
  assert.equal(hintFor({ state: 'step', action: 'turn_left', returning: true, hint: 'look_straight' }), '');
  assert.equal(hintFor({ state: 'step', action: 'close_eyes', returning: true, hint: 'open_eyes' }), '');
  assert.equal(hintFor({ state: 'neutral', action: null, returning: false, hint: 'look_straight' }), '');
  assert.ok(hintFor({ state: 'step', action: 'turn_slightly_left', returning: false, hint: 'open_eyes' }));
});

test('steps name what is fulfilled and never what is still to come', () => {
  const steps = stepsOf({ accepted: ['turn_left'], total: 2, action: 'close_eyes' });
  assert.deepEqual(steps, [{ done: true, text: 'Turned left' }, { done: false, text: 'Step 2' }]);
});

test('camera failures of all browsers are told apart', () => {
  const told = { NotAllowedError: 'camera_refused', SecurityError: 'camera_refused', NotReadableError: 'camera_in_use', AbortError: 'camera_in_use', NotFoundError: 'camera_missing' };
  for (const [name, code] of Object.entries(told)) {
    assert.equal(cameraTrouble(name), code);
    assert.ok(CAMERA_TROUBLES[code].detail);
  }
});

test('greetings follow the site’s clock', () => {
  const said = { '04:59': 'Good evening', '05:00': 'Good morning', '11:59': 'Good morning', '12:00': 'Good afternoon', '17:59': 'Good afternoon', '18:00': 'Good evening', '': 'Hello' };
  for (const [time, words] of Object.entries(said)) assert.equal(greeting(time), words);
});

test('days', () => {
  assert.equal(dayInWords('2026-11-22'), 'Sun, 22 Nov 2026');
  assert.equal(dayInWords('yesterday'), 'yesterday');
  assert.equal(dayPlus('2026-03-01', -1), '2026-02-28');
  assert.equal(weekStart('2026-11-22'), '2026-11-16');
  assert.equal(weekStart('2026-11-16'), '2026-11-16');
  assert.equal(clockFace(Date.UTC(2026, 10, 22, 23, 5), 'Europe/Berlin').time, '00:05');
  assert.equal(clockFace(Date.UTC(2026, 10, 22, 23, 5, 7), 'Europe/Berlin').seconds, '00:05:07');
  assert.ok(clockFace(0, 'Nowhere/Atall').time);
});

test('a problem keeps the server’s words, facts and faults', () => {
  const problem = problemFrom(409, { type: 'about:blank', status: 409, code: 'face_of_another', detail: 'Words.', other: { name: 'Jo' } }, '3');
  assert.deepEqual([problem.code, problem.detail, problem.facts, problem.retryAfter], ['face_of_another', 'Words.', { other: { name: 'Jo' } }, 3]);
  const input = new Problem({ code: 'invalid_input', detail: 'name: Blank.', errors: [{ field: 'name', message: 'Blank.' }] });
  assert.deepEqual(sentences(input), ['Blank.']);
  const roster = new Problem({ code: 'roster_rejected', detail: 'Nothing changed.', errors: [{ line: 3, field: 'name', message: 'Empty.' }] });
  assert.deepEqual(sentences(roster), ['Nothing changed.', 'Line 3: Empty.']);
});

test('whatever comes instead of a problem still gets plain words', () => {
  for (const said of [null, 'text', 7, [], { detail: 5 }]) assert.ok(problemFrom(500, said).detail.length > 10);
  assert.equal(problemFrom(413, null).code, 'http_413');
  assert.equal(asProblem(new TypeError('x is undefined')).code, 'page_fault');
  assert.doesNotMatch(asProblem(new TypeError('x is undefined')).detail, /undefined/);
  assert.equal(asProblem(serverAway()).code, 'server_away');
});

test('file names come from the header, without paths', () => {
  assert.equal(fileNameOf('attachment; filename="report 2026.csv"'), 'report 2026.csv');
  assert.equal(fileNameOf("attachment; filename=a.csv; filename*=UTF-8''%C3%A4.csv"), 'ä.csv');
  assert.equal(fileNameOf('attachment; filename="../../x.csv"'), '.._.._x.csv');
  assert.equal(fileNameOf(null), null);
});
