// Asks for the server's health, and for the class at this kiosk, for ever: calmly while all is well, with growing pauses while it is away.

import { sleep } from '../lib/sleep.js';
import { backoffSeconds } from '../logic/frames.js';
import { asProblem } from '../logic/problems.js';

const HEALTH_EVERY_S = 10;

/**
 * `dispatch` is told health, place and unreachable.
 * @param {{ api: Api, key: Secret, dispatch: KioskDispatch }} kiosk
 */
export async function pollHealth({ api, key, dispatch }) {
  for (let tries = 0; ;) {
    try {
      const { data } = await api.get('/health', { timeout: 6000 });
      dispatch({ type: 'health', health: data });
      tries = 0;
      if (key.get()) await lookAround(api, dispatch);
      await sleep(1000 * HEALTH_EVERY_S);
    } catch {
      dispatch({ type: 'unreachable' });
      await sleep(1000 * backoffSeconds(tries));
      tries += 1;
    }
  }
}

/**
 * A key that was revoked is noticed here, not by the next student.
 * @param {Api} api
 * @param {KioskDispatch} dispatch
 */
async function lookAround(api, dispatch) {
  try {
    dispatch({ type: 'place', place: (await api.get('/kiosk', { timeout: 6000 })).data });
  } catch (error) {
    if (asProblem(error).code !== 'not_logged_in') throw error;
  }
}
