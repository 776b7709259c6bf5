// The step before a face is registered: shows the text, and records that the student agreed.

import { byId, setHidden, setText } from '../dom.js';
import { asProblem } from '../logic/problems.js';
import { consentText } from './consent_source.js';

/** `student()` is who is asked, `agreed(student)` is told the student as changed. */
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

  async function record(way) {
    const asked = student();
    problem('');
    for (const button of buttons) button.disabled = true;
    try {
      const { version } = await consentText(page.api);
      const { data } = await page.api.post('/consents', { json: { keys: [asked.key], way, version } });
      if (student()?.key === asked.key) agreed(data.students[0]);
    } catch (error) {
      for (const button of buttons) button.disabled = false;
      problem(asProblem(error).detail);
    }
  }

  return { ask, record };
}

function problem(sentence) {
  setText(byId('register-consent-problem'), sentence);
  setHidden(byId('register-consent-problem'), sentence === '');
}
