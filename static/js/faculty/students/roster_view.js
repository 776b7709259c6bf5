// Draws the list of students.

import { fillBadge } from '../../lib/badge.js';
import { byId, copyOf, everyElement, part, setAttribute, setHidden, setText } from '../../lib/dom.js';
import { counts, faceWords, matchWords, nextUnregistered, todayWords, visible } from '../../logic/faculty/roster.js';
import { actsOn } from '../../logic/faculty/rights.js';
import { clockFace, dayInWords } from '../../logic/time.js';
import { listedName, setOff } from '../../logic/names.js';
import { createKeyedRows } from '../keyed_rows.js';

export function createRosterView() {
  const rows = createKeyedRows(byId('rows'), {
    key: (/** @type {Student} */ student) => student.key,
    make: () => copyOf('row'),
    fill: fillRow,
  });

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
    rows.render(students);
    setHidden(byId('more-rows'), matches <= students.length);
    setText(byId('more-text'), `Showing ${students.length} of ${matches}`);
  }

  return { render };
}

/**
 * @param {HTMLElement} row
 * @param {Student} student
 */
function fillRow(row, student) {
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
