// The kiosk's own small settings: kept in this browser, changed in a dialog.

import { byId, setHidden } from '../lib/dom.js';
import { settingsFrom } from '../logic/kiosk/settings.js';
import { createSecret } from '../lib/secrets.js';
import { hasVoice } from '../lib/speech.js';

const FIELDS = { handsFree: 'set-hands-free', tones: 'set-tones', aloud: 'set-aloud' };

const kept = createSecret(() => globalThis.localStorage, 'secure-attend-kiosk-settings');

/** What this kiosk is set to, for its other pages. */
export function keptSettings() {
  return settingsFrom(kept.get());
}

/** `onChange` gets the settings at once, and whenever one was changed. */
export function createSettings(onChange) {
  let settings = keptSettings();

  function show() {
    for (const [name, id] of Object.entries(FIELDS)) byId(id).checked = settings[name];
    setHidden(byId('no-voice'), hasVoice());
    byId('settings').showModal();
  }

  for (const [name, id] of Object.entries(FIELDS)) {
    byId(id).addEventListener('change', ({ target }) => {
      settings = { ...settings, [name]: target.checked };
      kept.set(JSON.stringify(settings));
      onChange(settings);
    });
  }
  byId('open-settings').addEventListener('click', show);
  byId('close-settings').addEventListener('click', () => byId('settings').close());
  onChange(settings);
}
