// Looks again and again while something is shown, and less often while the server is away.

import { createTurns } from '../lib/turns.js';
import { backoffSeconds } from '../logic/frames.js';
import { asProblem } from '../logic/problems.js';
import { renderConnection } from './status.js';

/**
 * `look` answers how many seconds to wait before the next look, or null to end. It draws only while `wanted()`: an
 * answer can come after something else is shown.
 * `failed` is told what the server refuses; that it is away, the page shows anyway.
 * @param {(wanted: () => boolean) => Promise<number | null>} look
 * @param {(error: unknown) => void} failed
 */
export function createWatch(look, failed) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let watching = false;
  const turns = createTurns();

  /** @param {number} tries */
  async function go(tries) {
    clearTimeout(timer);
    const wanted = turns.take();
    const seconds = await oneLook(tries, wanted);
    if (!wanted() || seconds === null) return;
    timer = setTimeout(() => go(seconds > 0 ? 0 : tries + 1), 1000 * (seconds > 0 ? seconds : backoffSeconds(tries)));
  }

  /**
   * The seconds to wait; 0 where the look failed.
   * @param {number} tries
   * @param {() => boolean} wanted
   */
  async function oneLook(tries, wanted) {
    if (document.hidden && tries === 0) return 2;
    try {
      const seconds = await look(wanted);
      renderConnection(true);
      return seconds;
    } catch (error) {
      const away = asProblem(error).code === 'server_away';
      renderConnection(!away);
      if (!away && tries === 0 && wanted()) failed(error);
      return 0;
    }
  }

  return {
    start() {
      watching = true;
      return go(0);
    },
    /** Look now, where something is watched. */
    async now() {
      if (watching) await go(0);
    },
    stop() {
      watching = false;
      clearTimeout(timer);
      turns.end();
    },
  };
}
