// The kiosk as a pure core: (state, event) -> state. Times are milliseconds and come with the event.

import { CAMERA_TROUBLES } from '../camera_troubles.js';
import { closedNow } from './classes.js';
import { facesHere } from './faces_here.js';
import { leftAlone } from './left_alone.js';

const GREETING_MS = 4000;
const NOT_ME_MS = 10000;
export const TROUBLE_MS = 30000;
const CLAIM_MS = 55000; // the server takes an ID for a minute,
const CODE_MS = 115000; // an ID and a code for two,
const MORE_TIME = 3; // and each three times as long for somebody who asked for more time
// After these answers the passed session still counts: an ID, or an ID and the personal code, says who it is.
/** @type {Record<string, boolean>} */
const CLAIMS = { ambiguous_face: false, code_needed: true, wrong_proof: true };
export const RESUME_WITHIN_MS = 60000;

/** @type {KioskState} */
export const initial = Object.freeze({
  screen: 'starting', // starting pairing ready opening checking identifying greeted trouble away who
  health: null,
  place: null, // the kiosk's room, and the class that is open or next there
  challenge: null,
  arrival: null, // the last check-in, while "Not me" is in reach
  withoutTurning: false, // the person who checks in now cannot turn the head,
  moreTime: false, // and has asked for more time
  looking: null, // the ID whose attendance is to be shown for a look at the camera, null in a check-in
  lookProblem: null, // why the last such look showed nothing
  trouble: null, // {code, detail, params, until, waitUntil, claim, wantsCode}; claim is the session that an ID may still decide
  said: null, // one sentence on the ready screen: what "Not me" did
  begun: 0, // counts sessions: each new count is one to be played
  restarts: 0, // check-ins begun again by the page itself, because the server had been restarted
  away: null, // {since, resume}
  handsFree: false, // a check-in begins by itself when somebody has stepped up
  somebody: false, // a hands-free kiosk has noticed somebody, who has to stay a moment
  cameraFault: 'closed', // why its camera shows nothing new: closed, black or still
  unpaired: false, // this browser has no key (any more): an admin has to let it in
  code: null, // the six digits that the admin types
  ways: null, // when "Another way" closes, null where nobody reads it
});

/**
 * Whether somebody is before the camera in a check-in.
 * @param {KioskState} state
 */
export function asking(state) {
  return state.screen === 'opening' || state.screen === 'checking';
}

/**
 * Whether a face can be compared with registered ones.
 * @param {Pick<KioskState, 'health' | 'place'>} state
 */
export function canCompare(state) {
  return Boolean(facesHere(state) && state.health?.faces.ready && state.health.registered > 0);
}

/**
 * Whether a hands-free kiosk looks out for the next: only where a check-in by face could work, and while a class is near.
 * @param {KioskState} state
 */
export function watching(state) {
  if (!state.handsFree || !canCompare(state) || closedNow(state)) return false;
  return !['starting', 'pairing', 'away'].includes(state.screen);
}

/**
 * Whether it is the camera that kept somebody, or a hands-free kiosk, from continuing.
 * @param {Pick<KioskState, 'trouble'>} state
 */
export function cameraFailed({ trouble }) {
  return CAMERA_TROUBLES.has(trouble?.code ?? '');
}

/**
 * Whether nobody can be taken for the next now, because the page is in somebody's use.
 * @param {KioskState} state
 * @param {number} now
 */
export function inUse(state, now) {
  if (state.ways !== null) return true;
  if (state.screen === 'trouble') return Boolean(state.trouble?.claim) || now < (state.trouble?.waitUntil ?? 0);
  return state.screen !== 'ready';
}

/** @param {KioskState} state */
export function cameraNeeded(state) {
  return asking(state) || watching(state);
}

/**
 * Whether a check-in that is under way continues: its answer is waited for, though the camera is off by then.
 * @param {KioskState} state
 */
export function sessionNeeded(state) {
  return asking(state) || state.screen === 'identifying';
}

/**
 * @param {KioskState} state
 * @param {KioskEvent} event
 */
export function next(state, event) {
  const handler = /** @type {(state: KioskState, event: KioskEvent) => KioskState} */ (HANDLERS[event.type]);
  if (!handler) throw new TypeError(`unknown event ${event.type}`);
  const changed = forNext(handler(state, event));
  // What somebody reads about other ways is in the way of whatever comes next.
  return changed.ways !== null && shownAs(changed) !== shownAs(state) ? { ...changed, ways: null } : changed;
}

/**
 * The state without what somebody asked for, once they have left: the next one has wishes of their own.
 * @param {KioskState} state
 * @returns {KioskState}
 */
function forNext(state) {
  const wishes = state.moreTime || state.withoutTurning;
  if (!wishes || !['ready', 'greeted', 'pairing'].includes(state.screen)) return state;
  return { ...state, moreTime: false, withoutTurning: false };
}

/**
 * The screen that somebody sees. A greeting counts as `ready`, so that its end does not disturb the next person, who reads.
 * @param {KioskState} state
 */
function shownAs(state) {
  if (state.screen === 'greeted') return 'ready';
  return asking(state) ? 'checking' : state.screen;
}

/**
 * Which other ways there are to check in, and in which words the page says what is left.
 * @param {KioskState} state
 * @returns {{ code: boolean, still: boolean, time: boolean, help: string }}
 */
export function otherWays(state) {
  const { screen, looking, withoutTurning, moreTime } = state;
  if (screen === 'pairing') return { code: false, still: false, time: false, help: 'ways.not_paired' };
  if (screen === 'starting' || screen === 'away') {
    return { code: false, still: false, time: false, help: 'ways.no_server' };
  }
  const movements = movementsHere(state);
  return {
    code: true,
    still: movements && looking === null && !(asking(state) && withoutTurning),
    time: (movements || claiming(state)) && !moreTime, // elsewhere nobody has to be in time
    help: 'ways.help',
  };
}

/**
 * Whether movements are asked for here, or could be. Who types an ID, or waits for the answer, has done them, or wants
 * none.
 * @param {KioskState} state
 */
function movementsHere(state) {
  return facesHere(state) && !['who', 'identifying'].includes(state.screen) && !claiming(state);
}

/** @param {KioskState} state */
function claiming({ trouble }) {
  return Boolean(trouble?.claim);
}

/** @type {Handlers<KioskState, KioskEvents>} */
const HANDLERS = {
  health(state, { health, now }) {
    const known = { ...state, health };
    if (state.screen === 'starting') return { ...known, screen: home(state) };
    if (state.screen === 'away') return comeBack(known, now);
    return known;
  },

  /** No answer from the server. People in the middle of something learn it there; the others wait here. */
  unreachable(state, { now }) {
    if (['starting', 'pairing', 'ready', 'trouble'].includes(state.screen)) return goAway(state, now, false);
    return state;
  },

  /** There is no key, or it was revoked: whatever was under way here is over. */
  unpaired(state) {
    const screen = ['starting', 'away'].includes(state.screen) ? state.screen : 'pairing';
    return {
      ...initial,
      health: state.health,
      away: state.away && { ...state.away, resume: false },
      screen,
      unpaired: true,
      code: state.code,
      begun: state.begun,
      handsFree: state.handsFree,
    };
  },

  place: (state, { place }) => ({ ...state, place }),

  settings: (state, { settings }) => ({ ...state, handsFree: settings.handsFree }),

  presence(state, { somebody, cameraFault }) {
    const works = cameraFault !== 'closed' && cameraFailed(state);
    return { ...state, somebody, cameraFault, ...(works && { screen: 'ready', trouble: null }) };
  },

  /** The camera of a hands-free kiosk does not open, and nobody has pressed anything. */
  blind(state, { problem, now }) {
    if (inUse(state, now) || state.trouble?.code === problem.code) return state;
    return inTrouble(state, problem.code, now, problem);
  },

  /** A camera was plugged in or out: what failed may work now. */
  cameras_changed: (state) =>
    state.screen === 'trouble' && cameraFailed(state) ? { ...state, screen: 'ready', trouble: null } : state,

  code: (state, { code }) => ({ ...state, code }),

  paired: (state) => ({
    ...state,
    unpaired: false,
    code: null,
    screen: state.screen === 'pairing' ? 'ready' : state.screen,
  }),

  start(state, { now, secure, withoutTurning = false, moreTime = false }) {
    const begun = { arrival: null, said: null, restarts: 0, challenge: null, withoutTurning, moreTime, looking: null };
    const clean = { ...state, ...begun };
    if (!secure) return inTrouble(clean, 'insecure', now);
    return beginning(clean, now);
  },

  /** For each step, or to type what a claim needs. */
  more_time(state, { now }) {
    if (state.moreTime) return state;
    const { trouble } = state;
    if (!trouble?.claim) return { ...state, moreTime: true };
    const until = now + MORE_TIME * (trouble.until - now);
    return { ...state, moreTime: true, trouble: { ...trouble, until, closesAt: leftAlone(now) } };
  },

  asked: (state, { challenge }) => (asking(state) ? { ...state, screen: 'checking', challenge } : state),

  passed: (state) => (state.screen === 'checking' ? { ...state, screen: 'identifying' } : state),

  checked_in(state, { answer, now }) {
    if (!['identifying', 'who'].includes(state.screen)) return state;
    const arrival = {
      name: answer.student?.name ?? '',
      time: answer.greeting_time ?? answer.record?.local_time ?? '',
      already: Boolean(answer.already),
      standing: answer.standing ?? null,
      record: answer.record?.id ?? null,
      until: now + NOT_ME_MS,
      readyAt: now + GREETING_MS,
    };
    return { ...state, screen: 'greeted', challenge: null, arrival };
  },

  refused(state, { problem, now, claim = null }) {
    if (!['opening', 'checking', 'identifying'].includes(state.screen)) return state;
    if (state.looking !== null) return backToWho(state, problem);
    if (problem.code === 'server_away') return goAway(state, now, true);
    // A restarted server has forgotten the session: nobody should have to press the button again for that.
    if (problem.code === 'unknown_challenge' && state.restarts === 0) {
      return { ...state, screen: 'opening', challenge: null, restarts: 1, begun: state.begun + 1 };
    }
    const troubled = inTrouble(state, problem.code, now, problem);
    if (!troubled.trouble || !(problem.code in CLAIMS) || !claim) return troubled;
    const wantsCode = CLAIMS[problem.code];
    const until = now + (wantsCode ? CODE_MS : CLAIM_MS) * (state.moreTime ? MORE_TIME : 1);
    return { ...troubled, trouble: { ...troubled.trouble, claim, wantsCode, until, closesAt: leftAlone(now) } };
  },

  /** Somebody is still there: types, or asks for more time. */
  touched: (state, { now }) => ({
    ...state,
    ways: state.ways === null ? null : leftAlone(now),
    trouble: state.trouble && { ...state.trouble, closesAt: leftAlone(now) },
  }),

  /** Somebody reads which other ways there are. */
  ways: (state, { now }) => ({ ...state, ways: leftAlone(now) }),

  ways_closed: (state) => ({ ...state, ways: null }),

  claimed: (state) => (state.trouble?.claim ? { ...state, screen: 'identifying', trouble: null } : state),

  stop: (state) =>
    state.looking === null ? { ...state, screen: 'ready', challenge: null, trouble: null } : backToWho(state),

  not_me(state) {
    if (!state.arrival) return state;
    return { ...state, arrival: { ...state.arrival, cancelling: true } };
  },

  not_me_done(state, { said }) {
    const screen = state.screen === 'greeted' ? 'ready' : state.screen;
    return { ...state, screen, arrival: null, said: { ...said, until: said.now + NOT_ME_MS } };
  },

  /** Somebody types an ID: to check in without a face, or to see their own attendance. */
  who: (state) =>
    ['ready', 'greeted', 'trouble'].includes(state.screen)
      ? { ...state, screen: 'who', arrival: null, said: null, trouble: null }
      : state,

  who_closed: (state) => (state.screen === 'who' ? { ...state, screen: 'ready' } : state),

  /** The camera is to tell that the ID is theirs. */
  look_up: (state, { studentId }) =>
    state.screen === 'who'
      ? { ...state, screen: 'opening', challenge: null, looking: studentId, lookProblem: null, begun: state.begun + 1 }
      : state,

  looked_up: (state) => (state.looking === null ? state : backToWho(state)),

  tick(state, { now }) {
    let ticked = state;
    if (greetingOver(state, now)) ticked = { ...ticked, screen: 'ready' };
    if (ticked.arrival && now >= ticked.arrival.until && !ticked.arrival.cancelling) {
      ticked = { ...ticked, arrival: null };
    }
    if (ticked.said && now >= ticked.said.until) ticked = { ...ticked, said: null };
    if (ticked.ways !== null && now >= ticked.ways) ticked = { ...ticked, ways: null };
    if (troubleOver(ticked, now)) {
      ticked = { ...ticked, screen: 'ready', trouble: null };
    }
    return ticked;
  },
};

/**
 * When a trouble is closed: the server waits a limited time for an ID, and nobody may have to wait for somebody who left.
 * @param {Trouble | null} trouble
 */
export function troubleEnds(trouble) {
  if (!trouble) return 0;
  return trouble.claim ? Math.min(trouble.until, trouble.closesAt) : trouble.until;
}

/**
 * Whether a trouble goes now. While a hands-free kiosk tries its camera again and again, that one's stays until it works.
 * @param {KioskState} state
 * @param {number} now
 */
function troubleOver(state, now) {
  if (state.screen !== 'trouble' || state.ways !== null) return false;
  return now >= troubleEnds(state.trouble) && !(cameraFailed(state) && watching(state));
}

/**
 * Whether the greeting has stayed for as long as it should.
 * @param {KioskState} state
 * @param {number} now
 */
function greetingOver({ screen, arrival }, now) {
  return screen === 'greeted' && arrival !== null && now >= arrival.readyAt && !arrival.cancelling;
}

/**
 * @param {KioskState} state
 * @param {ProblemLike | null} [problem]
 * @returns {KioskState}
 */
function backToWho(state, problem = null) {
  return { ...state, screen: 'who', challenge: null, looking: null, lookProblem: problem };
}

/**
 * @param {KioskState} state
 * @param {number} now
 * @returns {KioskState}
 */
function beginning(state, now) {
  if (state.health && !state.health.faces.ready) {
    return inTrouble(state, 'not_ready', now, state.health.faces.problem ?? undefined);
  }
  if (state.health && state.health.registered === 0) return inTrouble(state, 'nobody_registered', now);
  return { ...state, screen: 'opening', trouble: null, begun: state.begun + 1 };
}

/**
 * @param {KioskState} state
 * @param {number} now
 * @returns {KioskState}
 */
function comeBack(state, now) {
  const { since, resume } = state.away ?? { since: now, resume: false };
  const back = { ...state, away: null };
  if (resume && now - since <= RESUME_WITHIN_MS) return beginning({ ...back, restarts: 1 }, now);
  return { ...back, screen: home(state) };
}

/**
 * @param {KioskState} state
 * @returns {KioskScreen}
 */
function home(state) {
  return state.unpaired ? 'pairing' : 'ready';
}

/**
 * @param {KioskState} state
 * @param {number} now
 * @param {boolean} resume
 * @returns {KioskState}
 */
function goAway(state, now, resume) {
  return { ...state, screen: 'away', challenge: null, trouble: null, away: { since: now, resume } };
}

/**
 * @param {KioskState} state
 * @param {string} code
 * @param {number} now
 * @param {Partial<ProblemLike>} [problem]
 * @returns {KioskState}
 */
function inTrouble(state, code, now, problem = {}) {
  const waitUntil = problem.retryAfter ? now + problem.retryAfter * 1000 : null;
  const trouble = {
    code,
    detail: problem.detail ?? '',
    params: problem.params ?? {},
    until: Math.max(now + TROUBLE_MS, waitUntil ?? 0),
    waitUntil,
    hint: problem.hint ?? null,
    otherWay: problem.other_way ?? false, // ID and code are offered first
    claim: null,
    wantsCode: false,
    closesAt: 0, // if nobody touches a question about the claim
  };
  return { ...state, screen: 'trouble', challenge: null, trouble };
}
