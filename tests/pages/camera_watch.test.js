import assert from 'node:assert/strict';
import test from 'node:test';

import {
  anotherMayWork,
  nextCamera,
  STALLED_MS,
  unwatched,
  watchPictures,
} from '../../static/js/logic/camera_watch.js';
import { allBlack } from '../../static/js/logic/picture.js';

const order = (asked, listed, avoid) => {
  const tried = [];
  for (;;) {
    const id = nextCamera({ asked, tried, listed, avoid });
    if (id === null) return tried;
    tried.push(id);
  }
};

test('a remembered camera that fails is not the only one tried, and each is tried once', () => {
  assert.deepEqual(order('A', ['A', 'B', 'C']), ['A', '', 'B', 'C']);
  assert.deepEqual(order('', ['A', 'B']), ['', 'A', 'B']);
  assert.deepEqual(order('gone', ['B']), ['gone', '', 'B']);
  assert.deepEqual(order('', ['', '']), [''], 'before a permission, browsers name none');
});

test('a camera that stalled again is tried last', () => {
  assert.deepEqual(order('A', ['A', 'B'], 'A'), ['B', 'A', '']);
});

test('a permission that was refused, and an insecure page, hold for every camera', () => {
  assert.deepEqual(
    ['camera_in_use', 'camera_missing', 'camera_ended', 'camera_dark', 'camera_refused', 'insecure'].map(
      anotherMayWork,
    ),
    [true, true, true, true, false, false],
  );
});

const watch = (...looks) =>
  looks.reduce((before, look) => watchPictures(before, { muted: false, hidden: false, ...look }), unwatched);

test('a camera without new pictures for some seconds has stalled, once each time', () => {
  const began = { pictures: 9, now: 1000 };
  assert.equal(watch(began, { pictures: 9, now: 999 + STALLED_MS }).stalled, false);
  const stalled = watch(began, { pictures: 9, now: 1000 + STALLED_MS });
  assert.equal(stalled.stalled, true);
  const after = (now) => watchPictures(stalled, { pictures: 9, muted: false, hidden: false, now }).stalled;
  assert.equal(after(1500 + STALLED_MS), false);
  assert.equal(after(1000 + 2 * STALLED_MS), true);
});

test('new pictures, and a page that nobody sees, are no stall', () => {
  assert.equal(watch({ pictures: 9, now: 1000 }, { pictures: 10, now: 9000 }).stalled, false);
  const hidden = watch({ pictures: 9, now: 1000 }, { pictures: 9, hidden: true, now: 60000 });
  assert.equal(hidden.stalled, false);
  const back = watchPictures(hidden, { pictures: 9, muted: false, hidden: false, now: 61000 });
  assert.equal(back.stalled, false, 'it has its seconds again');
});

test('where pictures are not counted, a muted camera has stalled and another one has not', () => {
  const looks = (muted) => watch({ pictures: 0, muted, now: 1000 }, { pictures: 0, muted, now: 9000 }).stalled;
  assert.deepEqual([looks(true), looks(false)], [true, false]);
});

test('a black picture is told from a dark room', () => {
  assert.equal(allBlack([0, 0, 0, 255, 3, 2, 1, 255]), true);
  assert.equal(allBlack([0, 0, 0, 255, 0, 24, 0, 255]), false);
});
