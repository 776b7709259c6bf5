// "Not me": cancels the check-in just made, and says what that did.

import { notMeWords } from '../logic/kiosk/words.js';
import { asProblem } from '../logic/problems.js';

/** @param {{ api: Api, dispatch: KioskDispatch, arrival: Arrival | null, contact: string }} kiosk */
export async function notMe({ api, dispatch, arrival, contact }) {
  if (!arrival || arrival.cancelling) return;
  dispatch({ type: 'not_me' });
  const outcome = arrival.already ? 'already' : await cancel(api, arrival.record ?? '');
  dispatch({
    type: 'not_me_done',
    said: { text: notMeWords(outcome, arrival.name, contact), now: Date.now() },
  });
}

/**
 * @param {Api} api
 * @param {string} record
 */
async function cancel(api, record) {
  try {
    await api.post(`/check-ins/${encodeURIComponent(record)}/cancel`, { json: { reason: 'not_me' } });
    return 'cancelled';
  } catch (error) {
    const { code } = asProblem(error);
    return code === 'already_cancelled' ? 'cancelled' : code;
  }
}
