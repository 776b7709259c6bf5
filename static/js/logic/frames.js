// The frames protocol as a pure core: what to do next with a challenge, after what just happened.
// One frame is in flight at a time. A lost answer is asked for again with the same bytes, number and nonce, which the
// server answers the same and which changes nothing.

export const RESEND_AFTER_MS = [200, 400, 800, 1600, 2500, 2500];
const BUSY_MS = 600;

/** Hints while no picture or answer comes: what is slow, for the server cannot say it. */
export const NO_PICTURE = 'no_picture';
export const NO_ANSWER = 'slow_connection';
const NO_ROOM = 'slow_server';

/**
 * `do`: capture | send | resend (after `wait` ms) | finish | stop (with `problem`).
 * @param {Challenge} challenge
 * @returns {FrameState}
 */
export function begin(challenge) {
  return { challenge, pending: null, lost: 0, command: commandAfter(challenge) };
}

/**
 * @param {FrameState} state
 * @param {FrameEvent} event
 * @returns {FrameState}
 */
export function advance(state, event) {
  switch (event.type) {
    case 'captured':
      return state.challenge.next
        ? { ...state, pending: { ...state.challenge.next, bytes: event.bytes }, command: { do: 'send' } }
        : state;
    case 'answered':
      return begin(event.challenge);
    case 'lost':
      return lostAnswer(state, event.problem);
    case 'refused':
      return refused(state, event.problem);
    default:
      throw new TypeError(`unknown event ${JSON.stringify(event)}`);
  }
}

/**
 * @param {Challenge} challenge
 * @returns {Command}
 */
function commandAfter(challenge) {
  if (challenge.state === 'passed') return { do: 'finish' };
  if (challenge.next) return { do: 'capture' };
  const failure = challenge.failure ?? { code: 'too_slow', detail: '' };
  return { do: 'stop', problem: { ...failure, other_way: challenge.other_way } };
}

/**
 * @param {FrameState} state
 * @param {ProblemLike} problem
 * @returns {FrameState}
 */
function lostAnswer(state, problem) {
  if (state.lost >= RESEND_AFTER_MS.length) return { ...state, command: { do: 'stop', problem } };
  const command = /** @type {Command} */ ({ do: 'resend', wait: RESEND_AFTER_MS[state.lost] });
  return { ...hinted(state, NO_ANSWER), lost: state.lost + 1, command };
}

/**
 * @param {FrameState} state
 * @param {ProblemLike} problem
 * @returns {FrameState}
 */
function refused(state, problem) {
  // A frame that could not be read does not end the session: the same place is open for another picture.
  if (problem.status === 422) return lostTurn(state, problem, { do: 'capture' });
  if (problem.status === 503 || problem.status === 429) {
    const wait = typeof problem.retryAfter === 'number' ? problem.retryAfter * 1000 : BUSY_MS;
    return lostTurn(hinted(state, NO_ROOM), problem, { do: 'resend', wait });
  }
  return { ...state, command: { do: 'stop', problem } };
}

/**
 * The same challenge with another hint, until the server's next answer.
 * @param {FrameState} state
 * @param {string} hint
 * @returns {FrameState}
 */
export function hinted(state, hint) {
  return { ...state, challenge: { ...state.challenge, hint } };
}

/**
 * @param {FrameState} state
 * @param {ProblemLike} problem
 * @param {Command} command
 * @returns {FrameState}
 */
function lostTurn(state, problem, command) {
  if (state.lost >= RESEND_AFTER_MS.length) return { ...state, command: { do: 'stop', problem } };
  return { ...state, lost: state.lost + 1, command };
}

/**
 * Whether a movement was met between two answers. Told when it is met, not when the head is straight again: a person who has
 * the eyes closed waits for the tone to open them.
 * @param {Challenge | null} before
 * @param {Challenge} after
 */
export function stepMet(before, after) {
  if (after.returning) return !before?.returning;
  return !before?.returning && after.accepted.length > (before?.accepted.length ?? 0);
}

/** Milliseconds between frames where the server does not say: about fifteen a second. */
const PACE_MS = 66;

/**
 * How many ms after a frame the server wants the next: fewer while a movement is asked, more while it is behind.
 * @param {Challenge} challenge
 */
export function paceOf(challenge) {
  return challenge.pace_ms ?? PACE_MS;
}

/**
 * How long to wait before the next capture, so that frames leave at most every `pace` ms.
 * @param {number} sentAt
 * @param {number} now
 * @param {number} pace
 */
export function pause(sentAt, now, pace) {
  return Math.max(0, sentAt + pace - now);
}

/**
 * Seconds between looks for a server that is away: soon at first, then calmly.
 * @param {number} tries
 */
export function backoffSeconds(tries) {
  return Math.min(10, 2 ** Math.min(tries, 4));
}
