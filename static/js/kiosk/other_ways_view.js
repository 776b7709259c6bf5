// Draws "Another way": the ways that are left, and what one needs for each.

import { byId, setHidden, setText } from '../lib/dom.js';
import { paintLeaving } from './leaving_view.js';

/**
 * Opens the dialog, or brings it up to date.
 * @param {{ code: boolean, still: boolean, time: boolean }} ways those that can be chosen
 * @param {string} help whom to ask, and for what
 * @param {number | null} seconds until it closes, null as long as nothing is to be said
 */
export function paintOtherWays({ code, still, time }, help, seconds) {
  for (const [id, possible] of /** @type {const} */ ([
    ['way-code', code],
    ['way-still', still],
    ['way-time', time],
  ])) {
    setHidden(/** @type {HTMLElement} */ (byId(id).parentElement), !possible);
  }
  setHidden(byId('ways-list'), !code && !still && !time);
  setText(byId('ways-help'), help);
  paintLeaving('ways', seconds);
  const dialog = byId('ways');
  if (dialog.open) return;
  dialog.showModal();
  byId('ways-title').focus();
}

export function closeOtherWays() {
  const dialog = byId('ways');
  if (dialog.open) dialog.close();
}
