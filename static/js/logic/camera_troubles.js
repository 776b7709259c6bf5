// What can be wrong with a camera, by the codes that the catalogue has words for.

import { t } from '../lib/messages.js';

export const CAMERA_TROUBLES = new Set([
  'camera_missing',
  'camera_refused',
  'camera_in_use',
  'camera_ended',
  'camera_unanswered',
  'insecure',
]);

/**
 * The title and text for one of these codes.
 * @param {string} code
 */
export function cameraTroubleWords(code) {
  return { title: t(`trouble_title.${code}`), detail: t(`trouble_text.${code}`) };
}

/**
 * The code for a failure of getUserMedia.
 * @param {string} errorName
 */
export function cameraTrouble(errorName) {
  switch (errorName) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'camera_refused';
    case 'NotReadableError':
    case 'TrackStartError':
    case 'AbortError':
      return 'camera_in_use';
    case 'InsecureContext':
      return 'insecure';
    case 'NotFoundError':
    case 'DevicesNotFoundError':
    case 'OverconstrainedError':
      return 'camera_missing';
    default:
      return 'camera_ended'; // there is one, and something is wrong with it
  }
}
