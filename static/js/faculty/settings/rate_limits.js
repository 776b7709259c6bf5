// Who has to wait after several wrong tries, and ending the wait.

import { byId, setHidden, setText } from '../../lib/dom.js';
import { asProblem } from '../../logic/problems.js';

/** @param {FacultyPage} page */
export function createRateLimits(page) {
  async function show() {
    /** @type {RateLimit[]} */
    const limits = (await page.api.get('/limits')).data.limits;
    setHidden(byId('limits'), limits.length === 0);
    setText(
      byId('limits-text'),
      limits.length === 1
        ? 'Somebody has to wait a moment after several wrong tries.'
        : `${limits.length} times somebody has to wait a moment after several wrong tries.`,
    );
    byId('limits-lift').onclick = () => lift(limits);
  }

  /** @param {RateLimit[]} limits */
  async function lift(limits) {
    try {
      const refusals = await Promise.all(limits.map(end));
      await show();
      const refused = refusals.find((refusal) => refusal !== null);
      if (refused) throw refused;
      page.said('Nobody has to wait any more.');
    } catch (error) {
      setText(byId('limits-text'), asProblem(error).detail);
    }
    byId('account-title').focus();
  }

  /**
   * End one wait. Return why it was refused; null where nobody has to wait any more.
   * @param {RateLimit} limit
   */
  async function end({ key }) {
    try {
      await page.api.remove(`/limits/${encodeURIComponent(key)}`);
    } catch (error) {
      const problem = asProblem(error);
      return problem.code === 'unknown_limit' ? null : problem; // that one was over already
    }
    return null;
  }

  return { show };
}
