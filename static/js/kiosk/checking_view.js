// Draws a session under way: the movement asked, how far it is, what was accepted, what to change.

import { byId, setText, setHidden, setAttribute, refill, make, icon } from '../lib/dom.js';
import { hintFor, instruction, progressWords, spokenStep, stepsOf } from '../logic/instructions.js';
import { t } from '../lib/messages.js';
import { setMove } from '../lib/moves.js';

/** @type {Asked} */
const BEFORE = { state: 'neutral', accepted: [], total: 0 };

/**
 * {key, sentence, hint} for captions.js: what is to be said of this state now.
 * @param {{ screen: string, challenge: Asked | null }} state
 */
export function checkingCaption({ screen, challenge }) {
  if (screen === 'opening') return { key: screen, sentence: t('camera.opening') };
  if (screen === 'identifying') return { key: screen, sentence: t('checking.thanks') };
  return { ...spokenStep(challenge ?? BEFORE), hint: hintFor(challenge) };
}

/**
 * `hint` is the hint that is due to be shown now, as captions.js has it.
 * @param {{ screen: string, challenge: Asked | null }} state
 * @param {string} hint
 */
export function paintChecking(state, hint) {
  const challenge = state.challenge ?? BEFORE;
  const identifying = state.screen === 'identifying';
  const { text, picture } = identifying ? { text: t('checking.thanks'), picture: 'done' } : instruction(challenge);
  setText(byId('instruction'), text);
  setMove(byId('move'), picture);
  setText(byId('progress'), identifying ? '' : progressWords(challenge));
  setAttribute(byId('screen-checking'), 'data-action', asked(challenge));
  setHidden(byId('opening'), state.screen !== 'opening');
  setText(byId('hint'), hint);
  setHidden(byId('hint'), hint === '');
  renderSteps(challenge);
  const share = challenge.total ? (100 * challenge.accepted.length) / challenge.total : 0;
  setAttribute(byId('ring'), 'stroke-dasharray', `${share} 100`);
  setAttribute(byId('ring'), 'opacity', share > 0 ? '1' : '0');
}

/**
 * What the page asks for now, as one word for the stylesheet and for tests that play the person.
 * @param {Asked} challenge
 */
function asked(challenge) {
  if (challenge.returning || challenge.state !== 'step') return 'look_straight';
  return challenge.action ?? 'look_straight';
}

/** @param {Asked} challenge */
function renderSteps(challenge) {
  const steps = stepsOf(challenge);
  refill(byId('steps'), JSON.stringify(steps), () =>
    steps.map(({ done, now, text }) =>
      make(
        'li',
        {
          className: `badge text-base px-4 py-2 ${done ? 'badge-good' : now ? 'badge-now' : 'badge-plain'}`,
          ...(now ? { 'aria-current': 'step' } : {}),
        },
        [icon(done ? 'check' : now ? 'right' : 'circle'), text],
      ),
    ),
  );
}
