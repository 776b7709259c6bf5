// All accounts, for admins: adding, disabling, roles, a new password.

import { byId, everyElement, make, setHidden, setText } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { rolesInWords } from '../../logic/faculty/rights.js';
import { asProblem, sentences } from '../../logic/problems.js';
import { missingFields } from '../forms.js';
import { clearFaults, showFaults } from '../messages.js';
import { setOff } from '../../logic/names.js';

/** @typedef {'password' | 'roles'} Part what of an account the form changes */

/** @param {FacultyPage} page */
export function createAccountsDialog(page) {
  const list = byId('accounts-list');
  const form = byId('new-account-form');
  const box = byId('new-account-summary');
  const fields = { name: byId('new-account-name'), password: byId('new-account-password') };
  const roleBoxes = /** @type {HTMLInputElement[]} */ (everyElement('#new-account-roles input'));
  /** @type {{ account: Account, part: Part } | null} what the form changes now; null: it adds an account */
  let changing = null;

  byId('accounts-dialog').addEventListener('close', () => {
    form.reset();
    clearFaults(box, fields);
    stopChanging();
  });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    clearFaults(box, fields);
    const missing =
      changing?.part === 'roles' ? null : missingFields(fields, { name: 'Type a name.', password: 'Type a password.' });
    if (missing) showFaults(box, missing, fields);
    else if (changing?.part !== 'password' && chosenRoles().length === 0) noRole();
    else await save();
  });
  byId('new-account-cancel').addEventListener('click', stopChanging);

  /** @returns {Role[]} */
  function chosenRoles() {
    return /** @type {Role[]} */ (new FormData(form).getAll('roles'));
  }

  function noRole() {
    setText(box, t('accounts.roles_missing'));
    setHidden(box, false);
    box.focus();
  }

  /**
   * Sends the form, and returns what to say.
   * @param {string} name
   */
  async function sent(name) {
    const password = fields.password.value;
    const roles = chosenRoles();
    if (!changing) {
      await page.api.post('/accounts', { json: { name, password, roles } });
      return `${setOff(name)} can log in. Tell the password in person.`;
    }
    const { account, part } = changing;
    await page.api.patch(`/accounts/${encodeURIComponent(account.key)}`, part === 'roles' ? { roles } : { password });
    return part === 'roles'
      ? t('accounts.roles_set', { name, roles: rolesInWords(roles) })
      : `${setOff(name)} has a new password and is logged out.`;
  }

  async function save() {
    byId('new-account-save').disabled = true;
    try {
      page.said(await sent(fields.name.value.trim()));
      form.reset();
      stopChanging();
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
     * @param {boolean} disabled
     * @param {string} said
     */
    const act = (text, disabled, said) => {
      const button = make('button', { type: 'button', className: 'btn text-sm', text });
      button.append(make('span', { className: 'sr-only', text: ` (${setOff(account.name)})` }));
      button.addEventListener('click', () => alter(account, disabled, said));
      return button;
    };
    const password = make('button', { type: 'button', className: 'btn text-sm', text: 'New password' });
    password.append(make('span', { className: 'sr-only', text: ` for ${setOff(account.name)}` }));
    password.addEventListener('click', () => startChanging(account, 'password'));
    const roles = make('button', { type: 'button', className: 'btn text-sm', text: t('accounts.change_roles') });
    roles.append(make('span', { className: 'sr-only', text: ` (${setOff(account.name)})` }));
    roles.addEventListener('click', () => startChanging(account, 'roles'));
    return make('li', { className: 'flex flex-wrap items-center justify-between gap-3 px-4 py-3' }, [
      make('span', { className: 'min-w-0' }, [
        make('span', { className: 'block font-medium break-words', text: account.name, dir: 'auto', translate: 'no' }),
        make('span', {
          className: 'block text-sm text-soft',
          text: t('accounts.listed', {
            roles: rolesInWords(account.roles),
            disabled: account.disabled ? 'yes' : 'no',
          }),
        }),
      ]),
      make('span', { className: 'flex flex-wrap gap-2' }, [
        roles,
        password,
        account.disabled
          ? act('Enable', false, `${setOff(account.name)} can log in again.`)
          : act('Disable', true, `${setOff(account.name)} is disabled and logged out.`),
      ]),
    ]);
  }

  /**
   * @param {Account} account
   * @param {boolean} disabled
   * @param {string} said
   */
  async function alter(account, disabled, said) {
    try {
      await page.api.patch(`/accounts/${encodeURIComponent(account.key)}`, { disabled });
      page.said(said);
      await opening();
      byId('accounts-title').focus();
    } catch (error) {
      problem(sentences(asProblem(error)).join(' '));
    }
  }

  /**
   * @param {Account} account
   * @param {Part} part
   */
  function startChanging(account, part) {
    changing = { account, part };
    const ofRoles = part === 'roles';
    clearFaults(box, fields);
    setText(
      byId('new-account-title'),
      ofRoles ? t('accounts.roles_of', { name: account.name }) : `New password for ${setOff(account.name)}`,
    );
    fields.name.value = account.name;
    fields.name.readOnly = true;
    for (const each of roleBoxes) each.checked = account.roles.some((role) => role === each.value);
    setHidden(byId('new-account-roles'), !ofRoles);
    setHidden(byId('new-account-secret'), ofRoles);
    setHidden(byId('new-account-cancel'), false);
    setText(byId('new-account-save'), ofRoles ? t('accounts.roles_save') : 'Set the password');
    fields.password.value = '';
    (ofRoles ? roleBoxes[0] : fields.password).focus();
  }

  function stopChanging() {
    if (!changing) return;
    changing = null;
    setText(byId('new-account-title'), 'Add an account');
    fields.name.readOnly = false;
    form.reset();
    setHidden(byId('new-account-roles'), false);
    setHidden(byId('new-account-secret'), false);
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
