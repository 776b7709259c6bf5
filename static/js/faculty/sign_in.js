// The faculty page before anybody is logged in: the first account of a new site, or logging in.

import { byId, setHidden, setText } from '../lib/dom.js';
import { asProblem } from '../logic/problems.js';
import { clearFaults, showFaults } from './messages.js';
import { missingFields } from './forms.js';

/** @typedef {FacultyForm & { go: HTMLButtonElement, path: string }} SignInForm */

/**
 * `onEntered` is called once, when somebody got in.
 * @param {{ api: Api, onEntered: (loggedIn: LoggedIn) => void }} page
 */
export function createSignIn({ api, onEntered }) {
  /** @type {Record<'setup' | 'login', SignInForm>} */
  const forms = {
    setup: {
      form: byId('setup-form'),
      box: byId('setup-summary'),
      go: byId('setup-go'),
      path: '/setup',
      fields: { code: byId('setup-code'), name: byId('setup-name'), password: byId('setup-password') },
    },
    login: {
      form: byId('login-form'),
      box: byId('login-summary'),
      go: byId('login-go'),
      path: '/login',
      fields: { name: byId('login-name'), password: byId('login-password') },
    },
  };
  for (const entry of Object.values(forms)) {
    entry.form.addEventListener('submit', (event) => {
      event.preventDefault();
      enter(entry);
    });
  }

  /** @param {SignInForm} entry */
  async function enter({ form, box, go, path, fields }) {
    clearFaults(box, fields);
    const missing = missingFields(fields, {
      code: 'Type the code that the terminal shows.',
      name: 'Type your name.',
      password: 'Type your password.',
    });
    if (missing) {
      showFaults(box, missing, fields);
      return;
    }
    go.disabled = true;
    try {
      const json = Object.fromEntries(Object.entries(fields).map(([name, input]) => [name, input.value]));
      const { data } = await api.post(path, { json });
      form.reset();
      setHidden(byId('door'), true);
      onEntered(data);
    } catch (error) {
      const problem = asProblem(error);
      if (problem.code === 'set_up_already') show(false);
      showFaults(problem.code === 'set_up_already' ? byId('login-summary') : box, problem, fields);
    } finally {
      go.disabled = false;
    }
  }

  /**
   * Logs in by the demo's link. Resolves to the problem if it no longer works.
   * @param {string | null} link
   */
  async function enterDemo(link) {
    try {
      const { data } = await api.post('/demo-login', { json: { link } });
      onEntered(data);
      return null;
    } catch (error) {
      return asProblem(error);
    }
  }

  /** @param {boolean} setupNeeded */
  function show(setupNeeded) {
    setHidden(byId('door'), false);
    setHidden(byId('setup'), !setupNeeded);
    setHidden(byId('login'), setupNeeded);
    document.title = `${setupNeeded ? 'Set up this site' : 'Log in'} · Secure-Attend`;
  }

  return {
    /**
     * Opens the form that fits; `words` say why one has to log in again.
     * @param {boolean} setupNeeded
     * @param {string} [words]
     */
    async open(setupNeeded, words = '') {
      // The terminal's link brings a code along; behind the # it is sent to no server.
      const link = new URLSearchParams(globalThis.location.hash.slice(1));
      const code = link.get('setup');
      if (code || link.has('demo')) globalThis.history.replaceState(null, '', globalThis.location.pathname);
      const problem = link.has('demo') ? await enterDemo(link.get('demo')) : null;
      if (link.has('demo') && !problem) return;
      show(setupNeeded);
      setText(byId('door-words'), words);
      setHidden(byId('door-words'), words === '');
      if (code) forms.setup.fields.code.value = code;
      const { fields } = setupNeeded ? forms.setup : forms.login;
      (setupNeeded && !code ? fields.code : fields.name).focus();
      if (problem) showFaults(byId('login-summary'), problem, fields);
    },
  };
}
