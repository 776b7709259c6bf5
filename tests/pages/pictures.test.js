import assert from 'node:assert/strict';
import test from 'node:test';
import { isHeic, plan, summary } from '../../static/js/logic/faculty/photo_files.js';
import { cutOut, reducedSize } from '../../static/js/logic/picture.js';

const students = [
  { key: 'a', student_id: '007', registered: false },
  { key: 'b', student_id: 'CS/2021/001', registered: false },
  { key: 'c', student_id: '8', registered: true },
  { key: 'd', student_id: 'A-1', registered: false },
  { key: 'e', student_id: 'A/1', registered: false },
];
const planned = (names, options) =>
  plan(names, students, options).map(({ student, problem }) => [student?.key ?? null, problem === null]);

test('a photo belongs to the student whose ID it is named after', () => {
  assert.deepEqual(planned(['007.jpg', 'CS_2021_001.JPEG', 'CS-2021-001.png']), [
    ['a', true],
    ['b', true],
    ['b', false],
  ]);
  assert.deepEqual(planned(['7.jpg', 'unknown.jpg', 'notes.txt', 'x.heic']), [
    [null, false],
    [null, false],
    [null, false],
    [null, false],
  ]);
});

test('an exact name wins, and where two students could be meant none is guessed', () => {
  assert.deepEqual(planned(['A-1.jpg']), [['d', true]]);
  assert.deepEqual(planned(['a-1.jpg']), [[null, false]]);
  assert.deepEqual(planned(['A_1.jpg']), [['e', true]]);
});

test('registered faces are replaced only when asked', () => {
  assert.deepEqual(planned(['8.jpg']), [['c', false]]);
  assert.deepEqual(planned(['8.jpg'], { replace: true }), [['c', true]]);
});

test('HEIC is known by name, type and first bytes', () => {
  const head = Uint8Array.from('\0\0\0\x18ftypheic', (letter) => letter.charCodeAt(0));
  assert.ok(isHeic('a.HEIC', ''));
  assert.ok(isHeic('a', 'image/heif'));
  assert.ok(isHeic('renamed.jpg', 'image/jpeg', head));
  assert.ok(!isHeic('a.jpg', 'image/jpeg', new Uint8Array([255, 216, 255])));
});

test('the summary counts every file', () => {
  const states = ['saved', 'refused', 'waiting', 'saved'].map((state) => ({ state }));
  assert.deepEqual(summary(states), { saved: 2, refused: 1, done: 3, total: 4 });
});

test('frames are the middle of the picture, at most 640 x 480', () => {
  assert.deepEqual(cutOut(640, 480), { x: 0, y: 0, fromWidth: 640, fromHeight: 480, width: 640, height: 480 });
  assert.deepEqual(cutOut(1280, 720), { x: 160, y: 0, fromWidth: 960, fromHeight: 720, width: 640, height: 480 });
  assert.deepEqual(cutOut(320, 240), { x: 0, y: 0, fromWidth: 320, fromHeight: 240, width: 320, height: 240 });
  const upright = cutOut(720, 1280);
  assert.deepEqual([upright.width, upright.height], [360, 480]);
  assert.equal(cutOut(0, 0), null);
});

test('large photos are reduced, others sent as they are', () => {
  assert.deepEqual(reducedSize(4000, 3000, 5e6, 'image/jpeg'), { width: 1600, height: 1200 });
  assert.equal(reducedSize(800, 600, 1e5, 'image/png'), null);
  assert.deepEqual(reducedSize(800, 600, 1e5, 'image/bmp'), { width: 800, height: 600 });
  assert.deepEqual(reducedSize(10, 16000, 1e5, 'image/png'), { width: 1, height: 1600 });
});
