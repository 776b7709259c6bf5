// Registering oneself at a kiosk, as a pure core: (state, event) -> state. Times are milliseconds and come with the event.

import { leftAlone } from './left_alone.js';

export const IDLE_MS = 120000; // who walks away leaves nothing behind
export const DONE_MS = 45000; // to tell the lecturer the number
export const TROUBLE_MS = 60000;

/** @type {SelfRegistration} */
export const initial = Object.freeze({
  screen: 'starting', // starting id consent opening running saving done trouble over
  health: null,
  text: null, // {version, words}: what is agreed to
  studentId: '',
  challenge: null,
  number: '',
  trouble: null, // {code, detail, params, hint}
  until: Infinity, // when the page goes back to checking in
  ways: null, // when "Another way" closes, null where nobody reads it
  withoutTurning: false, // the pictures are taken looking straight
  moreTime: false, // for each picture, as the student asked
});

/** @type {Partial<Record<SelfRegistration['screen'], number>>} */
const ENDS = { id: IDLE_MS, consent: IDLE_MS, done: DONE_MS, trouble: TROUBLE_MS };
const CAMERA = new Set(['opening', 'running']);

/** @param {SelfRegistration} state */
export function cameraNeeded(state) {
  return CAMERA.has(state.screen);
}

/**
 * @param {SelfRegistration} state
 * @param {SelfRegistrationEvent} event
 */
export function next(state, event) {
  const handler = /** @type {(state: SelfRegistration, event: SelfRegistrationEvent) => SelfRegistration} */ (
    HANDLERS[event.type]
  );
  const changed = handler(state, event);
  if (changed.screen === state.screen && event.type !== 'touched') return changed;
  const ways = shownAs(changed) === shownAs(state) ? changed.ways : null;
  return { ...changed, ways, until: event.now + (ENDS[changed.screen] ?? Infinity) };
}

/** @param {SelfRegistration} state */
function shownAs(state) {
  return cameraNeeded(state) ? 'capture' : state.screen;
}

/**
 * Which other ways there are to register, and in which words the page says what is left.
 * @param {SelfRegistration} state
 * @returns {{ code: boolean, still: boolean, time: boolean, help: string }}
 */
export function otherWays({ screen, withoutTurning, moreTime }) {
  if (screen === 'starting') return { code: false, still: false, time: false, help: 'ways.no_server' };
  const asks = screen !== 'done' && screen !== 'saving';
  return { code: true, still: asks && !withoutTurning, time: asks && !moreTime, help: 'register.ways_help' };
}

/** @type {Handlers<SelfRegistration, SelfRegistrationEvents>} */
const HANDLERS = {
  ready: (state, { health, text }) => (state.screen === 'starting' ? { ...state, screen: 'id', health, text } : state),
  typed(state, { studentId }) {
    if (state.screen !== 'id' || studentId.trim() === '') return state;
    return { ...state, screen: 'consent', studentId: studentId.trim() };
  },
  agreed: (state) => (state.screen === 'consent' ? { ...state, screen: 'opening' } : state),
  asked: (state, { challenge }) => (cameraNeeded(state) ? { ...state, screen: 'running', challenge } : state),
  captured: (state) => (state.screen === 'running' ? { ...state, screen: 'saving' } : state),
  finished: (state, { number }) =>
    state.screen === 'saving' ? { ...state, screen: 'done', number, challenge: null, studentId: '' } : state,
  refused: (state, { problem }) => ({
    ...state,
    screen: 'trouble',
    challenge: null,
    trouble: { code: problem.code, detail: problem.detail, params: problem.params, hint: problem.hint },
  }),
  again: (state) =>
    state.screen === 'trouble' && state.studentId ? { ...state, screen: 'opening', trouble: null } : state,
  touched: (state, { now }) => ({ ...state, ways: state.ways === null ? null : leftAlone(now) }),
  ways: (state, { now }) => ({ ...state, ways: leftAlone(now) }),
  ways_closed: (state) => ({ ...state, ways: null }),
  /** Pictures that are being taken are taken again, without what somebody cannot do. */
  without_turning: (state) => ({
    ...state,
    ways: null,
    withoutTurning: true,
    ...(cameraNeeded(state) && { screen: 'opening', challenge: null }),
  }),
  more_time: (state) => ({ ...state, ways: null, moreTime: true }),
  over: (state) => ({ ...initial, screen: 'over', health: state.health }),
  tick(state, { now }) {
    if (now >= state.until) return { ...initial, screen: 'over', health: state.health };
    return state.ways !== null && now >= state.ways ? { ...state, ways: null } : state;
  },
};
