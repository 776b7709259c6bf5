import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import './support/english.js';
import { fileNameOf } from '../../static/js/logic/download.js';
import { asProblem, Problem, problemFrom, sentences, serverAway } from '../../static/js/logic/problems.js';
import { clockFace, dayInWords, dayPlus, weekStart } from '../../static/js/logic/time.js';
import { CAMERA_TROUBLES, cameraTrouble, cameraTroubleWords } from '../../static/js/logic/camera_troubles.js';
import { hintFor, instruction, progressWords, spokenStep, stepsOf } from '../../static/js/logic/instructions.js';
import { greeting, troubleWords } from '../../static/js/logic/kiosk/words.js';

const ACTIONS = [
  'look_straight',
  'turn_left',
  'turn_right',
  'close_eyes',
  'tilt_up',
  'tilt_down',
  'open_mouth',
  'come_closer',
  'turn_slightly_left',
  'turn_slightly_right',
  'chin_up',
  'chin_down',
];
const server = (file) => readFileSync(new URL(`../../secure_attend/${file}`, import.meta.url), 'utf8');
const known = (text) => [...text.matchAll(/"([a-z_]+)"/g)].map(([, code]) => code);
const LIVENESS = ['actions', 'challenge', 'neutral', 'presence']
  .map((room) => server(`liveness/${room}.py`))
  .join('\n');
// What the server can say: the hints listed with Progress, those of a picture's quality, and the failures of a session.
const HINTS = [
  ...server('liveness/challenge.py')
    .match(/Hints: ([a-z_\s]+), and/)[1]
    .split(/\s+/),
  ...known(server('faces/quality.py').match(/def problems[\s\S]*?return/)[0]),
  'one_person',
];
const FAILURES = known(server('attendance/liveness_sessions/session_state.py').match(/^FAILURES = \{[\s\S]*?^\}/m)[0]);

test('every action has words, other words, a way back and a figure', () => {
  const style = readFileSync(new URL('../../static/css/moves.src.css', import.meta.url), 'utf8');
  for (const action of ACTIONS) {
    const step = { state: 'step', action, accepted: [] };
    const first = instruction(step);
    assert.notEqual(first.text, instruction({ ...step, asked_otherwise: true }).text, action);
    const back = instruction({ ...step, returning: true });
    assert.match(back.text, /straight|open your eyes|close your mouth|back/i);
    if (action !== 'look_straight') assert.ok(moves(style, first.picture), `nothing moves for ${first.picture}`);
    if (back.picture !== 'look_straight') assert.ok(moves(style, back.picture), `nothing moves for ${back.picture}`);
  }
  assert.equal(
    instruction({ state: 'step', action: 'new_in_the_server', accepted: [] }).text,
    'Look straight at the camera',
  );
  assert.equal(instruction({ state: 'passed', accepted: [] }).picture, 'done');
});

/** Whether the stylesheet has a rule for the figure of this movement. */
function moves(style, picture) {
  return (
    style.includes(`[data-move="${picture}"]`)
    || (/_(left|right)$/.test(picture) && style.includes(`[data-move$="_${picture.split('_').pop()}"]`))
  );
}

test('every action of the server is known here', () => {
  const actions = [...LIVENESS.matchAll(/^ {4}[A-Z_]+ = "([a-z_]+)"$/gm)].map(([, action]) => action);
  const poses = known(server('attendance/liveness_sessions/guided_capture.py').match(/^POSES[\s\S]*?^\)/m)[0]);
  assert.equal(actions.length, 7);
  for (const action of [...actions, ...poses]) assert.ok(ACTIONS.includes(action), action);
});

test('every hint has words, whatever is asked, and no hint has none', () => {
  assert.ok(HINTS.length > 15);
  for (const action of ACTIONS.filter((name) => name !== 'look_straight')) {
    const step = { state: 'step', action, returning: false };
    for (const code of HINTS) assert.ok(hintFor({ ...step, hint: code }).length > 3, `${action}: ${code}`);
    for (const challenge of [null, { ...step, hint: null }, { ...step, hint: 'unknown' }]) {
      assert.equal(hintFor(challenge), '');
    }
  }
});

test('every hint says afterwards what would have helped', () => {
  for (const hint of HINTS) {
    assert.ok(troubleWords({ code: 'too_slow', detail: '', hint }, 'the office').cause.length > 10, hint);
  }
});

test('every failure of a session has words of its own', () => {
  assert.ok(FAILURES.length >= 7);
  const unknown = troubleWords({ code: 'unheard_of', detail: '' }, 'the office').title;
  for (const code of FAILURES) assert.notEqual(troubleWords({ code, detail: '' }, 'the office').title, unknown, code);
});

test('a hint does not repeat the instruction', () => {
  assert.equal(hintFor({ state: 'step', action: 'turn_left', returning: true, hint: 'look_straight' }), '');
  assert.equal(hintFor({ state: 'step', action: 'close_eyes', returning: true, hint: 'open_eyes' }), '');
  assert.equal(hintFor({ state: 'neutral', action: null, returning: false, hint: 'look_straight' }), '');
  assert.equal(hintFor({ state: 'step', action: 'look_straight', returning: false, hint: 'look_straight' }), '');
  // a face that was hidden is back: nothing but a straight look is wanted
  const back = { state: 'step', action: null, returning: false };
  assert.equal(hintFor({ ...back, hint: 'look_straight' }), '');
  assert.ok(hintFor({ ...back, hint: 'open_eyes' }));
  assert.equal(instruction(back).picture, 'look_straight');
  assert.ok(hintFor({ state: 'step', action: 'turn_slightly_left', returning: false, hint: 'open_eyes' }));
});

test('whoever looks straight ahead, but not as needed, is told what to change', () => {
  const capture = { state: 'step', action: 'look_straight', returning: false };
  for (const asked of [capture, { state: 'neutral', action: null, returning: false }]) {
    const words = ['look_lower', 'look_higher', 'hold_level', 'open_eyes'].map((hint) => hintFor({ ...asked, hint }));
    assert.deepEqual(words, [
      'Lower your chin a little.',
      'Lift your chin a little.',
      'Hold your head level.',
      'Open your eyes.',
    ]);
  }
});

test('on the way back, only what the instruction says already is left out', () => {
  const back = (action, hint) => hintFor({ state: 'step', action, returning: true, hint });
  assert.equal(back('turn_left', 'open_eyes'), 'Open your eyes.');
  assert.equal(back('close_eyes', 'look_straight'), 'Look straight at the camera.');
  assert.equal(back('open_mouth', 'look_straight'), 'Look straight at the camera.');
});

test('steps name what is fulfilled and never what is still to come', () => {
  const step = { state: 'step', accepted: ['turn_left'], total: 3, action: 'close_eyes', returning: false };
  assert.deepEqual(stepsOf(step), [
    { done: true, now: false, text: 'Turned left' },
    { done: false, now: true, text: 'Step 2' },
    { done: false, now: false, text: 'Step 3' },
  ]);
  assert.equal(progressWords(step), 'Step 2 of 3');
  assert.equal(progressWords({ ...step, action: 'turn_left', returning: true }), 'Step 1 of 3');
  assert.equal(progressWords({ ...step, state: 'neutral', accepted: [] }), 'First, then 3 steps');
});

test('once another way is offered, nobody is told how many steps there are', () => {
  const step = { state: 'step', accepted: ['turn_left', 'tilt_up'], total: 34, action: 'turn_right', other_way: true };
  assert.equal(progressWords(step), 'Step 3');
  assert.equal(progressWords({ ...step, returning: true }), 'Step 2');
  assert.equal(spokenStep(step).sentence, 'Step 3. Turn your head to your right.');
  assert.deepEqual(
    stepsOf(step).map(({ text }) => text),
    ['Turned left', 'Chin up', 'Step 3'],
  );
  assert.equal(stepsOf({ ...step, returning: true }).length, 2);
  assert.equal(progressWords({ ...step, other_way: false }), 'Step 3 of 34');
  assert.equal(progressWords({ ...step, state: 'passed' }), 'All done');
});

test('a screen reader hears each step once: where one is, what was accepted, what is asked', () => {
  const first = {
    state: 'step',
    accepted: [],
    total: 2,
    action: 'turn_left',
    returning: false,
    asked_otherwise: false,
  };
  const back = { ...first, accepted: ['turn_left'], returning: true };
  const second = { ...back, action: 'turn_right', returning: false };
  const lastBack = { ...second, accepted: ['turn_left', 'turn_right'], returning: true };
  assert.equal(spokenStep(first).sentence, 'Step 1 of 2. Turn your head to your left.');
  assert.equal(spokenStep(back).sentence, 'Good. Now look straight again.');
  assert.equal(spokenStep(back).sentence, spokenStep(lastBack).sentence);
  const keys = [first, { ...first, asked_otherwise: true }, back, second, lastBack].map((step) => spokenStep(step).key);
  assert.equal(new Set(keys).size, keys.length);
});

test('camera failures of all browsers are told apart', () => {
  const told = {
    NotAllowedError: 'camera_refused',
    SecurityError: 'camera_refused',
    NotReadableError: 'camera_in_use',
    AbortError: 'camera_in_use',
    NotFoundError: 'camera_missing',
    OverconstrainedError: 'camera_missing',
    InvalidStateError: 'camera_ended',
    '': 'camera_ended',
  };
  for (const [name, code] of Object.entries(told)) {
    assert.equal(cameraTrouble(name), code);
    assert.ok(CAMERA_TROUBLES.has(code));
    assert.match(cameraTroubleWords(code).detail, /try again/);
  }
});

test('greetings follow the site’s clock', () => {
  const said = {
    '04:59': 'Good evening',
    '05:00': 'Good morning',
    '11:59': 'Good morning',
    '12:00': 'Good afternoon',
    '17:59': 'Good afternoon',
    '18:00': 'Good evening',
    '': 'Hello',
  };
  for (const [time, words] of Object.entries(said)) {
    assert.equal(greeting(time, 'Jo'), `${words}, Jo.`);
  }
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
  const problem = problemFrom(
    409,
    { type: 'about:blank', status: 409, code: 'face_of_another', detail: 'Words.', other: { name: 'Jo' } },
    '3',
  );
  assert.deepEqual(
    [problem.code, problem.detail, problem.facts, problem.retryAfter],
    ['face_of_another', 'Words.', { other: { name: 'Jo' } }, 3],
  );
  const input = new Problem({
    code: 'invalid_input',
    detail: 'name: Blank.',
    errors: [{ field: 'name', message: 'Blank.' }],
  });
  assert.deepEqual(sentences(input), ['Blank.']);
  const roster = new Problem({
    code: 'roster_rejected',
    detail: 'Nothing changed.',
    errors: [{ line: 3, field: 'name', message: 'Empty.' }],
  });
  assert.deepEqual(sentences(roster), ['Nothing changed.', 'Line 3: Empty.']);
});

test('a problem says whether to offer another way first', () => {
  assert.equal(problemFrom(410, { code: 'challenge_expired', other_way: true }).other_way, true);
  assert.equal(problemFrom(410, { code: 'challenge_expired', other_way: 'yes' }).other_way, false);
  assert.equal(asProblem(serverAway()).other_way, false);
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
