// What a liveness session asks, in words and figures: the movement, the hint, the steps. All by the server's codes.

import { isMessage, t } from '../lib/messages.js';

// What is drawn while the way back is asked for.
/** @type {Record<string, string>} */
const BACK = { close_eyes: 'open_eyes', open_mouth: 'close_mouth', come_closer: 'move_back' };

/**
 * What a challenge asks now; `picture` names the figure.
 * @param {Asked} challenge
 */
export function instruction(challenge) {
  if (challenge.state === 'passed' || challenge.state === 'redeemed') {
    return { text: t('checking.thanks'), picture: 'done' };
  }
  const action = isMessage(`instruction.${challenge.action}`) ? String(challenge.action) : 'look_straight';
  if (challenge.returning) return { text: t(`instruction_back.${action}`), picture: BACK[action] ?? 'look_straight' };
  const text = challenge.asked_otherwise ? t(`instruction_again.${action}`) : t(`instruction.${action}`);
  return { text, picture: action };
}

/**
 * The hint that goes with a challenge, empty where it would only repeat the instruction.
 * @param {Asked | null | undefined} challenge
 */
export function hintFor(challenge) {
  const code = challenge?.hint;
  if (!challenge || !code || repeats(challenge, code)) return '';
  // A few hints mean something more exact while a certain movement is asked.
  if (!challenge.returning && isMessage(`hint_${challenge.action}.${code}`)) {
    return t(`hint_${challenge.action}.${code}`);
  }
  return isMessage(`hint.${code}`) ? t(`hint.${code}`) : '';
}

/**
 * @param {Asked} challenge
 * @param {string} code
 */
function repeats({ returning, action }, code) {
  const asked = returning ? (BACK[String(action)] ?? 'look_straight') : (action ?? 'look_straight');
  return code === asked && (code === 'look_straight' || code === 'open_eyes');
}

/**
 * One entry a step: what was accepted, then what is still to come, unnamed; `now` is the one under way.
 * @param {Asked} challenge
 */
export function stepsOf(challenge) {
  const now = stepNumber(challenge);
  const total = Math.max(endless(challenge) ? now : (challenge.total ?? 0), challenge.accepted.length);
  return Array.from({ length: total }, (_, place) => {
    const action = challenge.accepted[place];
    const text = action ? acceptedWords(action) : t('checking.step', { step: place + 1 });
    return { done: Boolean(action), now: place + 1 === now && challenge.state === 'step', text };
  });
}

/** @param {string} action */
function acceptedWords(action) {
  return isMessage(`accepted.${action}`) ? t(`accepted.${action}`) : t('accepted.other');
}

/**
 * Which step is under way, from 1. One whose movement is accepted is under way until the head is back.
 * @param {Asked} challenge
 */
function stepNumber(challenge) {
  return challenge.accepted.length + (challenge.returning ? 0 : 1);
}

/**
 * Whether nobody is told how many steps there are: once another way is offered, each movement that nobody asked for has
 * added some, and "5 of 34" is no help.
 * @param {Asked} challenge
 */
function endless(challenge) {
  return challenge.state === 'step' && Boolean(challenge.other_way);
}

/**
 * "Step 2 of 4", or what takes its place before and after the steps.
 * @param {Asked} challenge
 */
export function progressWords(challenge) {
  const { total, state } = challenge;
  if (!total) return '';
  const step = stepNumber(challenge);
  if (endless(challenge)) return t('checking.step', { step });
  if (state === 'step') return t('checking.progress', { step, total });
  return state === 'neutral' ? t('checking.first', { total }) : t('checking.all_done');
}

/**
 * What a screen reader hears: which step it is, what was accepted, and what is asked. `key` is new for each of them.
 * @param {Asked} challenge
 */
export function spokenStep(challenge) {
  const { text } = instruction(challenge);
  const { state, action, returning, asked_otherwise: otherwise, accepted, total } = challenge;
  const key = [state, action, returning, otherwise, accepted.length].join(' ');
  if (state !== 'step' || (otherwise && !returning)) return { key, sentence: t('spoken.sentence', { text }) };
  if (returning) return { key, sentence: t('checking.spoken_back', { instruction: text }) };
  if (!total) return { key, sentence: t('spoken.sentence', { text }) };
  const step = stepNumber(challenge);
  if (endless(challenge)) return { key, sentence: t('checking.spoken_step_alone', { step, instruction: text }) };
  return { key, sentence: t('checking.spoken_step', { step, total, instruction: text }) };
}
