// The kiosk's own small settings: kept in this browser, changed in a dialog.

import { byId, setHidden } from '../lib/dom.js';
import { leftAlone, warningSeconds } from '../logic/kiosk/left_alone.js';
import { settingsFrom } from '../logic/kiosk/settings.js';
import { createSecret } from '../lib/secrets.js';
import { hasVoice } from '../lib/speech.js';
import { paintLeaving } from './leaving_view.js';

/** @type {{ name: keyof Settings, id: 'set-hands-free' | 'set-tones' | 'set-aloud' }[]} */
const FIELDS = [
  { name: 'handsFree', id: 'set-hands-free' },
  { name: 'tones', id: 'set-tones' },
  { name: 'aloud', id: 'set-aloud' },
];

const kept = createSecret(() => globalThis.localStorage, 'secure-attend-kiosk-settings');

/** What this kiosk is set to, for its other pages. */
export function keptSettings() {
  return settingsFrom(kept.get());
}

/**
 * `onChange` gets the settings at once, and whenever one was changed. Left alone, the dialog closes: the next person needs
 * the kiosk.
 * @param {(settings: Settings) => void} onChange
 */
export function createSettings(onChange) {
  const dialog = byId('settings');
  let settings = keptSettings();
  let closesAt = 0;

  function show() {
    for (const { name, id } of FIELDS) byId(id).checked = settings[name];
    setHidden(byId('no-voice'), hasVoice());
    touched();
    dialog.showModal();
  }

  function touched() {
    closesAt = leftAlone(Date.now());
  }

  for (const { name, id } of FIELDS) {
    byId(id).addEventListener('change', () => {
      settings = { ...settings, [name]: byId(id).checked };
      kept.set(JSON.stringify(settings));
      onChange(settings);
    });
  }
  byId('open-settings').addEventListener('click', show);
  byId('close-settings').addEventListener('click', () => dialog.close());
  for (const touch of ['pointerdown', 'keydown', 'click']) dialog.addEventListener(touch, touched);
  onChange(settings);

  return {
    get isOpen() {
      return dialog.open;
    },
    tick(/** @type {number} */ now) {
      if (dialog.open && now >= closesAt) dialog.close();
      paintLeaving('settings', dialog.open ? warningSeconds(closesAt, now) : null);
    },
  };
}
