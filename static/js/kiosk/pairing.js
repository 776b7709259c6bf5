// Gets this browser its key: shows six digits until an admin has typed them, or asks once on the server's own computer.

import { sleep } from '../lib/sleep.js';
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
        await sleep(1000 * (asProblem(error).retryAfter ?? backoffSeconds(tries)));
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
    for (let tries = 0; Date.now() < until;) {
      await sleep(1000 * (tries === 0 ? ASK_EVERY_S : backoffSeconds(tries)));
      if (key.get()) return;
      const answer = await counts(waiting.key);
      if (answer === 'confirmed') return;
      tries = answer === 'away' ? tries + 1 : 0;
    }
  }

  /**
   * Whether the code was typed. A server that is away keeps the pairing, and so does this browser.
   * @param {string} secret
   * @returns {Promise<'confirmed' | 'not_yet' | 'away'>}
   */
  async function counts(secret) {
    try {
      await api.get('/me', { secret });
    } catch (error) {
      const { code } = asProblem(error);
      if (code === 'not_logged_in') return 'not_yet';
      if (code === 'server_away') return 'away';
      throw error;
    }
    keep(secret);
    return 'confirmed';
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
