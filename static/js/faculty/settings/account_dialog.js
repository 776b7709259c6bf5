// One's own account: changing the password, logging out.

import { byId, setHidden, setText } from '../../lib/dom.js';
import { may, rolesInWords } from '../../logic/faculty/rights.js';
import { missingFields } from '../forms.js';
import { createRateLimits } from './rate_limits.js';
import { clearFaults, showFaults } from '../messages.js';

/**
 * @param {FacultyPage} page
 * @param {FacultySession} session
 */
export function createAccountDialog(page, session) {
  const dialog = byId('account-dialog');
  const form = byId('password-form');
  const box = byId('password-summary');
  const limits = createRateLimits(page);
  const fields = { old_password: byId('password-old'), new_password: byId('password-new') };

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    clearFaults(box, fields);
    const missing = missingFields(fields, {
      old_password: 'Type your current password.',
      new_password: 'Type a new password.',
    });
    if (missing) showFaults(box, missing, fields);
    else await change();
  });
  dialog.addEventListener('close', () => {
    form.reset();
    clearFaults(box, fields);
  });
  byId('log-out').addEventListener('click', async () => {
    try {
      await page.api.post('/logout');
    } catch {
      // Without the server the token is still removed from this browser. It expires there.
    }
    globalThis.history.replaceState(null, '', globalThis.location.pathname); // the next to log in starts at the first place
    session.leave('You are logged out.');
  });

  async function change() {
    byId('password-save').disabled = true;
    try {
      const json = { old_password: fields.old_password.value, new_password: fields.new_password.value };
      session.enter((await page.api.post('/me/password', { json })).data);
      dialog.close();
      page.said('Your password is changed. Other places where you were logged in are logged out.');
    } catch (error) {
      showFaults(box, error, fields);
    } finally {
      byId('password-save').disabled = false;
    }
  }

  return {
    opening() {
      if (session.me) setText(byId('account-who'), `${session.me.name} · ${rolesInWords(session.me.roles)}`);
      setHidden(byId('limits'), true);
      if (may(session.me, 'GET /limits')) limits.show().catch(() => {}); // it says nothing about waits then; everything else here works
    },
  };
}
