// Draws the list of students. Rows are kept by key and touched only where something changed, so that the focus and a
// screen reader's place survive every refresh.

import { byId, copyOf, everyElement, icon, part, refill, setAttribute, setHidden, setText } from '../../lib/dom.js';
import { counts, faceWords, matchWords, nextUnregistered, todayWords, visible } from '../../logic/faculty/roster.js';
import { actsOn } from '../../logic/faculty/rights.js';
import { clockFace, dayInWords } from '../../logic/time.js';
import { listedName, setOff } from '../../logic/names.js';

const BADGES = {
  good: 'badge badge-good',
  warn: 'badge badge-warn',
  plain: 'badge badge-plain',
  bad: 'badge badge-bad',
  now: 'badge badge-now',
};

export function createRosterView() {
  /** @type {Map<string, { element: HTMLElement, signature: string }>} by the students' keys */
  const rows = new Map();

  /**
   * @param {RosterState} state
   * @param {string} [zone]
   */
  function render(state, zone) {
    const { rows: students, matches } = visible(state);
    const all = counts(state.students);
    renderCounts(state, all, zone);
    renderNext(state);
    renderEmpty(state, matches);
    renderRows(students);
    setHidden(byId('more-rows'), matches <= students.length);
    setText(byId('more-text'), `Showing ${students.length} of ${matches}`);
  }

  /** @param {Student[]} students */
  function renderRows(students) {
    const body = byId('rows');
    const wanted = new Set(students.map(({ key }) => key));
    for (const [key, { element }] of rows) {
      if (!wanted.has(key)) {
        element.remove();
        rows.delete(key);
      }
    }
    /** @type {Element | null} */
    let place = body.firstElementChild;
    for (const student of students) {
      const row = rowFor(student);
      if (row === place) place = row.nextElementSibling;
      else body.insertBefore(row, place);
    }
  }

  /** @param {Student} student */
  function rowFor(student) {
    const known = rows.get(student.key) ?? { element: copyOf('row'), signature: '' };
    const signature = JSON.stringify(student);
    if (known.signature !== signature) {
      fillRow(known.element, student);
      known.signature = signature;
      rows.set(student.key, known);
    }
    return known.element;
  }

  return { render };
}

/**
 * @param {HTMLElement} row
 * @param {Student} student
 */
function fillRow(row, student) {
  row.dataset.key = student.key;
  setText(part(row, 'name'), listedName(student));
  setText(part(row, 'id'), student.student_id);
  setText(part(row, 'email'), student.email ? ` · ${setOff(student.email)}` : '');
  fillBadge(part(row, 'face'), faceWords(student));
  fillBadge(part(row, 'today'), todayWords(student));
  setText(part(row, 'register'), student.registered ? 'Register again' : 'Register face');
  buttonAround(part(row, 'register')).classList.toggle('btn-wanted', !student.registered);
  setText(part(row, 'hand'), student.today ? 'Cancel check-in' : 'Check in by hand');
  const acts = actsOn(student);
  for (const name of ['register', 'hand']) setHidden(buttonAround(part(row, name)), !acts[name]);
  for (const words of row.querySelectorAll('[data-part="of"]')) setText(words, ` for ${setOff(student.name)}`);
}

/** @param {HTMLElement} words */
function buttonAround(words) {
  return /** @type {HTMLElement} */ (words.parentElement);
}

/**
 * @param {HTMLElement} badge
 * @param {Badge} state
 */
export function fillBadge(badge, { kind, icon: picture, text, detail }) {
  setAttribute(badge, 'class', BADGES[kind]);
  refill(badge, `${kind}|${text}|${detail}`, () => [icon(picture), detail ? `${text}, ${detail}` : text]);
}

/**
 * @param {RosterState} state
 * @param {Record<string, number>} all
 * @param {string} [zone]
 */
function renderCounts(state, all, zone) {
  const unknown = !state.loaded;
  setText(byId('count-registered'), unknown ? '–' : `${all.registered} of ${all.faces} registered`);
  setText(byId('count-present'), unknown ? '–' : `${all.present} of ${all.all} present today`);
  setText(byId('today-date'), state.date ? `, ${dayInWords(state.date)}` : '');
  meter('meter-registered', all.registered, all.faces);
  meter('meter-present', all.present, all.all);
  for (const count of everyElement('[data-count]')) {
    setText(count, unknown ? '' : String(all[count.dataset.count ?? '']));
  }
  setText(byId('updated'), state.updatedAt ? `Updated ${clockFace(state.updatedAt, zone).seconds}` : '');
  setAttribute(byId('refresh'), 'aria-busy', state.refreshing ? 'true' : null);
}

/**
 * @param {'meter-registered' | 'meter-present'} id
 * @param {number} value
 * @param {number} max
 */
function meter(id, value, max) {
  byId(id).max = Math.max(1, max);
  byId(id).value = value;
}

/** @param {RosterState} state */
function renderNext(state) {
  const student = nextUnregistered(state.students);
  const words = nextWords(state, student);
  setText(byId('next-name'), words.name);
  setText(byId('next-id'), words.id);
  byId('register-next').disabled = student === null;
}

/**
 * @param {RosterState} state
 * @param {Student | null} student
 */
function nextWords(state, student) {
  if (!state.loaded) return { name: '–', id: '' };
  if (student) return { name: student.name, id: student.student_id };
  if (state.students.length === 0) return { name: 'Upload a roster first', id: '' };
  return { name: 'Everyone is registered', id: '' };
}

/**
 * @param {RosterState} state
 * @param {number} matches
 */
function renderEmpty(state, matches) {
  const nobody = state.loaded && state.students.length === 0;
  const noMatch = state.loaded && !nobody && matches === 0;
  setHidden(byId('loading'), state.loaded);
  setHidden(byId('empty'), !nobody);
  setHidden(byId('roster-tools'), !state.loaded || nobody);
  setHidden(byId('no-match'), !noMatch);
  setHidden(byId('table'), !state.loaded || matches === 0);
  setText(byId('no-match-text'), matchWords(state));
}
