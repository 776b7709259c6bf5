// Why check-ins were refused in the last day.

import { byId, make, setHidden, setText } from '../../lib/dom.js';
import { placeWords, refusalWords, summaryWords, typedWords } from '../../logic/faculty/refusals.js';
import { asProblem } from '../../logic/problems.js';
import { dayIn } from '../../logic/time.js';

/** @param {FacultyPage} page */
export function createRefusalsDialog(page) {
  async function opening() {
    byId('refusals-title').focus();
    show([], 'Looking…');
    problem('');
    try {
      const { data } = await page.api.get('/refusals');
      show(data.refusals, summaryWords(data.refusals));
    } catch (error) {
      show([], '');
      problem(asProblem(error).detail);
    }
  }

  /**
   * @param {Refusal[]} refusals
   * @param {string} summary
   */
  function show(refusals, summary) {
    const today = dayIn(Date.now(), page.health?.time_zone);
    setText(byId('refusals-summary'), summary);
    byId('refusals-list').replaceChildren(...refusals.map((refusal) => itemOf(refusal, today)));
  }

  return { opening };
}

/**
 * @param {Refusal} refusal
 * @param {string} today
 */
function itemOf(refusal, today) {
  return make('li', { className: 'px-4 py-2.5' }, [
    make('p', { className: 'font-medium break-words', text: refusalWords(refusal) }),
    make('p', {
      className: 'text-sm text-soft break-words tabular',
      text: [placeWords(refusal, today), typedWords(refusal)].filter(Boolean).join(' · '),
    }),
  ]);
}

/** @param {string} sentence */
function problem(sentence) {
  setText(byId('refusals-problem'), sentence);
  setHidden(byId('refusals-problem'), sentence === '');
}
