// The frames protocol as a pure core: what to do next with a challenge, after what just happened.
// One frame is in flight at a time. A lost answer is asked for again with the same bytes, number and nonce, which the
// server answers the same and which changes nothing.

export const RESEND_AFTER_MS = [200, 400, 800, 1600, 2500, 2500];
const BUSY_MS = 600;

/** `do`: capture | send | resend (after `wait` ms) | finish | stop (with `problem`). */
export function begin(challenge) {
  return { challenge, pending: null, lost: 0, command: commandAfter(challenge) };
}

export function advance(state, event) {
  switch (event.type) {
    case 'captured':
      return { ...state, pending: { ...state.challenge.next, bytes: event.bytes }, command: { do: 'send' } };
    case 'answered':
      return begin(event.challenge);
    case 'lost':
      return lostAnswer(state, event.problem);
    case 'refused':
      return refused(state, event.problem);
    default:
      throw new TypeError(`unknown event ${event.type}`);
  }
}

function commandAfter(challenge) {
  if (challenge.state === 'passed') return { do: 'finish' };
  if (challenge.next) return { do: 'capture' };
  return { do: 'stop', problem: challenge.failure ?? { code: 'too_slow', detail: '' } };
}

function lostAnswer(state, problem) {
  if (state.lost >= RESEND_AFTER_MS.length) return { ...state, command: { do: 'stop', problem } };
  return { ...state, lost: state.lost + 1, command: { do: 'resend', wait: RESEND_AFTER_MS[state.lost] } };
}

function refused(state, problem) {
  // A frame that could not be read does not end the session: the same place is open for another picture.
  if (problem.status === 422) return lostTurn(state, problem, { do: 'capture' });
  if (problem.status === 503 || problem.status === 429) {
    const wait = problem.retryAfter === null ? BUSY_MS : problem.retryAfter * 1000;
    return lostTurn(state, problem, { do: 'resend', wait });
  }
  return { ...state, command: { do: 'stop', problem } };
}

function lostTurn(state, problem, command) {
  if (state.lost >= RESEND_AFTER_MS.length) return { ...state, command: { do: 'stop', problem } };
  return { ...state, lost: state.lost + 1, command };
}

/**
 * Whether a movement was met between two answers. Told when it is met, not when the head is straight again: whoever has
 * the eyes closed waits for the tone to open them.
 */
export function stepMet(before, after) {
  if (after.returning) return !before?.returning;
  return !before?.returning && after.accepted.length > (before?.accepted.length ?? 0);
}

/** How long to wait before the next capture, so that frames leave at most every `pace` ms. */
export function pause(sentAt, now, pace) {
  return Math.max(0, sentAt + pace - now);
}

/** Seconds between looks for a server that is away: soon at first, then calmly. */
export function backoffSeconds(tries) {
  return Math.min(10, 2 ** Math.min(tries, 4));
}
