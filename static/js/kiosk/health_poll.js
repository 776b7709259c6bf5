// Asks for the server's health for ever: calmly while all is well, with growing pauses while it is away.

import { backoffSeconds } from '../logic/frames.js';
import { asProblem } from '../logic/problems.js';

const HEALTH_EVERY_S = 10;

/**
 * `dispatch` is told health and unreachable.
 * @param {{ api: Api, key: Secret, dispatch: KioskDispatch }} kiosk
 */
export async function pollHealth({ api, key, dispatch }) {
  for (let tries = 0; ;) {
    try {
      const { data } = await api.get('/health', { timeout: 6000 });
      dispatch({ type: 'health', health: data });
      tries = 0;
      if (key.get()) await stillPaired(api);
      await sleep(HEALTH_EVERY_S);
    } catch {
      dispatch({ type: 'unreachable' });
      await sleep(backoffSeconds(tries));
      tries += 1;
    }
  }
}

/**
 * A key that was revoked is noticed here, not by the next student.
 * @param {Api} api
 */
async function stillPaired(api) {
  try {
    await api.get('/me', { timeout: 6000 });
  } catch (error) {
    if (asProblem(error).code !== 'not_logged_in') throw error;
  }
}

/** @param {number} seconds */
function sleep(seconds) {
  return new Promise((done) => {
    setTimeout(done, seconds * 1000);
  });
}
