// Draws what a question says before it closes by itself.

import { announce, byId, setHidden, setText } from '../lib/dom.js';
import { t } from '../lib/messages.js';

/**
 * `seconds` is null as long as nothing is to be said; `more` says whether there can be more time.
 * @param {'who' | 'claim' | 'id' | 'consent' | 'ways' | 'settings'} prefix
 * @param {number | null} seconds
 * @param {boolean} [more]
 */
export function paintLeaving(prefix, seconds, more = true) {
  const box = byId(/** @type {'who-closes'} */ (`${prefix}-closes`));
  const longer = byId(/** @type {'who-longer'} */ (`${prefix}-longer`));
  const said = byId(/** @type {'who-closes-said'} */ (`${prefix}-closes-said`)); // a dialog's own: all else is out of reach
  const began = box.hidden && seconds !== null;
  setHidden(box, seconds === null);
  setHidden(longer, !more);
  if (seconds === null) {
    setText(said, '');
    return;
  }
  const words = t('leaving.text', { seconds });
  setText(byId(/** @type {'who-closes-text'} */ (`${prefix}-closes-text`)), words);
  if (began) announce(said, words);
}
