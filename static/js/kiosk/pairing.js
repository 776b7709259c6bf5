// Gets this browser its key: shows six digits until an admin has typed them, or asks once on the server's own computer.

import { backoffSeconds } from '../logic/frames.js';
import { asProblem } from '../logic/problems.js';

const ASK_EVERY_S = 2;

/**
 * `key` is the Secret to fill; `dispatch` is told the code and when it is done.
 * @param {{ api: Api, key: Secret, dispatch: KioskDispatch }} kiosk
 */
export function createPairing({ api, key, dispatch }) {
  let running = false;

  /** Asks again and again until this browser is paired. */
  async function run() {
    if (running) return;
    running = true;
    for (let tries = 0; !key.get();) {
      try {
        await untilConfirmed((await api.post('/pairings')).data);
        tries = 0;
      } catch (error) {
        await sleep(asProblem(error).retryAfter ?? backoffSeconds(tries));
        tries += 1;
      }
    }
    running = false;
  }

  /**
   * Resolves when the code was typed, or counts no more and a new one is due.
   * @param {{ code: string, key: string, expires_in: number }} waiting
   */
  async function untilConfirmed(waiting) {
    dispatch({ type: 'code', code: waiting.code });
    const until = Date.now() + 1000 * waiting.expires_in;
    for (;;) {
      await sleep(ASK_EVERY_S);
      if (key.get() || (await counts(waiting.key))) return;
      if (Date.now() >= until) return;
    }
  }

  /** @param {string} secret */
  async function counts(secret) {
    try {
      await api.get('/me', { secret });
    } catch (error) {
      if (asProblem(error).code === 'not_logged_in') return false;
      throw error;
    }
    keep(secret);
    return true;
  }

  async function here() {
    const { data } = await api.post('/kiosks/here', { json: { link: linkHere() } });
    globalThis.history.replaceState(null, '', globalThis.location.pathname);
    keep(data.key);
  }

  /** @param {string} secret */
  function keep(secret) {
    key.set(secret);
    // So that the browser does not clear the key away when its disk gets full.
    globalThis.navigator.storage?.persist?.().catch(() => {});
    dispatch({ type: 'paired' });
  }

  return { run, here };
}

/** What the terminal's link has behind the #, where it is sent to no server; null without one. */
export function linkHere() {
  return new URLSearchParams(globalThis.location.hash.slice(1)).get('here');
}

/** @param {number} seconds */
function sleep(seconds) {
  return new Promise((done) => {
    setTimeout(done, seconds * 1000);
  });
}
