// Plain words for the report on registered faces.

import { nameAndId } from '../names.js';

/** @type {Record<string, (weak: WeakFace) => string>} */
const REASONS = {
  templates_disagree: () => 'The registered pictures look unlike each other.',
  one_template: () => 'Registered from a single picture.',
  poor_pictures: () => 'The pictures were poor: light, size, sharpness, or turned away.',
  // Which of those at a kiosk were with a code is not told: nobody has to explain why they do not use their face.
  often_without_face: ({ by_hand, at_kiosk }) =>
    `Often checked in without the face in 30 days: ${times(by_hand)} by hand, ${times(at_kiosk)} at a kiosk, by face or with ID and code.`,
  often_refused: ({ refused }) =>
    `Refused ${times(refused)} in 24 hours: the face was not like the one registered for the ID that was typed.`,
  often_not_me: ({ not_me }) => `${times(not_me, 'Once', 'Twice')} in 30 days somebody else was greeted by this name.`,
};

/**
 * @param {number} count
 * @param {string} [once]
 * @param {string} [twice]
 */
function times(count, once = 'once', twice = 'twice') {
  return ['never', once, twice][count] ?? `${count} times`;
}

/**
 * Why a student should be invited to register again, a sentence a reason.
 * @param {WeakFace} weak
 */
export function whyWeak(weak) {
  return weak.reasons.map((reason) => REASONS[reason]?.(weak) ?? reason);
}

/**
 * How the two of a pair are told: `Ann Lee (001) and Bo Lee (002)`.
 * @param {AlikePair} pair
 */
export function pairWords({ students }) {
  return students.map(nameAndId).join(' and ');
}

/**
 * What an admin can do about the limit: what it means, the button's words, and what is sent; null for nothing.
 * @param {Accuracy | null | undefined} accuracy
 */
export function limitChoice(accuracy) {
  if (accuracy?.loosened) {
    return {
      by: 'models',
      words: 'An admin let this site’s faces set a looser limit than the models’ own.',
      act: 'Use the models’ own limit again',
    };
  }
  if (!accuracy?.looser) return null;
  const words =
    'This site’s faces are less alike than those the models were measured on. They would allow a looser limit at the same target: students are recognised more readily, and it rests on an estimate.';
  return { by: 'site', words, act: 'Let this site’s faces set the limit' };
}

/**
 * How far a site has moved to other models, a sentence or two.
 * @param {ModelMove | null | undefined} moving
 */
export function movingWords(moving) {
  if (!moving) return [];
  const { before, now, moved, waiting, keeping } = moving;
  const all = moved + waiting;
  const words = [`${moved} of ${all} registered students have moved from ${before} to ${now}.`];
  if (waiting > 0) words.push('The others check in as before, and move at their next check-in.');
  else if (keeping > 0) words.push(`All have moved; the ${before} faces of ${keeping} are kept for some more days.`);
  else words.push('All have moved. Start the server without --keep-old from now on.');
  return words;
}

/**
 * What is under "Strangers", a sentence or two.
 * @param {Accuracy | null | undefined} accuracy
 */
export function accuracyWords(accuracy) {
  return accuracy ? [accuracy.how, ...(accuracy.warning ? [accuracy.warning] : [])] : [];
}
