// "My attendance" as a pure core. What was typed and what was shown leave by themselves.

export const CLOSE_AFTER_MS = 20000;
const LONGEST = 64;

export const closed = Object.freeze({ open: false, id: '', busy: false, shown: null, problem: null, closesAt: 0 });

export function next(state, event) {
  if (event.type === 'open') return { ...closed, open: true, closesAt: event.now + CLOSE_AFTER_MS };
  if (!state.open) return state;
  const awake = { ...state, closesAt: event.now + CLOSE_AFTER_MS };
  switch (event.type) {
    case 'close':
      return closed;
    case 'key':
      return { ...awake, id: (state.id + event.key).slice(0, LONGEST), problem: null };
    case 'erase':
      return { ...awake, id: state.id.slice(0, -1), problem: null };
    case 'typed':
      return { ...awake, id: event.id.slice(0, LONGEST), problem: null };
    case 'ask':
      return state.id.trim() === '' ? { ...awake, problem: 'Type your student ID first.' } : { ...awake, busy: true, problem: null };
    case 'shown':
      return { ...awake, busy: false, shown: event.answer, id: '' };
    case 'failed':
      return { ...awake, busy: false, problem: event.words };
    case 'longer':
      return awake;
    case 'tick':
      return !state.busy && event.now >= state.closesAt ? closed : state;
    default:
      throw new TypeError(`unknown event ${event.type}`);
  }
}

export function secondsLeft(state, now) {
  return Math.max(0, Math.ceil((state.closesAt - now) / 1000));
}

export function failureWords(problem, id, contact) {
  if (problem.code === 'unknown_student') return `We do not know the ID “${id}”. Check it and try again, or ask ${contact}.`;
  return problem.detail;
}
