// When a hands-free kiosk begins a check-in, as a pure core: somebody has come, is near, and has stayed a second.

export const STAYS_MS = 1000;
/** A look or two that miss who is there do not count. */
const MISSED_MS = 500;
/** How long somebody who was checked in has to be gone before anybody is taken for the next. */
export const LEFT_MS = 1500;
/** In how many looks a second of presence shows life: a chair that was pushed there shows none. */
const STIRS = 2;
/** What has not stirred for this long is no person. */
export const STILL_MS = 15000;

/**
 * `phase`: away, coming, here. `begin` is true once, when a session is due; `settle`, when the room has changed.
 * @type {Presence}
 */
export const nobody = Object.freeze({
  phase: 'away',
  since: 0,
  seenAt: 0,
  stirs: 0,
  stirredAt: 0,
  begin: false,
  settle: false,
});

/**
 * `near`: something stands close; `alive`: it stirs; `restless`: much moves; `busy`: the page is in somebody's use.
 * @param {Presence} before
 * @param {Look} look
 * @returns {Presence}
 */
export function watch(before, { near, alive, restless, busy, now }) {
  const state = {
    ...before,
    begin: false,
    settle: false,
    stirredAt: alive || busy || before.stirredAt === 0 ? now : before.stirredAt,
  };
  if (busy) return { ...state, phase: 'here', seenAt: now };
  const seen = near ? { ...state, seenAt: now } : state;
  if (near && now - seen.stirredAt >= STILL_MS) return { ...seen, phase: 'away', stirredAt: now, settle: true };
  return PHASES[state.phase](seen, { near, alive, restless, now });
}

/** @type {Record<Presence['phase'], (state: Presence, look: Look) => Presence>} */
const PHASES = {
  away(state, { near, alive, now }) {
    return near && alive ? { ...state, phase: 'coming', since: now, stirs: 0 } : state;
  },

  coming(state, { near, alive, restless, now }) {
    if (!near && now - state.seenAt > MISSED_MS) return { ...state, phase: 'away' };
    // Somebody who walks past does not stay, and the second begins when the walking ends.
    if (restless) return { ...state, since: now, stirs: 0 };
    const stirs = state.stirs + (alive ? 1 : 0);
    const begin = Boolean(near) && stirs >= STIRS && now - state.since >= STAYS_MS;
    return { ...state, stirs, begin, phase: begin ? 'here' : 'coming' };
  },

  here(state, { near, now }) {
    return !near && now - state.seenAt >= LEFT_MS ? { ...state, phase: 'away' } : state;
  },
};
