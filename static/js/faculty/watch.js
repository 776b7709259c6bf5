// Looks again and again while something is shown, and less often while the server is away.

import { backoffSeconds } from '../logic/frames.js';
import { asProblem } from '../logic/problems.js';
import { renderConnection } from './status.js';

/**
 * `look` answers how many seconds to wait before the next look, or null to end.
 * `failed` is told what the server refuses; that it is away, the page shows anyway.
 * @param {() => Promise<number | null>} look
 * @param {(error: unknown) => void} failed
 */
export function createWatch(look, failed) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let turn = 0;

  /** @param {number} tries */
  async function go(tries) {
    clearTimeout(timer);
    turn += 1;
    const mine = turn;
    const seconds = await oneLook(tries);
    if (mine !== turn || seconds === null) return;
    timer = setTimeout(() => go(seconds > 0 ? 0 : tries + 1), 1000 * (seconds > 0 ? seconds : backoffSeconds(tries)));
  }

  /**
   * The seconds to wait; 0 where the look failed.
   * @param {number} tries
   */
  async function oneLook(tries) {
    if (document.hidden && tries === 0) return 2;
    try {
      const seconds = await look();
      renderConnection(true);
      return seconds;
    } catch (error) {
      const away = asProblem(error).code === 'server_away';
      renderConnection(!away);
      if (!away && tries === 0) failed(error);
      return 0;
    }
  }

  return {
    start: () => go(0),
    now: () => go(0),
    stop() {
      clearTimeout(timer);
      turn += 1;
    },
  };
}
