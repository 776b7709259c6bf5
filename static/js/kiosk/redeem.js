// Sends a check-in. A lost answer costs nobody a check-in: sent again, the same one gets the same record.

import { sleep } from '../lib/sleep.js';
import { backoffSeconds } from '../logic/frames.js';
import { asProblem } from '../logic/problems.js';

const TRIES = 5;
const PASSING = new Set([503, 507]); // the store cannot be written, or its disk is full

/**
 * @param {Api} api
 * @param {Record<string, string>} body
 * @returns {Promise<CheckedIn>}
 */
export async function redeem(api, body) {
  for (let tries = 0; ; tries += 1) {
    try {
      return (await api.post('/check-ins', { json: body })).data;
    } catch (error) {
      const problem = asProblem(error);
      const passing = problem.code === 'server_away' || (PASSING.has(problem.status) && problem.retryAfter !== null);
      if (!passing || tries >= TRIES) throw problem;
      await sleep(1000 * (problem.retryAfter ?? backoffSeconds(tries)));
    }
  }
}
