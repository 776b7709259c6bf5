// Many photos at once: which file is whose, and what becomes of each.

import { t } from '../../lib/messages.js';

// What some browser shows; this one says itself what it can read.
const PICTURE = /\.(jpe?g|jpe|jfif|pjpe?g|pjp|png|apng|webp|avif|hei[cf]s?|hif|gif|bmp|tiff?|jxl)$/i;
const HEIC = /\.(hei[cf]s?|hif)$/i;
const WORD_OR_NUMBER = /[\p{L}\p{M}]+|\p{N}+|[^\p{L}\p{M}\p{N}]/gu;

/** @typedef {{ students: Map<string, Student[]>, longest: number }} LooseIndex by what is in the name, and the longest of these */

/**
 * True for HEIC by name, type or the first bytes (an iPhone's photo renamed to .jpg is one still).
 * @param {string} name
 * @param {string} type
 * @param {Uint8Array} [head]
 */
export function isHeic(name, type, head = new Uint8Array()) {
  if (HEIC.test(name) || /hei[cf]/i.test(type)) return true;
  const brand = String.fromCharCode(...head.slice(4, 12));
  return brand.startsWith('ftyp') && /^(hei|hev|mif1|msf1)/.test(brand.slice(4));
}

/**
 * One entry a file. A file that is named after the ID is that student's; characters that file names cannot have may be written as
 * _ or -. A name that holds the ID of one student among other things is offered: `student` with `asked`.
 * @param {string[]} names
 * @param {Student[]} students
 * @param {{ replace?: boolean }} [options]
 * @returns {PlannedPhoto[]}
 */
export function plan(names, students, { replace = false } = {}) {
  const exact = new Map(students.map((student) => [student.student_id, [student]]));
  const loose = looseIndex(students);
  const found = names.map((name) => whose(name, exact, loose));
  const firsts = firstOfEach(found);
  return found.map((entry, place) => {
    const { student } = entry;
    const first = student ? firsts.get(student.key) : undefined;
    if (!student || first === undefined) return entry;
    if (first !== place) return refused(entry, t('photos.same_student', { first: names[first] }));
    if (student.registered && !replace) return refused(entry, t('photos.registered_already'));
    return entry;
  });
}

/**
 * @param {PlannedPhoto} entry
 * @param {string} problem
 * @returns {PlannedPhoto}
 */
function refused(entry, problem) {
  return { ...entry, asked: false, problem };
}

/**
 * @param {string} name
 * @param {Map<string, Student[]>} exact
 * @param {LooseIndex} loose
 * @returns {PlannedPhoto}
 */
function whose(name, exact, loose) {
  const entry = { name, student: null, asked: false, problem: null };
  if (!PICTURE.test(name)) return refused(entry, t('photos.no_picture'));
  const stem = name.replace(PICTURE, '').normalize('NFC');
  const named = exact.get(stem) ?? loose.students.get(stem.toLowerCase()) ?? [];
  if (named.length === 1) return { ...entry, student: named[0] };
  const fitting = named.length > 0 ? named : inName(stem, loose);
  if (fitting.length === 1) return { ...entry, student: fitting[0], asked: true };
  if (fitting.length === 0) return refused(entry, t('photos.no_such_id', { stem }));
  return refused(entry, t('photos.several_ids', { ids: fitting.map(({ student_id }) => student_id).join(', ') }));
}

/**
 * The place of each student's first file, by the student's key. What is named after the ID comes before what only has it in its
 * name, in whichever order the files are.
 * @param {PlannedPhoto[]} found
 */
function firstOfEach(found) {
  /** @type {Map<string, number>} */
  const firsts = new Map();
  for (const asked of [false, true]) {
    for (const [place, entry] of found.entries()) {
      const key = entry.asked === asked ? entry.student?.key : undefined;
      if (key !== undefined && !firsts.has(key)) firsts.set(key, place);
    }
  }
  return firsts;
}

/**
 * The students whose whole ID is in a file's name, and not as a part of a longer word or number.
 * @param {string} stem
 * @param {LooseIndex} loose
 */
function inName(stem, loose) {
  const parts = stem.toLowerCase().match(WORD_OR_NUMBER) ?? [];
  /** @type {Set<Student>} */
  const found = new Set();
  for (const from of parts.keys()) {
    let text = '';
    for (const part of parts.slice(from)) {
      text += part;
      if (text.length > loose.longest) break;
      for (const student of loose.students.get(text) ?? []) found.add(student);
    }
  }
  return [...found];
}

/**
 * The students by what their ID is in a file's name: several where it is the same.
 * @param {Student[]} students
 * @returns {LooseIndex}
 */
function looseIndex(students) {
  /** @type {LooseIndex} */
  const index = { students: new Map(), longest: 0 };
  for (const student of students) {
    const stems = ['_', '-'].map((stand) => student.student_id.replace(/[/\\:*?"<>|]/g, stand).toLowerCase());
    for (const stem of new Set(stems)) {
      index.students.set(stem, [...(index.students.get(stem) ?? []), student]);
      index.longest = Math.max(index.longest, stem.length);
    }
  }
  return index;
}

/** @param {{ state: PhotoResult['state'] }[]} results */
export function summary(results) {
  const counted = (/** @type {PhotoResult['state']} */ wanted) =>
    results.filter(({ state }) => state === wanted).length;
  const [saved, unused] = [counted('saved'), counted('refused')];
  return { saved, refused: unused, offered: counted('offered'), done: saved + unused, total: results.length };
}
