// Who stands at the kiosk, as a pure core: the ID, a proof, and what they are for: a check-in without a face, or "My
// attendance". What was typed and what was shown leave by themselves.

import { troubleWords } from './words.js';

export const CLOSE_AFTER_MS = 20000;
const LONGEST = 64;

/**
 * `purpose`: check_in or history. `proof`: none, code, or any: the camera or the code. `step` says what is typed now.
 * `attempt` is sent with a check-in, the same one however often it is sent.
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
  shown: null,
  problem: null,
  closesAt: 0,
});

export function next(state, event) {
  const closesAt = event.now + CLOSE_AFTER_MS;
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
  if (!state.open) return state;
  const awake = { ...state, closesAt };
  switch (event.type) {
    case 'close':
      return closed;
    case 'key':
      return write(awake, state[state.step] + event.key);
    case 'erase':
      return write(awake, state[state.step].slice(0, -1));
    case 'typed':
      return write(awake, event.text);
    case 'ask':
      return ask(awake, event.way);
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
      throw new TypeError(`unknown event ${event.type}`);
  }
}

function write(state, text) {
  return { ...state, [state.step]: text.slice(0, LONGEST), problem: null };
}

function ask(state, way) {
  if (state[state.step].trim() === '') {
    return { ...state, problem: state.step === 'id' ? 'Type your student ID first.' : 'Type your personal code.' };
  }
  if (state.step === 'id' && (state.proof === 'code' || way === 'code')) {
    return { ...state, step: 'code', problem: null };
  }
  return { ...state, busy: true, problem: null };
}

/** Whether the ID is followed by a look at the camera, once it is asked for. */
export function byCamera(state) {
  return state.proof === 'any' && state.step === 'id';
}

export function secondsLeft(state, now) {
  return Math.max(0, Math.ceil((state.closesAt - now) / 1000));
}

/** What the page says here: {title, label, hint, submit, other}; `other` is the second button, null where there is none. */
export function whoWords(state, contact) {
  const checkIn = state.purpose === 'check_in';
  const title = checkIn ? 'Check in with ID and code' : 'My attendance';
  const doing = checkIn ? 'Checking in…' : 'Looking…';
  if (state.step === 'code') {
    const submit = checkIn ? 'Check in' : 'Show my attendance';
    return {
      title,
      label: 'Your personal code, six digits',
      hint: `No code yet? Ask ${contact}.`,
      submit: state.busy ? doing : submit,
      other: null,
    };
  }
  const submit = { none: 'Show my attendance', code: 'Next: your code', any: 'Next: look at the camera' }[state.proof];
  return {
    title,
    label: 'Your student ID',
    hint: '',
    submit: state.busy ? doing : submit,
    other: state.proof === 'any' ? 'Use my personal code' : null,
  };
}

export function failureWords(problem, contact, id) {
  if (problem.code === 'unknown_student') {
    return `We do not know the ID “${id}”. Check it and try again, or ask ${contact}.`;
  }
  return problem.detail;
}

/** Why the camera showed nobody's attendance. The other way is named in every case. */
export function cameraFailureWords(problem, contact) {
  if (problem.code === 'wrong_proof') {
    return `We could not tell that this ID is yours. Check the ID and try again, use your personal code, or ask ${contact}.`;
  }
  return `${troubleWords(problem, contact).title}. Try again, or use your personal code.`;
}
