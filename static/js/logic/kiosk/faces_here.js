// Whether a kiosk uses faces, as a pure core.

/**
 * Whether faces are used here: on this site, and by a class that is open at this kiosk.
 * @param {Pick<KioskState, 'health' | 'place'>} state
 */
export function facesHere({ health, place }) {
  return health?.faces.used !== false && place?.faces !== false;
}
