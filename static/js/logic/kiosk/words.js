// What the kiosk says when a check-in did not work out: each cause has its own words and its own way on.

import { CAMERA_TROUBLES } from '../instructions.js';
import { greeting } from '../time.js';

const TROUBLES = {
  not_recognised: (who) => ({
    title: 'We did not recognise you',
    detail: `Try once more in good light, without a hat or mask. If your face is not registered yet, ask ${who} to check you in by hand.`,
  }),
  ambiguous_face: (who) => ({
    title: 'We are not sure who you are',
    detail: `You look too much like somebody else for us to decide. Type your student ID, or ask ${who} to check you in by hand.`,
  }),
  code_needed: () => ({
    title: 'One thing more, please',
    detail: 'Your face alone is not enough here. Type your student ID and your personal code.',
  }),
  wrong_proof: (who) => ({
    title: 'ID and code do not fit',
    detail: `Check both and try again. Ask ${who} if you have no personal code, or to check you in by hand.`,
  }),
  no_code: (who) => ({
    title: 'You need a personal code here',
    detail: `You have none yet. Ask ${who} for one, or to check you in by hand.`,
  }),
  too_slow: (who) => ({
    title: 'That took too long',
    detail: `Take your time and try again: the page waits for each movement. If it does not work for you, ask ${who} to check you in by hand.`,
  }),
  several_faces: () => ({
    title: 'More than one person was in the picture',
    detail: 'Please stand alone in front of the camera and try again.',
  }),
  face_changed: () => ({
    title: 'The face in the picture changed',
    detail: 'Please stay alone in front of the camera until you are greeted, and try again.',
  }),
  lost_face: () => ({
    title: 'We lost sight of your face',
    detail: 'Stay in front of the camera, with your face in the oval, and try again.',
  }),
  no_clear_face: () => ({
    title: 'We could not see your face clearly',
    detail: 'Face the light, look into the camera, and try again.',
  }),
  wrong_movement: (who) => ({
    title: 'That was another movement',
    detail: `Please follow the page step by step, one movement at a time, and try again. If it does not work for you, ask ${who} to check you in by hand.`,
  }),
  looks_like_a_picture: (who) => ({
    title: 'The camera seems to see a picture',
    detail: `Please stand in front of the camera yourself, without a screen or print in view, and try again. If it does not work for you, ask ${who} to check you in by hand.`,
  }),
  nobody_registered: (who) => ({
    title: 'Nobody is registered yet',
    detail: `Faces are registered on the faculty page. Ask ${who} to register yours, or to check you in by hand.`,
  }),
  not_ready: (who, detail) => ({
    title: 'Face check-in is not working now',
    detail: `${detail || 'The server could not load what it needs to compare faces.'} Until then, ask ${who} to check you in by hand.`,
  }),
  out_of_order: () => ({
    title: 'We lost the thread',
    detail: 'Pictures arrived in the wrong order, perhaps because the network is slow. Please try again.',
  }),
  too_many: (who, detail) => ({
    title: 'One moment, please',
    detail: detail || 'There were several tries in a row. Please wait a few seconds, then try again.',
  }),
  unknown_challenge: () => ({
    title: 'The server was restarted',
    detail: 'Your check-in was not finished. Please try again.',
  }),
};

const SAME_AS = {
  challenge_expired: 'too_slow',
  expired: 'too_slow',
  one_person: 'several_faces',
  challenge_not_passed: 'out_of_order',
  models_not_ready: 'not_ready',
  models_failed: 'not_ready',
  too_many_sessions: 'too_many',
  busy: 'too_many',
  kiosk_pause: 'too_many',
  passive_missing: 'not_ready',
};

/** {title, detail, canRetry} for a trouble. */
export function troubleWords(trouble, contact) {
  const code = SAME_AS[trouble.code] ?? trouble.code;
  const camera = CAMERA_TROUBLES[code];
  if (camera) return { ...camera, canRetry: code !== 'insecure' };
  const words = TROUBLES[code]?.(contact, trouble.detail) ?? {
    title: 'Your check-in was not finished',
    detail: `${trouble.detail || 'Please try again.'} You can also ask ${contact} to check you in by hand.`,
  };
  return { ...words, canRetry: true };
}

/** What the idle kiosk says. */
export function readyWords({ arrival, said, handsFree, somebody }) {
  const title = arrival || said ? 'Next, please' : 'Welcome';
  if (somebody) return { title, detail: 'Stay there a moment…' };
  const detail = handsFree
    ? 'Step in front of the camera and look into it. Checking in begins by itself.'
    : 'Stand in front of the camera and check in. It takes a few seconds.';
  return { title, detail };
}

/** The greeting in two lines. */
export function arrivalWords(arrival) {
  const hello = `${greeting(arrival.time)}, ${arrival.name}.`;
  if (arrival.already) return { hello, fact: `You are checked in already, since ${arrival.time}.` };
  return { hello, fact: `Checked in ${arrival.time}.` };
}

/** What "Not me" did. */
export function notMeWords(outcome, name, contact) {
  switch (outcome) {
    case 'cancelled':
      return `The check-in of ${name} is cancelled. Please try again, or ask ${contact} to check you in by hand.`;
    case 'already':
      return `We took you for ${name}, whose earlier check-in stays. Please try again, or ask ${contact} to check you in by hand.`;
    case 'too_late':
      return `It is too late to cancel here. Ask ${contact} to cancel the check-in of ${name}.`;
    default:
      return `We could not cancel the check-in of ${name}. Please tell ${contact}.`;
  }
}

export function noticeWords(contact) {
  return `Your face is compared with the registered faces. No photo is kept. ID and code do as well as a face. Questions? Ask ${contact}, who can also check you in by hand.`;
}
