// What is said and shown in words, and when, as a pure core: each sentence once, hints only when they last.

/** A hint shows once it has lasted this long: the judge sees fifteen frames a second and more, and words must not flicker. */
export const HINT_SETTLES_MS = 300;
/** A hint that shows stays at least this long. */
export const HINT_STAYS_MS = 900;
/** Screen readers are not interrupted sooner than this, and hear the same hint again only after the longer time. */
export const SAY_PAUSE_MS = 2500;
export const SAY_AGAIN_MS = 8000;

/**
 * `hint` is what to show, `say` what a screen reader is told now, `aloud` what is read aloud; empty where nothing is.
 * @type {Caption}
 */
export const silent = Object.freeze({
  key: '',
  hint: '',
  shownAt: 0,
  wanted: '',
  wantedAt: 0,
  say: '',
  aloud: '',
  saidAt: 0,
  saidHint: '',
  saidHintAt: 0,
});

/**
 * `key` tells one `sentence` from the same words asked again; `aloud` is longer where a screen reader hears the rest from
 * the heading that got the focus; `hint` is what the last frame lacks, as a sentence.
 * @param {Caption} before
 * @param {{ key: string, sentence: string, aloud?: string, hint?: string, now: number }} said
 * @returns {Caption}
 */
export function caption(before, { key, sentence, aloud = sentence, hint = '', now }) {
  if (key !== before.key) {
    return { ...silent, key, wanted: hint, wantedAt: now, say: sentence, aloud, saidAt: now };
  }
  const next = steady({ ...before, say: '', aloud: '' }, hint, now);
  const repeated = next.hint === next.saidHint && now - next.saidHintAt < SAY_AGAIN_MS;
  if (!next.hint || repeated || now - next.saidAt < SAY_PAUSE_MS) return next;
  return { ...next, say: next.hint, aloud: next.hint, saidAt: now, saidHint: next.hint, saidHintAt: now };
}

/**
 * @param {Caption} state
 * @param {string} hint
 * @param {number} now
 */
function steady(state, hint, now) {
  const asked = hint === state.wanted ? state : { ...state, wanted: hint, wantedAt: now };
  if (hint === asked.hint) return asked;
  const settled = now - asked.wantedAt >= HINT_SETTLES_MS;
  const rested = asked.hint === '' || now - asked.shownAt >= HINT_STAYS_MS;
  return settled && rested ? { ...asked, hint, shownAt: now } : asked;
}
