// The accounts of the faculty, for admins: adding, disabling, a new password.

import { byId, make, setHidden, setText } from '../../lib/dom.js';
import { asProblem, sentences } from '../../logic/problems.js';
import { ROLES } from './account_dialog.js';
import { missingFields } from '../forms.js';
import { clearFaults, showFaults } from '../messages.js';

/** @typedef {{ role?: Role, disabled?: boolean }} AccountChange */

/** @param {FacultyPage} page */
export function createAccountsDialog(page) {
  const list = byId('accounts-list');
  const form = byId('new-account-form');
  const box = byId('new-account-summary');
  const fields = { name: byId('new-account-name'), password: byId('new-account-password') };
  /** @type {Account | null} the account whose password is typed now */
  let resetting = null;

  byId('accounts-dialog').addEventListener('close', () => {
    form.reset();
    clearFaults(box, fields);
    stopResetting();
  });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    clearFaults(box, fields);
    const missing = missingFields(fields, { name: 'Type a name.', password: 'Type a password.' });
    if (missing) showFaults(box, missing, fields);
    else await save();
  });
  byId('new-account-cancel').addEventListener('click', stopResetting);

  async function save() {
    byId('new-account-save').disabled = true;
    const name = fields.name.value.trim();
    const password = fields.password.value;
    try {
      if (resetting) await page.api.patch(`/accounts/${encodeURIComponent(resetting.key)}`, { password });
      else await page.api.post('/accounts', { json: { name, password, role: new FormData(form).get('role') } });
      page.said(
        resetting
          ? `${name} has a new password and is logged out.`
          : `${name} can log in. Tell the password in person.`,
      );
      form.reset();
      stopResetting();
      await opening();
      byId('accounts-title').focus();
    } catch (error) {
      showFaults(box, error, fields);
    } finally {
      byId('new-account-save').disabled = false;
    }
  }

  async function opening() {
    problem('');
    setHidden(byId('accounts-busy'), list.children.length > 0);
    try {
      const { data } = await page.api.get('/accounts');
      list.replaceChildren(...data.accounts.map(itemOf));
    } catch (error) {
      problem(asProblem(error).detail);
    } finally {
      setHidden(byId('accounts-busy'), true);
    }
  }

  /** @param {Account} account */
  function itemOf(account) {
    /**
     * @param {string} text
     * @param {AccountChange} change
     * @param {string} said
     */
    const act = (text, change, said) => {
      const button = make('button', { type: 'button', className: 'btn text-sm', text });
      button.append(make('span', { className: 'sr-only', text: ` (${account.name})` }));
      button.addEventListener('click', () => alter(account, change, said));
      return button;
    };
    const password = make('button', { type: 'button', className: 'btn text-sm', text: 'New password' });
    password.append(make('span', { className: 'sr-only', text: ` for ${account.name}` }));
    password.addEventListener('click', () => startResetting(account));
    const other = account.role === 'admin' ? 'faculty' : 'admin';
    return make('li', { className: 'flex flex-wrap items-center justify-between gap-3 px-4 py-3' }, [
      make('span', { className: 'min-w-0' }, [
        make('span', { className: 'block font-medium break-words', text: account.name }),
        make('span', {
          className: 'block text-sm text-soft',
          text: `${ROLES[account.role]}${account.disabled ? ', disabled' : ''}`,
        }),
      ]),
      make('span', { className: 'flex flex-wrap gap-2' }, [
        act(
          other === 'admin' ? 'Make admin' : 'Make faculty',
          { role: other },
          `${account.name} is now: ${ROLES[other]}.`,
        ),
        password,
        account.disabled
          ? act('Enable', { disabled: false }, `${account.name} can log in again.`)
          : act('Disable', { disabled: true }, `${account.name} is disabled and logged out.`),
      ]),
    ]);
  }

  /**
   * @param {Account} account
   * @param {AccountChange} change
   * @param {string} said
   */
  async function alter(account, change, said) {
    try {
      await page.api.patch(`/accounts/${encodeURIComponent(account.key)}`, change);
      page.said(said);
      await opening();
      byId('accounts-title').focus();
    } catch (error) {
      problem(sentences(asProblem(error)).join(' '));
    }
  }

  /** @param {Account} account */
  function startResetting(account) {
    resetting = account;
    clearFaults(box, fields);
    setText(byId('new-account-title'), `New password for ${account.name}`);
    fields.name.value = account.name;
    fields.name.readOnly = true;
    setHidden(byId('new-account-role'), true);
    setHidden(byId('new-account-cancel'), false);
    setText(byId('new-account-save'), 'Set the password');
    fields.password.value = '';
    fields.password.focus();
  }

  function stopResetting() {
    if (!resetting) return;
    resetting = null;
    setText(byId('new-account-title'), 'Add an account');
    fields.name.readOnly = false;
    form.reset();
    setHidden(byId('new-account-role'), false);
    setHidden(byId('new-account-cancel'), true);
    setText(byId('new-account-save'), 'Add account');
  }

  /** @param {string} sentence */
  function problem(sentence) {
    setText(byId('accounts-problem'), sentence);
    setHidden(byId('accounts-problem'), sentence === '');
  }

  return { opening };
}
