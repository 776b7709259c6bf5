// "My attendance" as a pure core. What was typed and what was shown leave by themselves.

export const CLOSE_AFTER_MS = 20000;
const LONGEST = 64;

/** `step` says what is typed now; `wantsCode`, that the ID is followed by the personal code. */
export const closed = Object.freeze({ open: false, wantsCode: false, step: 'id', id: '', code: '', busy: false, shown: null, problem: null, closesAt: 0 });

export function next(state, event) {
  if (event.type === 'open') return { ...closed, open: true, wantsCode: Boolean(event.wantsCode), closesAt: event.now + CLOSE_AFTER_MS };
  if (!state.open) return state;
  const awake = { ...state, closesAt: event.now + CLOSE_AFTER_MS };
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
      return ask(awake);
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

function ask(state) {
  if (state[state.step].trim() === '') return { ...state, problem: state.step === 'id' ? 'Type your student ID first.' : 'Type your personal code.' };
  if (state.step === 'id' && state.wantsCode) return { ...state, step: 'code', problem: null };
  return { ...state, busy: true, problem: null };
}

export function secondsLeft(state, now) {
  return Math.max(0, Math.ceil((state.closesAt - now) / 1000));
}

export function failureWords(problem, id, contact) {
  if (problem.code === 'unknown_student') return `We do not know the ID “${id}”. Check it and try again, or ask ${contact}.`;
  return problem.detail;
}
