// A hold on a student or a course: whether there is one, why and since when, and placing and lifting it.

import { make } from '../lib/dom.js';
import { t } from '../lib/messages.js';
import { may } from '../logic/faculty/rights.js';
import { asProblem } from '../logic/problems.js';
import { dayIn, dayInWords } from '../logic/time.js';
import { confirmThen } from './confirm.js';

/**
 * @param {FacultyPage} page
 * @param {HTMLElement} box what it is shown in
 * @param {string} operation that shows a hold, "GET /students/{key}/hold" for example
 */
export function createHold(page, box, operation) {
  /** @type {string | null} */
  let shown = null;

  /** @param {string} address of the student or the course */
  async function show(address) {
    shown = address;
    box.replaceChildren();
    if (!may(page.me, operation)) return;
    try {
      const { data } = await page.api.get(`${address}/hold`);
      if (shown === address) box.replaceChildren(...partsOf(data));
    } catch (error) {
      if (shown === address) box.replaceChildren(make('p', { text: asProblem(error).detail }));
    }
  }

  /** @param {HoldAnswer} answer */
  function partsOf({ hold, courses = [] }) {
    const day = hold ? dayInWords(dayIn(Date.parse(hold.at), page.health?.time_zone)) : '';
    const button = make('button', { type: 'button', className: 'btn', text: t(hold ? 'hold.lift' : 'hold.place') });
    button.addEventListener('click', () => (hold ? lift() : place()));
    return [
      make('p', { text: hold ? t('hold.since', { day, by: hold.by }) : t('hold.none') }),
      ...(hold ? [make('p', { className: 'wrap-anywhere', dir: 'auto', text: hold.reason })] : []),
      ...(courses.length > 0 ? [make('p', { text: t('hold.courses', { courses: courses.join(', ') }) })] : []),
      button,
    ];
  }

  function place() {
    const address = shown;
    confirmThen({
      title: t('hold.sure'),
      words: t('hold.text'),
      reason: t('hold.reason'),
      yes: t('hold.place_yes'),
      danger: false,
      act: async (_, reason) => {
        await page.api.post(`${address}/hold`, { json: { reason } });
        await changed(address, t('hold.placed'));
      },
    });
  }

  function lift() {
    const address = shown;
    confirmThen({
      title: t('hold.lift_sure'),
      words: t('hold.lift_text'),
      yes: t('hold.lift'),
      act: async () => {
        await page.api.remove(`${address}/hold`);
        await changed(address, t('hold.lifted'));
      },
    });
  }

  /**
   * @param {string | null} address
   * @param {string} sentence
   */
  async function changed(address, sentence) {
    if (address !== null && shown === address) await show(address);
    page.said(sentence);
  }

  return { show };
}
