// The step before a face is registered: shows the text, and records that the student agreed.

import { byId, setHidden, setText } from '../../lib/dom.js';
import { asProblem } from '../../logic/problems.js';
import { consentText, recordConsents } from './consent_source.js';

/**
 * `student()` is who is asked, `agreed(student)` is told the student as changed.
 * @param {FacultyPage} page
 * @param {{ student: () => Student | null, agreed: (student: Student) => void }} step
 */
export function createConsentStep(page, { student, agreed }) {
  const buttons = [byId('register-go'), byId('register-paper')];

  byId('register-paper').addEventListener('click', () => record('on_paper'));

  async function ask() {
    problem('');
    try {
      setText(byId('register-consent-text'), (await consentText(page.api)).words);
      byId('register-consent-text').scrollTop = 0;
    } catch (error) {
      problem(asProblem(error).detail);
    }
  }

  /** @param {AskedWay} way */
  async function record(way) {
    const asked = student();
    if (!asked) return;
    problem('');
    const pressed = document.activeElement;
    for (const button of buttons) button.disabled = true;
    try {
      const [changed] = await recordConsents(page.api, [asked.key], way);
      if (student()?.key === asked.key) agreed(changed);
    } catch (error) {
      for (const button of buttons) button.disabled = false;
      const refused = asProblem(error);
      if (refused.code === 'other_consent_text') await ask();
      problem(refused.detail);
      buttons.find((button) => button === pressed)?.focus(); // disabled, it lost the focus
    }
  }

  return { ask, record };
}

/** @param {string} sentence */
function problem(sentence) {
  setText(byId('register-consent-problem'), sentence);
  setHidden(byId('register-consent-problem'), sentence === '');
}
