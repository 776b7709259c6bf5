import assert from 'node:assert/strict';
import test from 'node:test';

import '../support/english.js';
import { LEFT_MS, nobody, STAYS_MS, STILL_MS, watch } from '../../../static/js/logic/kiosk/hands_free.js';
import { initial, inUse, next, watching } from '../../../static/js/logic/kiosk/kiosk.js';
import { greyOf, look, settle, SIGHT_HEIGHT, SIGHT_WIDTH, unseen } from '../../../static/js/logic/kiosk/sight.js';

const LOOK_MS = 200;
const nothing = { near: false, alive: false, restless: false, busy: false };
const person = { near: true, alive: true, restless: false, busy: false };
const still = { ...person, alive: false };

/** The states of looks 200 ms apart. */
function play(...looks) {
  let state = nobody;
  return looks.flat().map((seen, place) => {
    state = watch(state, { ...seen, now: 1000 + LOOK_MS * place });
    return state;
  });
}
const times = (seen, ms) => Array(Math.floor(ms / LOOK_MS)).fill(seen);
const begins = (states) => states.flatMap(({ begin }, place) => (begin ? [LOOK_MS * place] : []));

test('who is near and stays a second begins a check-in, once', () => {
  assert.deepEqual(begins(play(times(nothing, 1000), times(person, 6000))), [1000 + STAYS_MS]);
});

test('who is near for less, or walks past, begins none', () => {
  assert.deepEqual(begins(play(times(person, STAYS_MS), times(nothing, 3000))), []);
  assert.deepEqual(begins(play(times({ ...person, restless: true }, 5000))), []);
});

test('a look or two that miss the person change nothing', () => {
  assert.deepEqual(begins(play(person, person, nothing, nothing, person, person, person)), [LOOK_MS * 5]);
});

test('whoever was checked in has to step away before a check-in begins again', () => {
  const inSession = times({ ...person, busy: true }, 4000);
  const staying = play(times(person, 1200), inSession, times(person, 20000));
  assert.equal(begins(staying).length, 1);
  const shortly = play(times(person, 1200), inSession, times(nothing, LEFT_MS - LOOK_MS), times(person, 3000));
  assert.equal(begins(shortly).length, 1);
  const left = play(times(person, 1200), inSession, times(nothing, LEFT_MS + LOOK_MS), times(person, 3000));
  assert.equal(begins(left).length, 2);
});

test('a check-in however long makes nobody part of the room: nobody looked meanwhile whether they stir', () => {
  const states = play(times(person, 1200), times({ ...nothing, busy: true }, STILL_MS + 5000), times(still, 1000));
  assert.equal(states.at(-1).phase, 'here');
  assert.ok(states.every(({ settle: due }) => !due));
});

test('who began by the button is known as well: the page was in use', () => {
  assert.deepEqual(begins(play(times({ ...nothing, busy: true }, 3000), times(person, 5000))), []);
});

test('a thing that was put there is no person, and becomes part of the room', () => {
  const states = play([{ ...person, restless: false }], times(still, STILL_MS + 1000));
  assert.deepEqual(begins(states), []);
  assert.ok(states.some(({ settle: due }) => due));
});

const room = new Uint8Array(SIGHT_WIDTH * SIGHT_HEIGHT).fill(120);

/** The room with somebody in the middle: a head and shoulders of this share of the picture's width, shifted by pixels. */
function withSomebody(width, shift = 0, picture = room) {
  return picture.map((value, place) => {
    const x = (place % SIGHT_WIDTH) - SIGHT_WIDTH / 2 - shift;
    const y = Math.floor(place / SIGHT_WIDTH) - 0.45 * SIGHT_HEIGHT;
    const head = (width * SIGHT_WIDTH) / 2;
    const inHead = (x / head) ** 2 + (y / (1.35 * head)) ** 2 < 1;
    const inBody = y > 1.35 * head && Math.abs(x) < 2.2 * head;
    return inHead || inBody ? 60 + ((place * 7) % 23) : value;
  });
}

const seen = (...pictures) => pictures.reduce(look, unseen);

test('somebody at arm’s length is near; at three metres, or beside, is not', () => {
  assert.equal(seen(room, room, withSomebody(0.26)).near, true);
  assert.equal(seen(room, room, withSomebody(0.09)).near, false);
  assert.equal(seen(room, room, withSomebody(0.26, 24)).near, false);
  assert.equal(seen(room, room, room).near, false);
});

test('light that is switched on is nobody, and moves much of the picture', () => {
  const lit = seen(
    room,
    room,
    room.map((value) => value + 60),
  );
  assert.deepEqual([lit.near, lit.restless], [false, true]);
});

test('people stir, things do not', () => {
  assert.equal(seen(room, withSomebody(0.26), withSomebody(0.26)).alive, false);
  assert.equal(seen(room, withSomebody(0.26), withSomebody(0.26, 1)).alive, true);
});

test('the room is learnt while nobody is near, and what stays for good belongs to it', () => {
  const dim = Array.from({ length: 200 }, (_, place) => room.map((value) => value - place / 10));
  assert.equal(seen(room, ...dim).near, false);
  const chair = withSomebody(0.26);
  const sight = settle(seen(room, chair));
  assert.equal(look(sight, chair).near, false);
  assert.equal(
    look(
      sight,
      withSomebody(
        0.26,
        0,
        room.map(() => 200),
      ),
    ).near,
    true,
  );
});

test('grey of red, green and blue', () => {
  assert.deepEqual(
    [...greyOf(new Uint8ClampedArray([255, 255, 255, 255, 0, 0, 0, 255, 100, 100, 100, 255]))],
    [255, 0, 100],
  );
});

test('a kiosk whose camera does not open says so until it does, and disturbs nobody meanwhile', () => {
  const health = { faces: { used: true, ready: true, problem: null }, registered: 3 };
  const ready = { ...initial, screen: 'ready', health, handsFree: true };
  const failed = { type: 'blind', problem: { code: 'camera_missing', detail: '' }, now: 0 };
  const blind = next(ready, failed);
  assert.deepEqual([blind.screen, watching(blind)], ['trouble', true]);
  assert.equal(next(blind, failed), blind, 'nothing is drawn again that says the same');
  const later = next(blind, { type: 'tick', now: 600_000 });
  const told = (cameraFault) => next(later, { type: 'presence', somebody: false, cameraFault, now: 600_000 });
  assert.deepEqual(
    [later, told('closed'), told('')].map(({ screen }) => screen),
    ['trouble', 'trouble', 'ready'],
  );
  assert.equal(next({ ...later, handsFree: false }, { type: 'tick', now: 600_000 }).screen, 'ready');
  const claimed = { ...blind, trouble: { ...blind.trouble, code: 'code_needed', claim: 'c' } };
  for (const used of [claimed, { ...ready, screen: 'greeted' }, { ...ready, ways: 9 }]) {
    assert.equal(next(used, failed), used);
  }
});

test('a kiosk looks out only where it is set so and a check-in could work, and begins nothing while it is used', () => {
  const health = { faces: { used: true, ready: true, problem: null }, registered: 3 };
  const ready = [
    { type: 'health', health },
    { type: 'settings', settings: { handsFree: true } },
  ].reduce((state, event) => next(state, { now: 0, ...event }), initial);
  assert.equal(watching(ready), true);
  assert.equal(inUse(ready, 0), false);
  assert.equal(watching({ ...ready, handsFree: false }), false);
  assert.equal(watching({ ...ready, health: { ...health, registered: 0 } }), false);
  assert.equal(watching(next(ready, { type: 'unreachable', now: 0 })), false);
  const failed = next(next(ready, { type: 'start', secure: true, now: 0 }), {
    type: 'refused',
    problem: { code: 'kiosk_pause', detail: '', retryAfter: 5 },
    now: 0,
  });
  assert.deepEqual([inUse(failed, 4999), inUse(failed, 5000)], [true, false]);
  for (const screen of ['greeted', 'history', 'checking']) assert.equal(inUse({ ...ready, screen }, 0), true);
});
