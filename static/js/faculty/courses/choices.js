// Boxes to check in the forms of a course: groups, weekdays, days.

import { make } from '../../lib/dom.js';

/**
 * @param {string} value
 * @param {string} text
 * @param {boolean} [checked]
 */
export function choice(value, text, checked = false) {
  const box = make('input', { type: 'checkbox', className: 'size-5 accent-brand', value });
  box.checked = checked;
  return make('label', { className: 'inline-flex min-h-11 items-center gap-2' }, [box, text]);
}

/**
 * The values of the boxes in here that are checked, or of those that are not.
 * @param {HTMLElement} list
 * @param {boolean} [checked]
 */
export function marked(list, checked = true) {
  const boxes = /** @type {NodeListOf<HTMLInputElement>} */ (list.querySelectorAll('input'));
  return [...boxes].filter((box) => box.checked === checked).map(({ value }) => value);
}
