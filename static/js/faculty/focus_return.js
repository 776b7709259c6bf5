// Where the focus goes when what was pressed is gone: a row that left the list, a kiosk that was revoked.

import { byId, closestTo } from '../lib/dom.js';
import { focusPlaceHeading } from './shell/place_heading.js';

/**
 * On the page itself: an action at a place in the list of students, or the title of a section.
 * @type {{ act?: string, place?: number, section?: HTMLElement | null } | null}
 */
let pressed = null;

export function wireFocusReturn() {
  document.addEventListener(
    'click',
    (event) => {
      if (closestTo(event, 'dialog')) return;
      const row = /** @type {HTMLTableRowElement | null} */ (closestTo(event, '#rows tr'));
      /** @type {HTMLElement | null} */
      const section = closestTo(event, 'section')?.querySelector('h2[tabindex="-1"]') ?? null;
      pressed = row ? { act: closestTo(event, '[data-act]')?.dataset.act, place: row.sectionRowIndex } : { section };
    },
    { capture: true },
  );
}

/** Gives the focus to what is nearest to where it was, where it was lost. */
export function returnFocus() {
  const now = document.activeElement ?? document.body;
  // In a dialog that has just closed the browser takes the focus away a moment later.
  if (now !== document.body && now.checkVisibility()) return;
  const near = nearest();
  if (near) near.focus();
  else focusPlaceHeading();
}

/** @returns {HTMLElement | null} */
function nearest() {
  const dialog = [...document.querySelectorAll('dialog[open]')].at(-1);
  /** @type {HTMLElement | null | undefined} */
  const title = dialog?.querySelector('.dialog-head h2');
  if (title) return title;
  if (pressed?.section?.checkVisibility()) return pressed.section;
  const { rows } = byId('rows');
  const row = pressed?.place === undefined ? null : rows[Math.min(pressed.place, rows.length - 1)];
  return row?.checkVisibility() ? row.querySelector(`[data-act="${pressed?.act}"]`) : null;
}
