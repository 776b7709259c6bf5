// The faculty page's list of students as a pure core: what is shown, counted, and comes next.

import { t } from '../../lib/messages.js';
import { nameAndId, setOff } from '../names.js';
import { mayAssist } from './rights.js';
import { foundIn } from '../search_text.js';

export const PAGE_ROWS = 100;
/** @type {Record<RosterFilter, (student: Student) => boolean>} */
const PASSES = {
  all: () => true,
  registered: (student) => student.registered,
  unregistered: (student) => student.uses_faces && !student.registered,
  present: (student) => student.today !== null,
  absent: (student) => student.today === null,
};

/** @type {RosterState} */
export const initial = Object.freeze({
  students: [],
  loaded: false,
  date: '',
  filter: 'all',
  search: '',
  limit: PAGE_ROWS,
  updatedAt: null,
  refreshing: false,
});

/**
 * @param {RosterState} state
 * @param {RosterEvent} event
 * @returns {RosterState}
 */
export function next(state, event) {
  switch (event.type) {
    case 'refreshing':
      return { ...state, refreshing: true };
    case 'unchanged':
      return { ...state, refreshing: false, updatedAt: event.now };
    case 'refresh_failed':
      return { ...state, refreshing: false };
    case 'listed':
      return {
        ...state,
        loaded: true,
        refreshing: false,
        updatedAt: event.now,
        date: event.date,
        students: event.students.filter((s) => !s.removed),
      };
    case 'student':
      return { ...state, students: upsert(state.students, event.student) };
    case 'changed': {
      const changed = new Map(event.students.map((student) => [student.key, student]));
      return { ...state, students: state.students.map((student) => changed.get(student.key) ?? student) };
    }
    case 'gone':
      return { ...state, students: state.students.filter(({ key }) => key !== event.key) };
    case 'search':
      return { ...state, search: event.text, limit: PAGE_ROWS };
    case 'filter':
      return { ...state, filter: isFilter(event.filter) ? event.filter : 'all', limit: PAGE_ROWS };
    case 'more':
      return { ...state, limit: state.limit + PAGE_ROWS };
    default:
      throw new TypeError(`unknown event ${JSON.stringify(event)}`);
  }
}

/**
 * @param {string} filter
 * @returns {filter is RosterFilter}
 */
function isFilter(filter) {
  return Object.hasOwn(PASSES, filter);
}

/**
 * @param {Student[]} students
 * @param {Student} student
 */
function upsert(students, student) {
  if (student.removed) return students.filter(({ key }) => key !== student.key);
  const place = students.findIndex(({ key }) => key === student.key);
  return place < 0 ? [...students, student] : students.map((old, at) => (at === place ? student : old));
}

/**
 * {rows, matches}: the rows to draw now, and how many there are in all for this search and filter.
 * @param {RosterState} state
 */
export function visible(state) {
  const passes = PASSES[state.filter];
  const matching = state.students.filter((student) => passes(student) && matchesSearch(student, state.search));
  return { rows: matching.slice(0, state.limit), matches: matching.length };
}

const AMONG = {
  all: '',
  registered: ' who is registered',
  unregistered: ' without a registered face',
  present: ' who is present',
  absent: ' who is not here yet',
};

/**
 * How many a search and filter leave, in words; why, where they leave nobody.
 * @param {RosterState} state
 */
export function matchWords(state) {
  const { matches } = visible(state);
  return matches > 0 ? `${countOf(matches, 'student')} found.` : noMatchWords(state);
}

/** @param {RosterState} state */
function noMatchWords({ search, filter, students }) {
  if (search.trim()) return `No student${AMONG[filter]} matches “${search.trim()}”.`;
  if (filter === 'present') return 'Nobody has checked in today yet.';
  if (filter === 'absent') return `All ${countOf(students.length, 'student')} are here today.`;
  if (filter === 'registered') return 'No face is registered yet. Start with “Register faces” above.';
  return 'Everyone is registered.';
}

/**
 * Whether name, ID and email address hold all words that were typed.
 * @param {Student} student
 * @param {string} search
 */
export function matchesSearch(student, search) {
  return foundIn(search, [student.name, student.known_as, student.student_id, student.email ?? '']);
}

/**
 * @param {Student[]} students
 * @returns {Record<string, number>}
 */
export function counts(students) {
  const of = (/** @type {(student: Student) => boolean} */ passes) =>
    students.reduce((sum, student) => sum + (passes(student) ? 1 : 0), 0);
  return {
    all: students.length,
    faces: of((student) => student.uses_faces || student.registered),
    registered: of(PASSES.registered),
    unregistered: of(PASSES.unregistered),
    present: of(PASSES.present),
    absent: of(PASSES.absent),
    again: of((student) => student.needs_again),
  };
}

/**
 * The next student without a face after `key`, in list order and from the top again; null when everyone has one.
 * @param {Student[]} students
 * @param {string | null} [key]
 */
export function nextUnregistered(students, key = null) {
  const start = students.findIndex((student) => student.key === key) + 1;
  const turned = [...students.slice(start), ...students.slice(0, start)];
  return turned.find((student) => PASSES.unregistered(student) && mayAssist(student) && student.key !== key) ?? null;
}

/**
 * @param {Student} student
 * @returns {Badge}
 */
export function faceWords(student) {
  if (student.paused) return { kind: 'warn', icon: 'alert', text: 'Paused', detail: 'no consent recorded' };
  if (student.registered) {
    if (student.consent.state === 'missing') {
      return { kind: 'warn', icon: 'check', text: 'Registered', detail: 'no consent recorded' };
    }
    const details = [sourceWords(student), student.alike.length > 0 ? 'code asked too' : ''];
    return { kind: 'good', icon: 'check', text: 'Registered', detail: details.filter(Boolean).join(', ') };
  }
  if (!student.uses_faces) return { kind: 'plain', icon: 'circle', text: 'No face used', detail: '' };
  if (student.needs_again) return { kind: 'warn', icon: 'again', text: 'Needs registering again', detail: '' };
  return { kind: 'plain', icon: 'circle', text: 'Not registered', detail: '' };
}

/**
 * What the registered pictures lack; empty if some of them show turns of the head.
 * @param {Student} student
 */
function sourceWords({ sources }) {
  if (sources.includes('camera')) return '';
  if (sources.includes('camera_straight')) return t('student_acts.straight_only');
  return sources.includes('photo') ? 'from a photo' : '';
}

/**
 * What a mark as look-alikes means for this student, and what is still to be done.
 * @param {StudentName} student
 * @param {StudentName[]} others
 * @param {boolean} codeIssued
 */
export function alikeWords(student, others, codeIssued) {
  const names = others.map(nameAndId).join(' and ');
  const code = codeIssued
    ? 'A check-in by face asks for the personal code too.'
    : 'A check-in by face asks for the personal code too, and there is none yet: give one with “New personal code”.';
  return `${setOff(student.name)} looks like ${names}. ${code}`;
}

/**
 * Whether the student has more time at check-in: what to press for the other, and what then is.
 * @param {Pick<Student, 'name' | 'more_time'>} student
 */
export function moreTimeWords({ name, more_time: more }) {
  return more
    ? { offer: 'Usual time at check-in', done: `${setOff(name)} has three times as long for each step from now on.` }
    : { offer: 'More time at check-in', done: `${setOff(name)} has the usual time for each step from now on.` };
}

/**
 * @param {Student} student
 * @returns {Badge}
 */
export function todayWords(student) {
  if (!student.today) return { kind: 'plain', icon: 'circle', text: 'Not yet', detail: '' };
  const detail = student.today.method === 'by_hand' ? 'by hand' : ''; // most come to a kiosk
  return { kind: 'good', icon: 'check', text: `Present ${student.today.local_time}`, detail };
}

/**
 * Seconds between looks for changes: short lists often, long ones, which cost more, less often.
 * @param {number} pages
 */
export function pollSeconds(pages) {
  return Math.max(4, Math.min(30, 2 * pages + 2));
}

/**
 * What an uploaded roster did, in sentences.
 * @param {RosterReport} report
 */
export function rosterReport(report) {
  /** @type {[number, string][]} */
  const parts = [
    [report.added, 'added'],
    [report.updated, 'updated'],
    [report.restored, 'restored'],
    [report.unchanged, 'unchanged'],
  ];
  const told = parts.filter(([count, word]) => count > 0 || word === 'added');
  return told.map(([count, word]) => `${grouped(count)} ${word}`).join(', ');
}

/**
 * "100,000", as in the messages of the catalogue.
 * @param {number} count
 */
function grouped(count) {
  return count.toLocaleString('en');
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function countOf(count, one, many = `${one}s`) {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** @type {Importing} */
const READING = { stage: 'reading', done: 0, total: null };

/**
 * An import under way, for a bar and a line of text; null before the server has told anything. Without `value` the bar
 * only moves.
 * @param {Importing | null} importing
 */
export function importShown(importing) {
  const { stage, done, total } = importing ?? READING;
  if (stage === 'reading') {
    return { stage: 'Reading the file…', count: done > 0 ? `${grouped(done)} read` : '', value: null, max: null };
  }
  return {
    stage: 'Putting the students on the list…',
    count: `${grouped(done)} of ${grouped(total)}`,
    value: done,
    max: total,
  };
}
