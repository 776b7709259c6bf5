// Registering faces one after another, as a pure core.

import { mustAsk } from './consent.js';

/** @type {FaceRegistration} */
export const initial = Object.freeze({
  phase: 'closed',
  student: null,
  upcoming: null,
  challenge: null,
  challengeId: null,
  saved: null,
  other: null,
  trouble: null,
});

/**
 * @param {FaceRegistration} state
 * @param {FaceRegistrationEvent} event
 * @returns {FaceRegistration}
 */
export function next(state, event) {
  if (event.type === 'open') {
    return { ...initial, phase: mustAsk(event.student) ? 'consent' : 'opening', student: event.student };
  }
  if (event.type === 'close') return initial;
  if (state.phase === 'closed') return state;
  switch (event.type) {
    case 'agreed':
      return state.phase === 'consent' ? { ...initial, phase: 'opening', student: event.student } : state;
    case 'camera':
      return state.phase === 'opening' ? { ...state, phase: 'ready', trouble: null } : state;
    case 'start':
      return { ...state, phase: 'running', challenge: null, challengeId: null, trouble: null, other: null };
    case 'asked':
      return state.phase === 'running' ? { ...state, challenge: event.challenge } : state;
    case 'captured':
      return state.phase === 'running' ? { ...state, phase: 'saving', challengeId: event.id } : state;
    case 'saved':
      return {
        ...state,
        phase: 'done',
        saved: event.saved,
        upcoming: event.upcoming,
        challenge: null,
        challengeId: null,
        other: null,
      };
    case 'face_of_another':
      return { ...state, phase: 'other', other: event.other };
    case 'confirm_other':
      return state.phase === 'other' ? { ...state, phase: 'saving' } : state;
    case 'refused':
      return { ...state, phase: 'trouble', trouble: event.trouble, challenge: null, challengeId: null };
    case 'retry':
      return {
        ...state,
        phase: mustAsk(state.student) ? 'consent' : 'opening',
        trouble: null,
        other: null,
        challenge: null,
      };
    case 'choose':
      return { ...initial, phase: mustAsk(event.student) ? 'consent' : 'ready', student: event.student };
    default:
      throw new TypeError(`unknown event ${JSON.stringify(event)}`);
  }
}

/**
 * Whom the dialog is about: once one is done, the next is selected.
 * @param {FaceRegistration} state
 */
export function selected(state) {
  return (state.phase === 'done' && state.upcoming) || state.student;
}

/**
 * "2 of 5", and the share for the meter.
 * @param {Challenge | null} challenge
 */
export function progressOf(challenge) {
  const total = challenge?.total ?? 0;
  const done = challenge?.accepted.length ?? 0;
  return { done, total, text: total ? `${done} of ${total}` : '' };
}

/** @type {Record<string, { title: string, detail: string }>} */
const TROUBLES = {
  too_slow: {
    title: 'That took too long',
    detail: 'Nothing was saved. Please try again: the page waits for each movement.',
  },
  challenge_expired: { title: 'That took too long', detail: 'Nothing was saved. Please try again.' },
  lost_face: {
    title: 'We lost sight of the face',
    detail: 'Nothing was saved. Stay in front of the camera and try again.',
  },
  face_changed: {
    title: 'The face in the picture changed',
    detail: 'Nothing was saved. One person only, please; then try again.',
  },
  several_faces: {
    title: 'More than one person was in the picture',
    detail: 'Nothing was saved. One person only, please; then try again.',
  },
  no_clear_face: {
    title: 'We could not see the face clearly',
    detail: 'Nothing was saved. Face the light and try again.',
  },
  unknown_challenge: { title: 'The server was restarted', detail: 'Nothing was saved. Please start again.' },
  server_away: {
    title: 'We cannot reach the server',
    detail: 'Nothing was saved. Check that it is running, then try again.',
  },
};

/** @param {ProblemLike} problem */
export function troubleWords(problem) {
  return (
    TROUBLES[problem.code] ?? { title: 'The face was not registered', detail: problem.detail || 'Please try again.' }
  );
}
