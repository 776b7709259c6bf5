// Who stands at the kiosk, as a pure core: the ID, a proof, and what they are for: a check-in without a face, or "My
// attendance". What was typed and what was shown leave by themselves.

import { messageIfComplete, t } from '../../lib/messages.js';
import { leftAlone } from './left_alone.js';
import { troubleWords } from './words.js';

/** How long after the last touch what was shown is closed. */
export const CLOSE_AFTER_MS = 20000;
const LONGEST = 64;

/**
 * `purpose`: check_in or history. `proof`: none, code, or any: the camera or the code. `step` says what is typed now.
 * `attempt` is sent with a check-in, the same one however often it is sent. `question` is the number of the question that
 * is out while `busy`.
 * @type {IdEntry}
 */
export const closed = Object.freeze({
  open: false,
  purpose: 'history',
  proof: 'none',
  attempt: '',
  step: 'id',
  id: '',
  code: '',
  busy: false,
  question: 0,
  shown: null,
  problem: null,
  closesAt: 0,
});

/**
 * @param {IdEntry} state
 * @param {IdEntryEvent} event
 * @returns {IdEntry}
 */
export function next(state, event) {
  const shows = state.shown !== null || event.type === 'shown';
  const closesAt = shows ? event.now + CLOSE_AFTER_MS : leftAlone(event.now);
  if (event.type === 'open') {
    return {
      ...closed,
      open: true,
      purpose: event.purpose,
      proof: event.proof,
      attempt: event.attempt ?? '',
      closesAt,
    };
  }
  if (!state.open || isLate(state, event)) return state;
  const awake = { ...state, closesAt };
  switch (event.type) {
    case 'close':
      return closed;
    case 'typed':
      return write(awake, event.text);
    case 'ask':
      return ask(awake, event);
    case 'back': // from the camera, with nothing to show
      return { ...awake, busy: false };
    case 'shown':
      return { ...awake, busy: false, shown: event.answer, step: 'id', id: '', code: '' };
    case 'failed':
      return { ...awake, busy: false, step: 'id', code: '', problem: event.words };
    case 'longer':
      return awake;
    case 'tick':
      return !state.busy && event.now >= state.closesAt ? closed : state;
    default:
      throw new TypeError(`unknown event ${JSON.stringify(event)}`);
  }
}

/**
 * @param {IdEntry} state
 * @param {string} text
 */
function write(state, text) {
  return { ...state, [state.step]: text.slice(0, LONGEST), problem: null };
}

/**
 * Whether an event answers a question that nobody waits for any more. Who asked it may have left, and somebody else
 * may be typing now.
 * @param {IdEntry} state
 * @param {IdEntryEvent} event
 */
function isLate({ busy, question }, event) {
  return 'answers' in event && (!busy || event.answers !== question);
}

/**
 * @param {IdEntry} state
 * @param {{ question: number, way?: 'code' }} asked
 * @returns {IdEntry}
 */
function ask(state, { question, way }) {
  if (state[state.step].trim() === '') {
    return { ...state, problem: t(state.step === 'id' ? 'id_entry.no_id' : 'id_entry.no_code') };
  }
  if (state.step === 'id' && (state.proof === 'code' || way === 'code')) {
    return { ...state, step: 'code', problem: null };
  }
  return { ...state, busy: true, question, problem: null };
}

/**
 * Whether the ID is followed by a look at the camera, once it is asked for.
 * @param {IdEntry} state
 */
export function byCamera(state) {
  return state.proof === 'any' && state.step === 'id';
}

/**
 * @param {IdEntry} state
 * @param {number} now
 */
export function secondsLeft(state, now) {
  return Math.max(0, Math.ceil((state.closesAt - now) / 1000));
}

/** The button after the ID, by the proof that follows. */
const NEXT = { none: 'id_entry.show', code: 'id_entry.next_code', any: 'id_entry.next_camera' };

/**
 * What the page says here; `other` is the second button, null where there is none.
 * @param {IdEntry} state
 * @param {string} contact
 */
export function idEntryWords(state, contact) {
  const checkIn = state.purpose === 'check_in';
  const title = checkIn ? t('id_entry.check_in_title') : t('id_entry.history_title');
  const doing = checkIn ? t('id_entry.checking_in') : t('id_entry.looking');
  if (state.step === 'code') {
    const submit = checkIn ? t('ready.check_in') : t('id_entry.show');
    const hint = t('id_entry.code_hint', { contact });
    return { title, label: t('student.code'), hint, submit: state.busy ? doing : submit, other: null };
  }
  const submit = state.busy ? doing : t(NEXT[state.proof]);
  const other = state.proof === 'any' ? t('id_entry.use_code') : null;
  return { title, label: t('student.id'), hint: '', submit, other };
}

/**
 * Why the ID and the code did not do, in a sentence or two.
 * @param {ProblemLike} problem
 * @param {string} contact
 * @param {string} id
 */
export function failureWords(problem, contact, id) {
  const words = messageIfComplete(`id_problem.${problem.code}`, { ...problem.params, contact, id });
  return words ?? troubleWords(problem, contact).detail;
}

/**
 * Why the camera showed nobody's attendance, and what would have helped. The other way is named in every case.
 * @param {ProblemLike} problem
 * @param {string} contact
 */
export function cameraFailureWords(problem, contact) {
  if (problem.code === 'wrong_proof') return t('id_entry.not_your_face', { contact });
  const { title: trouble, cause } = troubleWords(problem, contact);
  return cause ? t('id_entry.camera_failed_because', { trouble, cause }) : t('id_entry.camera_failed', { trouble });
}
