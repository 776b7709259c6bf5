// Many photos at once: which file is whose, and what becomes of each.

const PICTURE = /\.(jpe?g|png|webp)$/i;
const HEIC = /\.(heic|heif)$/i;

export const HEIC_WORDS =
  'This is an HEIC photo, which browsers cannot read. Save it as JPEG first: on a Mac open it in Preview and choose '
  + 'File, Export, JPEG; on an iPhone set Settings, Camera, Formats to “Most Compatible”.';

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
 * One entry a file. A file is named after the ID; characters that file names cannot have may be written as _ or -.
 * @param {string[]} names
 * @param {Student[]} students
 * @param {{ replace?: boolean }} [options]
 * @returns {PlannedPhoto[]}
 */
export function plan(names, students, { replace = false } = {}) {
  const exact = new Map(students.map((student) => [student.student_id, student]));
  const loose = looseIndex(students);
  /** @type {Map<string, string>} */
  const taken = new Map();
  return names.map((name) => {
    if (HEIC.test(name)) return { name, student: null, problem: HEIC_WORDS };
    if (!PICTURE.test(name)) return { name, student: null, problem: 'This is no JPEG, PNG or WebP picture.' };
    const stem = name.replace(PICTURE, '').normalize('NFC');
    const student = exact.get(stem) ?? loose.get(stem.toLowerCase());
    if (!student) {
      return {
        name,
        student: null,
        problem: `No student on the list has the ID “${stem}”. Name the file after the ID.`,
      };
    }
    const earlier = taken.get(student.key);
    taken.set(student.key, name);
    if (earlier) return { name, student, problem: `${earlier} is for the same student. Only the first was used.` };
    if (student.registered && !replace) {
      return { name, student, problem: 'Registered already, so the photo was not used.' };
    }
    return { name, student, problem: null };
  });
}

/** @param {Student[]} students */
function looseIndex(students) {
  /** @type {Map<string, Student | null>} */
  const index = new Map();
  for (const student of students) {
    for (const stand of ['_', '-']) {
      const stem = student.student_id.replace(/[/\\:*?"<>|]/g, stand).toLowerCase();
      // Two students with the same stem: neither is guessed.
      index.set(stem, index.has(stem) && index.get(stem)?.key !== student.key ? null : student);
    }
  }
  return index;
}

/** @param {PhotoResult[]} results */
export function summary(results) {
  const saved = results.filter(({ state }) => state === 'saved').length;
  const refused = results.filter(({ state }) => state === 'refused').length;
  return { saved, refused, done: saved + refused, total: results.length };
}
