// Where the keyboard goes on when what was pressed is gone: a row that left the list, a kiosk that was revoked.

import { byId, closestTo } from '../lib/dom.js';

let pressed = null; // on the page itself: {act, place} in the list of students, or {section}

export function wireFocusReturn() {
  document.addEventListener(
    'click',
    (event) => {
      if (closestTo(event, 'dialog')) return;
      const row = /** @type {HTMLTableRowElement | null} */ (closestTo(event, '#rows tr'));
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
  if (now === document.body || !now.checkVisibility()) nearest().focus();
}

function nearest() {
  const dialog = [...document.querySelectorAll('dialog[open]')].at(-1);
  if (dialog) return dialog.querySelector('.dialog-head h2');
  if (pressed?.section?.checkVisibility()) return pressed.section;
  const { rows } = byId('rows');
  const row = pressed?.place === undefined ? null : rows[Math.min(pressed.place, rows.length - 1)];
  return row?.querySelector(`[data-act="${pressed.act}"]`) ?? byId('roster');
}
