// Chooses the language of a page, loads its messages, and writes them into the page.

import { backoffSeconds } from '../logic/frames.js';
import { setOff } from '../logic/names.js';
import { direction, language, t, useCatalogue } from './messages.js';

/** The catalogues in static/i18n; the first is for everybody whose language is not among them. */
export const LANGUAGES = ['en'];

/**
 * The first language a person asks for that there is: `de-AT` finds `de`.
 * @param {readonly string[]} wanted
 * @param {readonly string[]} [available]
 */
export function chooseLanguage(wanted, available = LANGUAGES) {
  const names = wanted.flatMap((tag) => [tag, tag.split('-')[0]]);
  return names.find((name) => available.includes(name)) ?? available[0];
}

/** To be awaited before a page says anything. A server that is away is waited for. */
export async function loadMessages() {
  const name = chooseLanguage(navigator.languages);
  for (let tries = 0; ; tries += 1) {
    try {
      const response = await fetch(`static/i18n/${name}.json`);
      if (!response.ok) throw new Error(`${name}.json: ${response.status}`);
      useCatalogue(await response.json(), setOff);
      break;
    } catch {
      await new Promise((done) => {
        setTimeout(done, backoffSeconds(tries) * 1000);
      });
    }
  }
  if (document.documentElement.lang !== language()) translate(document);
}

/**
 * Puts the messages in place of those that the page was built with.
 * @param {Document} page
 */
function translate(page) {
  page.documentElement.lang = language();
  page.documentElement.dir = direction();
  for (const element of page.querySelectorAll('[data-i18n]')) {
    element.textContent = t(element.getAttribute('data-i18n') ?? '');
  }
  for (const element of page.querySelectorAll('[data-i18n-label]')) {
    element.setAttribute('aria-label', t(element.getAttribute('data-i18n-label') ?? ''));
  }
}
