// The faculty page before anybody is logged in: the first account of a new site, or logging in.

import { byId, setHidden, setText } from '../lib/dom.js';
import { asProblem } from '../logic/problems.js';
import { clearFaults, showFaults } from './messages.js';
import { missingFields } from './forms.js';

/** `onEntered({token, me})` is called once, when somebody got in. */
export function createSignIn({ api, onEntered }) {
  const forms = {
    setup: {
      form: byId('setup-form'),
      path: '/setup',
      fields: { code: byId('setup-code'), name: byId('setup-name'), password: byId('setup-password') },
    },
    login: {
      form: byId('login-form'),
      path: '/login',
      fields: { name: byId('login-name'), password: byId('login-password') },
    },
  };
  for (const [name, entry] of Object.entries(forms)) {
    entry.form.addEventListener('submit', (event) => {
      event.preventDefault();
      enter(
        entry,
        byId(/** @type {'login-summary'} */ (`${name}-summary`)),
        byId(/** @type {'login-go'} */ (`${name}-go`)),
      );
    });
  }

  async function enter({ form, path, fields }, box, button) {
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
    button.disabled = true;
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
      button.disabled = false;
    }
  }

  /** Logs in by the demo's link. Resolves to the problem if it no longer works. */
  async function enterDemo(link) {
    try {
      const { data } = await api.post('/demo-login', { json: { link } });
      onEntered(data);
      return null;
    } catch (error) {
      return asProblem(error);
    }
  }

  function show(setupNeeded) {
    setHidden(byId('door'), false);
    setHidden(byId('setup'), !setupNeeded);
    setHidden(byId('login'), setupNeeded);
    document.title = `${setupNeeded ? 'Set up this site' : 'Log in'} · Secure-Attend`;
  }

  return {
    /** Opens the form that fits; `words` say why one has to log in again. */
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
