// One meeting's register as a pure core: who is shown in which order, what is being marked, and how to undo it.

import { messageIfComplete, t } from '../../lib/messages.js';
import { foundIn } from '../search_text.js';

/** How many marks can be undone. */
const UNDOABLE = 20;

/** @type {Record<RegisterFilter, (row: RegisterRow) => boolean>} */
const PASSES = {
  missing: ({ status }) => status === 'not_yet' || status === 'absent' || status === 'not_taken',
  late: ({ status }) => status === 'late',
  present: ({ status }) => status === 'present',
  excused: ({ status }) => status === 'excused',
  all: () => true,
};

/** Who is missing comes first, then what may need a look. */
const RANK = ['not_yet', 'absent', 'not_taken', 'late', 'excused', 'present'];

/** @type {Record<string, GivenStatus>} */
const KEYS = { p: 'present', l: 'late', e: 'excused', a: 'absent' };

/** @type {RegisterState} */
export const initial = Object.freeze({
  register: null,
  filter: 'missing',
  search: '',
  order: [],
  pending: {},
  undo: [],
});

/**
 * @param {RegisterState} state
 * @param {RegisterEvent} event
 * @returns {RegisterState}
 */
export function next(state, event) {
  switch (event.type) {
    case 'listed':
      return listed(state, event.register);
    case 'filter':
      return settled({ ...state, filter: isFilter(event.filter) ? event.filter : 'all' });
    case 'search':
      return settled({ ...state, search: event.text });
    case 'settle':
      return settled(state);
    case 'marking':
      return { ...state, pending: { ...state.pending, ...statusOfEach(event.marks) } };
    case 'marked':
      return { ...withoutPending(state, event.marks), undo: undoOf(state, event) };
    case 'not_marked':
      return withoutPending(state, event.marks);
    case 'undone':
      return { ...withoutPending(state, event.step.back), undo: undoAfter(state, event) };
    case 'left':
      return initial;
    default:
      throw new TypeError(`unknown event ${JSON.stringify(event)}`);
  }
}

/**
 * The rows keep the order they have, so that none slips away under a finger; `settle` sorts them again.
 * @param {RegisterState} state
 * @param {MeetingRegister} register
 */
function listed(state, register) {
  const other = state.register?.meeting.key !== register.meeting.key;
  if (other) return settled({ ...initial, register });
  const listedKeys = register.rows.map(({ student }) => student.key);
  const known = new Set(state.order);
  const fresh = register.rows.filter((row) => !known.has(row.student.key) && isWanted(state, row));
  const here = new Set(listedKeys);
  const order = [...state.order.filter((key) => here.has(key)), ...fresh.map(({ student }) => student.key)];
  return { ...state, register, order };
}

/** @param {RegisterState} state */
function settled(state) {
  const rows = (state.register?.rows ?? []).filter((row) => isWanted(state, row));
  rows.sort((one, two) => rank(one) - rank(two) || one.student.name.localeCompare(two.student.name));
  return { ...state, order: rows.map(({ student }) => student.key) };
}

/** @param {RegisterRow} row */
function rank({ status }) {
  return status === null ? RANK.length : RANK.indexOf(status);
}

/**
 * @param {RegisterState} state
 * @param {RegisterRow} row
 */
function isWanted({ filter, search }, row) {
  return PASSES[filter](row) && matches(row.student, search);
}

/**
 * Whether every word that was typed is in the name or the ID, in any order.
 * @param {StudentName} student
 * @param {string} search
 */
export function matches({ name, student_id: id }, search) {
  return foundIn(search, [name, id]);
}

/**
 * @param {string} filter
 * @returns {filter is RegisterFilter}
 */
function isFilter(filter) {
  return Object.hasOwn(PASSES, filter);
}

/** @param {Mark[]} marks */
function statusOfEach(marks) {
  return Object.fromEntries(marks.map(({ student, status }) => [student, status]));
}

/**
 * @param {RegisterState} state
 * @param {Mark[]} marks
 */
function withoutPending(state, marks) {
  const done = new Set(marks.map(({ student }) => student));
  const pending = Object.fromEntries(Object.entries(state.pending).filter(([key]) => !done.has(key)));
  return { ...state, pending };
}

/**
 * @param {MarkRecord[]} records
 * @param {string} student
 */
function recordOf(records, student) {
  return records.find((record) => record.student === student)?.id ?? null;
}

/**
 * @param {RegisterState} state
 * @param {{ marks: Mark[], records: MarkRecord[], before: ChosenMark[] }} marked
 */
function undoOf({ undo }, { marks, records, before }) {
  const back = marks.map(({ student }, at) => ({
    student,
    ...before[at],
    replaces: recordOf(records, student),
  }));
  return [...undo, { marks, back }].slice(-UNDOABLE);
}

/**
 * What can still be undone: an earlier mark of the same cell is replaced by the one that undid the later one.
 * @param {RegisterState} state
 * @param {{ step: UndoStep, records: MarkRecord[] }} undone
 */
function undoAfter({ undo }, { step, records }) {
  const now = new Map(
    step.back.map(({ student, status }) => [student, status === 'as_recorded' ? null : recordOf(records, student)]),
  );
  return undo
    .filter((one) => one !== step)
    .map(({ marks, back }) => ({
      marks,
      back: back.map((mark) => ({
        ...mark,
        replaces: now.has(mark.student) ? (now.get(mark.student) ?? null) : mark.replaces,
      })),
    }));
}

/**
 * The rows to draw, in their order.
 * @param {RegisterState} state
 * @returns {ShownRow[]}
 */
export function shownRows({ register, order, pending }) {
  const rows = new Map((register?.rows ?? []).map((row) => [row.student.key, row]));
  return order.flatMap((key) => {
    const row = rows.get(key);
    return row ? [{ ...row, pending: pending[key] ?? null }] : [];
  });
}

/**
 * The marks that give each of these students a status.
 * @param {RegisterState} state
 * @param {string[]} students
 * @param {MarkStatus} status
 * @returns {Mark[]}
 */
export function marksFor({ register }, students, status) {
  const wanted = new Set(students);
  const rows = (register?.rows ?? []).filter(({ student }) => wanted.has(student.key));
  return rows.map(({ student, mark }) => ({ student: student.key, status, replaces: mark }));
}

/**
 * What the cell's mark says now, with its remark and time, so that a new one can be undone: nothing where there is none.
 * @param {RegisterState} state
 * @param {string} key
 * @returns {ChosenMark}
 */
export function markNow({ register }, key) {
  const row = register?.rows.find(({ student }) => student.key === key);
  const status = row ? markOf(row) : 'as_recorded';
  if (!row || status === 'as_recorded' || row.remark === null) return { status };
  return { status, remark: row.remark, ...(row.at !== null && { at: row.at }) };
}

/**
 * What a cell's mark says; without one it is as recorded.
 * @param {RegisterCell} cell
 * @returns {MarkStatus}
 */
export function markOf({ status, why, mark }) {
  if (mark === null) return 'as_recorded';
  if (why.code.startsWith('came_')) return 'absent'; // a check-in after an A took its place
  return isGiven(status) ? status : 'as_recorded';
}

/**
 * @param {AttendanceStatus | null} status
 * @returns {status is GivenStatus}
 */
function isGiven(status) {
  return status !== null && Object.values(KEYS).some((given) => given === status);
}

/**
 * What a key does while a row has the focus.
 * @param {string} key
 * @returns {{ mark: GivenStatus } | { undo: true } | { move: number | 'first' | 'last' } | null}
 */
export function keyAct(key) {
  const letter = key.toLowerCase();
  if (Object.hasOwn(KEYS, letter)) return { mark: KEYS[letter] };
  if (letter === 'z') return { undo: true };
  if (key === 'ArrowDown') return { move: 1 };
  if (key === 'ArrowUp') return { move: -1 };
  if (key === 'Home') return { move: 'first' };
  if (key === 'End') return { move: 'last' };
  return null;
}

/**
 * How many pass each filter.
 * @param {MeetingRegister} register
 */
export function filterCounts({ rows }) {
  return Object.fromEntries(Object.entries(PASSES).map(([name, passes]) => [name, rows.filter(passes).length]));
}

/**
 * The parts of the bar, in its order, with their shares in percent.
 * @param {RegisterCounts} counts
 */
export function barParts(counts) {
  const parts = /** @type {const} */ (['present', 'late', 'excused', 'absent', 'not_yet']);
  const total = Math.max(1, counts.of);
  return parts
    .filter((name) => counts[name] > 0)
    .map((name) => ({ name, count: counts[name], share: (100 * counts[name]) / total }));
}

/**
 * The counts in a sentence, for those who cannot see the bar.
 * @param {RegisterCounts} counts
 */
export function countsInWords({ present, late, excused, absent, not_yet: notYet, of }) {
  return t('register.counts', { present, late, excused, absent, notYet, of });
}

/**
 * Who has come since: students whose check-in was not there before.
 * @param {MeetingRegister | null} before
 * @param {MeetingRegister} now
 * @returns {string[]}
 */
export function arrivals(before, now) {
  if (before?.meeting.key !== now.meeting.key) return [];
  const had = new Set(before.rows.filter((row) => row.check_in !== null).map(({ student }) => student.key));
  const came = now.rows.filter((row) => row.check_in !== null && !had.has(row.student.key));
  const visited = new Set(before.visitors.map(({ check_in: record }) => record));
  const visitors = now.visitors.filter(({ check_in: record }) => !visited.has(record));
  return [...came, ...visitors].map(({ student }) => student.name);
}

/**
 * @param {string[]} names
 */
export function arrivalWords(names) {
  const shown = names.slice(0, 3);
  return t('register.arrivals', { names: shown.join(', '), more: names.length - shown.length });
}

/**
 * Why a cell is what it is, in a sentence.
 * @param {Why} why
 */
export function whyWords({ code, params }) {
  return messageIfComplete(`why.${code}`, params) ?? '';
}

/** @param {AttendanceStatus | null} status */
export function statusWords(status) {
  return t(`status.${status ?? 'none'}`);
}

/**
 * Seconds until the next look: a class that takes check-ins is watched closely.
 * @param {MeetingPhase} phase
 */
export function pollSeconds(phase) {
  return phase === 'open' ? 4 : 20;
}

/**
 * The rooms where several members checked in instead of the class's.
 * @param {RegisterVisitor[]} visitors
 * @returns {{ room: string, visitors: RegisterVisitor[] }[]}
 */
export function otherRooms(visitors) {
  /** @type {Map<string, RegisterVisitor[]>} */
  const found = new Map();
  for (const visitor of visitors) {
    const { kind, room } = visitor;
    if (kind === 'other_room' && room !== null) found.set(room, [...(found.get(room) ?? []), visitor]);
  }
  return [...found].filter(([, there]) => there.length > 1).map(([room, there]) => ({ room, visitors: there }));
}
