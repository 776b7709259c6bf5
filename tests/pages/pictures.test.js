import assert from 'node:assert/strict';
import test from 'node:test';
import { isHeic, plan, summary } from '../../static/js/logic/faculty/photo_files.js';
import { cutOut, photoSize } from '../../static/js/logic/picture.js';
import './support/english.js';

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
  assert.deepEqual(planned(['7.jpg', 'unknown.jpg', 'notes.txt', 'x.heic', 'jpg']), [
    [null, false],
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

test('every picture that some browser shows is tried', () => {
  for (const ending of ['jpg', 'JPEG', 'jfif', 'png', 'webp', 'avif', 'heic', 'HEIF', 'gif', 'bmp', 'tif', 'jxl']) {
    assert.deepEqual(planned([`007.${ending}`]), [['a', true]], ending);
  }
});

const listed = ['1001', '1002', '0012', '12', 'CS/2021/001', 'S-77', 'Ä9', '٣٤'].map((student_id) => ({
  key: student_id,
  student_id,
  registered: false,
}));
const offered = (names, known = listed) =>
  plan(names, known).map(({ student, asked, problem }) => [student?.student_id ?? null, asked, problem === null]);

test('a file whose name has one ID among other things is offered, and never just taken', () => {
  for (const name of [
    '1001 (1).jpg',
    '1001(2).jpg',
    'Okoye, Adaeze (1001).jpg',
    'IMG_1001.jpg',
    'IMG1001.JPG',
    '1001_Okoye.jpeg',
    '1001Okoye.png',
    '1001-2.jpg',
    '1001.2.jpg',
    'Copy of 1001.jpg',
    '1001 - Kopie.jpg',
    '1001.jpg.jpg',
    'photo of 1001, 2026-09-01.webp',
    ' 1001 .jpg',
    '１００１.jpg'.normalize('NFKC').replace('1001', '[1001]'),
  ]) {
    assert.deepEqual(offered([name]), [['1001', true, true]], name);
  }
  assert.deepEqual(offered(['Okoye (CS_2021_001).jpg', 'cs-2021-001 (1).jpg']), [
    ['CS/2021/001', true, true],
    ['CS/2021/001', false, false],
  ]);
  assert.deepEqual(offered(['s-77 new.jpg', 'IMG A\u03089.heic', 'x ٣٤.gif']), [
    ['S-77', true, true],
    ['Ä9', true, true],
    ['٣٤', true, true],
  ]);
});

test('part of a number or a word is no ID', () => {
  for (const name of [
    'IMG_21001.jpg',
    '10011 (1).jpg',
    'IMG_20261001_0100.jpg',
    'xs-77.jpg',
    'bä9.jpg',
    '00012 (1).jpg',
  ]) {
    assert.deepEqual(offered([name]), [[null, false, false]], name);
  }
});

test('where several IDs fit none is offered, and they are named', () => {
  const [{ student, problem }] = plan(['1001 (12).jpg'], listed);
  assert.equal(student, null);
  assert.equal(problem, 'The file name fits several IDs: 1001, 12. Name the file after the right one.');
  assert.deepEqual(offered(['1001 and 1002.jpg', '0012 (1).jpg']), [
    [null, false, false],
    ['0012', true, true],
  ]);
});

test('the file that is named after the ID comes before one that has it in its name', () => {
  assert.deepEqual(offered(['1001 (1).jpg', '1001.jpg', '1002 (1).jpg', '1002 (2).jpg']), [
    ['1001', false, false],
    ['1001', false, true],
    ['1002', true, true],
    ['1002', false, false],
  ]);
  const [, second] = plan(['1001.jpg', '1001.jpg'], listed);
  assert.equal(second.problem, '1001.jpg is for the same student. Only the first was used.');
});

test('nothing is offered that would replace a face, unless asked', () => {
  const there = [{ ...listed[0], registered: true }];
  assert.deepEqual(offered(['1001 (1).jpg'], there), [['1001', false, false]]);
  assert.equal(plan(['1001 (1).jpg'], there, { replace: true })[0].asked, true);
});

test('HEIC is known by name, type and first bytes', () => {
  const head = Uint8Array.from('\0\0\0\x18ftypheic', (letter) => letter.charCodeAt(0));
  assert.ok(isHeic('a.HEIC', ''));
  assert.ok(isHeic('a', 'image/heif'));
  assert.ok(isHeic('renamed.jpg', 'image/jpeg', head));
  assert.ok(!isHeic('a.jpg', 'image/jpeg', new Uint8Array([255, 216, 255])));
});

test('the summary counts every file', () => {
  const states = ['saved', 'refused', 'waiting', 'saved', 'offered'].map((state) => ({ state }));
  assert.deepEqual(summary(states), { saved: 2, refused: 1, offered: 1, done: 3, total: 5 });
});

test('frames are the middle of the picture, at most 640 x 480', () => {
  assert.deepEqual(cutOut(640, 480), { x: 0, y: 0, fromWidth: 640, fromHeight: 480, width: 640, height: 480 });
  assert.deepEqual(cutOut(1280, 720), { x: 160, y: 0, fromWidth: 960, fromHeight: 720, width: 640, height: 480 });
  assert.deepEqual(cutOut(320, 240), { x: 0, y: 0, fromWidth: 320, fromHeight: 240, width: 320, height: 240 });
  const upright = cutOut(720, 1280);
  assert.deepEqual([upright.width, upright.height], [360, 480]);
  assert.equal(cutOut(0, 0), null);
});

test('photos are reduced to what the server reads, and never enlarged', () => {
  assert.deepEqual(photoSize(4000, 3000), { width: 1600, height: 1200 });
  assert.deepEqual(photoSize(9000, 12000), { width: 1200, height: 1600 });
  assert.deepEqual(photoSize(800, 600), { width: 800, height: 600 });
  assert.deepEqual(photoSize(10, 16000), { width: 1, height: 1600 });
});
