import assert from 'node:assert/strict';
import test from 'node:test';

import {
  afterFailure,
  anotherMayWork,
  nextCamera,
  pictureFault,
  SAME_MOST_MS,
  SAME_MS,
  STALLED_MS,
  STEADY_MS,
  unwatched,
  watchPictures,
} from '../../static/js/logic/camera_watch.js';
import { allBlack } from '../../static/js/logic/picture.js';

const order = (asked, listed, { avoid = '', code = 'camera_in_use', ms = 9 } = {}) => {
  const ids = [];
  let tries = { asked, tried: [], avoid };
  for (let id = nextCamera(tries, listed); id !== null; id = nextCamera(tries, listed)) {
    ids.push(id);
    tries = afterFailure(tries, { id, code, ms, listed });
  }
  return ids;
};

test('a remembered camera that fails is not the only one tried, and each is tried once', () => {
  assert.deepEqual(order('A', ['A', 'B', 'C']), ['A', '', 'B', 'C']);
  assert.deepEqual(order('', ['A', 'B']), ['', 'A', 'B']);
  assert.deepEqual(order('gone', ['B']), ['gone', '', 'B']);
  assert.deepEqual(order('', ['', '']), [''], 'before a permission, browsers name none');
});

test('a camera that stalled again is tried last', () => {
  assert.deepEqual(order('A', ['A', 'B'], { avoid: 'A' }), ['B', 'A', '']);
});

test('a camera that never answers is not waited for twice before the others, nor where it is the only one', () => {
  const slow = { ms: 8000 };
  assert.deepEqual(order('', ['A', 'B'], slow), ['', 'B', 'A']);
  assert.deepEqual(order('A', ['A', 'B', 'C'], slow), ['A', 'B', 'C', '']);
  assert.deepEqual([order('', ['A'], slow), order('A', ['A'], slow)], [[''], ['A']]);
  assert.deepEqual(order('A', [], slow), ['A', ''], 'nobody knows how many there are');
});

test('where a permission was refused for one camera, the browser is not asked again for its own choice', () => {
  const refused = { code: 'camera_refused' };
  assert.deepEqual(order('A', ['A', 'B'], refused), ['A', 'B']);
  assert.deepEqual(order('A', ['', ''], refused), ['A'], 'a browser that refuses all names none');
});

test('an insecure page holds for every camera, and a question without an answer too', () => {
  const codes = ['camera_in_use', 'camera_missing', 'camera_ended', 'camera_dark', 'camera_refused'];
  assert.deepEqual(codes.filter(anotherMayWork), codes);
  assert.deepEqual(['insecure', 'camera_unanswered', 'page_fault', 'stopped'].filter(anotherMayWork), []);
});

const watch = (...looks) =>
  looks.reduce(
    (before, look) => watchPictures(before, { sample: 'a', muted: false, hidden: false, ...look }),
    unwatched,
  );

test('a camera without new pictures for some seconds has stalled, once each time', () => {
  const began = { pictures: 9, now: 1000 };
  assert.equal(watch(began, { pictures: 9, now: 999 + STALLED_MS }).stalled, false);
  const stalled = watch(began, { pictures: 9, now: 1000 + STALLED_MS });
  assert.equal(stalled.stalled, true);
  const after = (now) => watchPictures(stalled, { pictures: 9, sample: 'a', muted: false, hidden: false, now }).stalled;
  assert.equal(after(1500 + STALLED_MS), false);
  assert.equal(after(1000 + 2 * STALLED_MS), true);
});

test('a camera that stalls each time it is opened stands still, until one gives pictures for a while', () => {
  const opened = (before, now, lastPicture) => {
    let state = { ...unwatched, stalls: before.stalls };
    for (let at = now; at <= now + 5000; at += 500) {
      const pictures = Math.min(at, now + lastPicture);
      state = watchPictures(state, { pictures, sample: `${pictures}`, muted: false, hidden: false, now: at });
    }
    return state;
  };
  const first = opened(unwatched, 1000, 0);
  assert.deepEqual([first.stalls, pictureFault(first)], [1, '']);
  const second = opened(first, 10_000, STEADY_MS - 500);
  assert.deepEqual([second.stalls, pictureFault(second)], [2, 'still']);
  const later = opened(second, 20_000, 5000);
  assert.deepEqual([later.stalls, pictureFault(later)], [0, '']);
});

test('new pictures, and a page that nobody sees, are no stall', () => {
  assert.equal(watch({ pictures: 9, now: 1000 }, { pictures: 10, now: 9000 }).stalled, false);
  const uncounted = watch({ pictures: 9, now: 1000 }, { pictures: 9, sample: 'b', now: 9000 });
  assert.equal(uncounted.stalled, false, 'another picture is a new one, whoever counts');
  const hidden = watch({ pictures: 9, now: 1000 }, { pictures: 9, hidden: true, now: 60000 });
  assert.equal(hidden.stalled, false);
  const back = watchPictures(hidden, { pictures: 9, sample: 'a', muted: false, hidden: false, now: 61000 });
  assert.equal(back.stalled, false, 'it has its seconds again');
});

test('where pictures are not counted, a muted camera has stalled and another one has not', () => {
  const looks = (muted) => watch({ pictures: 0, muted, now: 1000 }, { pictures: 0, muted, now: 9000 }).stalled;
  assert.deepEqual([looks(true), looks(false)], [true, false]);
});

test('pictures that all show the same are frozen, and each try waits twice as long as the one before', () => {
  let state = unwatched;
  const times = [];
  for (let now = 500; now <= 75_000; now += 500) {
    state = watchPictures(state, { pictures: now, sample: 'black', muted: false, hidden: false, now });
    assert.equal(state.stalled, false);
    if (state.same) times.push(now - 500);
  }
  assert.deepEqual(times, [SAME_MS, 3 * SAME_MS, 7 * SAME_MS]);
  assert.equal(SAME_MOST_MS, 300_000);
  const moved = watchPictures(state, { pictures: 1, sample: 'somebody', muted: false, hidden: false, now: 75_500 });
  assert.deepEqual([moved.same, moved.patience], [false, SAME_MS]);
});

test('pictures that stay the same though the camera was opened again stand still, until one is another', () => {
  const look = (before, sample, now) =>
    watchPictures(before, { pictures: now, sample, muted: false, hidden: false, now });
  let state = unwatched;
  const faults = [];
  for (let now = 500; now <= 12_000; now += 500) {
    state = look(state, 'green', now);
    faults.push(pictureFault(state));
  }
  assert.equal(faults.indexOf('still'), SAME_MS / 500);
  assert.equal(pictureFault(look(state, 'black', 12_500)), 'black');
  assert.equal(pictureFault(look(state, 'somebody', 12_500)), '');
});

test('a picture that nobody sees, and none at all, is not the same as before', () => {
  const looks = (more) => watch({ pictures: 1, sample: 'a', now: 1000 }, { pictures: 2, now: 61_000, ...more }).same;
  assert.deepEqual(
    [looks({ sample: 'a' }), looks({ sample: '' }), looks({ sample: 'a', hidden: true })],
    [true, false, false],
  );
});

test('a black picture is told from a dark room', () => {
  assert.equal(allBlack([0, 0, 0, 255, 3, 2, 1, 255]), true);
  assert.equal(allBlack([0, 0, 0, 255, 0, 24, 0, 255]), false);
});
