// How the faculty page speaks: a summary of what went wrong, with the focus, and a short word of what went well.

import { announce, byId, make, setHidden, setText } from '../lib/dom.js';
import { asProblem, sentences } from '../logic/problems.js';
import { focusPlaceHeading } from './shell/place_heading.js';

const TOAST_MS = 6000;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let hiding;

/** @param {string} sentence */
export function said(sentence) {
  host().append(byId('toast'));
  setHidden(byId('toast'), false);
  announce(byId('toast-text'), sentence);
  clearTimeout(hiding);
  hiding = setTimeout(() => setHidden(byId('toast'), true), TOAST_MS);
}

/**
 * For screen readers only.
 * @param {string} sentence
 */
export function quietly(sentence) {
  const region = /** @type {HTMLElement | null} */ (host().querySelector(':scope > [data-live="true"]')) ?? addRegion();
  announce(region, sentence);
}

/**
 * Behind an open dialog nothing is shown or read aloud, so messages go into the uppermost one. Never into the question that is
 * just being answered: it closes, and what it said would go with it.
 */
function host() {
  return [...document.querySelectorAll('dialog[open]:not(#confirm)')].at(-1) ?? document.body;
}

function addRegion() {
  const region = make('p', { className: 'sr-only', role: 'status', 'data-live': 'true' });
  host().append(region);
  return region;
}

/**
 * @param {string} title
 * @param {unknown} error
 */
export function wentWrong(title, error) {
  const lines = sentences(asProblem(error));
  setText(byId('alert-title'), title);
  byId('alert-list').replaceChildren(...lines.map((text) => make('li', { text })));
  setHidden(byId('alert'), false);
  byId('alert').focus();
}

export function wireMessages() {
  byId('alert-close').addEventListener('click', () => {
    setHidden(byId('alert'), true);
    focusPlaceHeading();
  });
}

/**
 * Fills an alert box inside a form with linked faults, marks the fields, and moves the focus there.
 * @param {HTMLElement} box
 * @param {unknown} error
 * @param {Fields} fields
 */
export function showFaults(box, error, fields) {
  const problem = asProblem(error);
  const links = problem.errors.map(({ field, message }) => {
    const input = fields[field];
    input?.setAttribute('aria-invalid', 'true');
    if (!input) return make('li', { text: message });
    const link = make('a', { className: 'underline underline-offset-4', href: `#${input.id}`, text: message });
    link.addEventListener('click', (event) => {
      event.preventDefault();
      input.focus();
    });
    return make('li', {}, [link]);
  });
  box.replaceChildren(
    make('p', { className: 'font-semibold', text: links.length > 0 ? 'Please fix this first:' : problem.detail }),
    make('ul', { className: 'mt-1 space-y-1' }, links),
  );
  setHidden(box, false);
  box.focus();
}

/**
 * @param {HTMLElement} box
 * @param {Fields} fields
 */
export function clearFaults(box, fields) {
  setHidden(box, true);
  for (const input of Object.values(fields)) input.removeAttribute('aria-invalid');
}
