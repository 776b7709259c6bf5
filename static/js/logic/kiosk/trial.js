// A field trial as a pure core: declare a try, play it, see how it was counted, and continue with the next.

import { troubleWords } from './words.js';

/** @type {TrialState} */
export const initial = Object.freeze({
  screen: 'starting', // starting locked trial opening checking counting
  trial: null, // the server's counts
  declared: null, // what the try under way, or the last one, was said to be
  challenge: null,
  stopped: false, // the supervisor stopped the try and has to say whether it counts
  result: null, // {passed, failure} of the try just counted; null where none was
  problem: '',
});

/**
 * @param {TrialState} state
 * @param {TrialEvent} event
 */
export function next(state, event) {
  const handler = /** @type {(state: TrialState, event: TrialEvent) => TrialState} */ (HANDLERS[event.type]);
  if (!handler) throw new TypeError(`unknown event ${event.type}`);
  return handler(state, event);
}

/** @type {{ [Kind in keyof TrialEvents]: (state: TrialState, event: TrialEvents[Kind]) => TrialState }} */
const HANDLERS = {
  loaded: (state, { trial }) => ({
    ...state,
    trial,
    screen: state.screen === 'starting' ? 'trial' : state.screen,
    result: null,
    problem: '',
  }),

  locked: (state) => ({ ...initial, trial: state.trial, screen: 'locked' }),

  start(state, { declared }) {
    if (state.screen !== 'trial') return state;
    return { ...state, screen: 'opening', declared, challenge: null, stopped: false, result: null, problem: '' };
  },

  asked: (state, { challenge }) => (playing(state) ? { ...state, screen: 'checking', challenge } : state),

  /** The supervisor ends the try by hand. Before there is a session there is nothing to count. */
  stop(state) {
    if (!playing(state)) return state;
    return { ...state, screen: 'trial', stopped: state.challenge !== null };
  },

  counting: (state) => ({ ...state, screen: 'counting', stopped: false }),

  counted: (state, { answer }) => ({
    ...state,
    screen: 'trial',
    trial: answer.trial,
    result: { passed: answer.passed, failure: answer.failure },
    stopped: false,
  }),

  discarded: (state) => ({ ...state, stopped: false, challenge: null }),

  failed: (state, { problem }) => ({ ...state, screen: state.screen === 'locked' ? 'locked' : 'trial', problem }),
};

/** @param {TrialState} state */
export function playing(state) {
  return state.screen === 'opening' || state.screen === 'checking';
}

/**
 * What came of the try just counted, for the supervisor.
 * @param {Pick<TrialState, 'declared' | 'result'>} state
 * @returns {{ good: boolean, text: string } | null}
 */
export function resultWords({ declared, result }) {
  if (!result) return null;
  const honest = declared?.presentation === 'bona fide';
  const why = result.failure ? ` ${troubleWords(result.failure, '').title}.` : '';
  if (honest) {
    return result.passed
      ? { good: true, text: 'Accepted, as it should be.' }
      : { good: false, text: `Refused: a person was turned away.${why}` };
  }
  return result.passed
    ? { good: false, text: 'Accepted: this attack got past the check.' }
    : { good: true, text: `Refused, as it should be.${why}` };
}

/**
 * A share as the tables print it.
 * @param {number} share
 */
export function percent(share) {
  return `${(100 * share).toFixed(2)} %`;
}

/**
 * A row's species, in words of its kind of error.
 * @param {string} species
 */
export function rateName(species) {
  return species.startsWith('bona fide') ? 'BPCER' : 'APCER';
}
