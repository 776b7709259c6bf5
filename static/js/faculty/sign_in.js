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
      enter(entry, byId(`${name}-summary`), byId(`${name}-go`));
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

  function show(setupNeeded) {
    setHidden(byId('door'), false);
    setHidden(byId('setup'), !setupNeeded);
    setHidden(byId('login'), setupNeeded);
    document.title = `${setupNeeded ? 'Set up this site' : 'Log in'} · Secure-Attend`;
  }

  return {
    /** Opens the form that fits; `words` say why one has to log in again. */
    open(setupNeeded, words = '') {
      show(setupNeeded);
      setText(byId('door-words'), words);
      setHidden(byId('door-words'), words === '');
      // The terminal's link brings the code along; behind the # it is sent to no server.
      const code = new URLSearchParams(globalThis.location.hash.slice(1)).get('setup');
      if (code) {
        forms.setup.fields.code.value = code;
        globalThis.history.replaceState(null, '', globalThis.location.pathname);
      }
      const { fields } = setupNeeded ? forms.setup : forms.login;
      (setupNeeded && !code ? fields.code : fields.name).focus();
    },
  };
}
