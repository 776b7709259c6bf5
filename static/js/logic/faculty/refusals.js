// Refused check-ins in plain words.

import { nameAndId } from '../names.js';
import { dayInWords } from '../time.js';

/** @type {Record<string, string>} */
const CAUSES = {
  too_slow: 'It took too long',
  lost_face: 'The face went out of view',
  several_faces: 'More than one face was in view',
  face_changed: 'The face changed during the check-in',
  looks_like_a_picture: 'It looked like a picture or a screen',
  no_clear_face: 'The face was not clear enough',
  out_of_order: 'Pictures arrived out of order',
  other_movements: 'Other movements in between added steps, so it took too long',
  not_recognised: 'The face was not recognised',
  id_not_typed: 'The face could be several people’s, and no student ID was typed',
  code_not_typed: 'ID and personal code were asked for, and not typed',
  no_code: 'A personal code was needed, and none was issued',
  wrong_proof: 'ID and code did not match',
  too_many_tries: 'Too many wrong tries',
  nobody_registered: 'No face is registered yet',
  student_removed: 'The student was removed from the list',
  class_without_faces: 'The class uses no faces, and no code was typed',
  challenge_expired: 'ID or code was typed too late',
  history_mismatch: '“My attendance”: ID and face did not match',
  busy: 'Too many personal codes were being checked at once',
  storage_full: 'The check-in could not be saved: the server’s disk is full',
  storage_failed: 'The check-in could not be saved on the server',
  other: 'Something else went wrong',
};

/** @type {Record<string, string>} */
const STEPS = {
  turn_left: 'turning to the left',
  turn_right: 'turning to the right',
  tilt_up: 'raising the chin',
  tilt_down: 'lowering the chin',
  close_eyes: 'closing the eyes',
  open_mouth: 'opening the mouth',
  come_closer: 'coming closer',
};

/** @type {Record<string, string>} */
const HINTS = {
  no_face: 'no face in view',
  one_person: 'more than one person in view',
  come_closer: 'too far away',
  move_back: 'too close',
  too_dark: 'too dark',
  too_bright: 'too bright',
  blurred: 'blurred',
  face_cut_off: 'the face was cut off',
  move_to_center: 'not in the middle',
  look_straight: 'not looking straight',
  hold_still: 'not holding still',
  look_lower: 'the chin was too high',
  look_higher: 'the chin was too low',
  hold_level: 'the head leaned to one side',
  not_so_far: 'turned too far',
  other_side: 'turned to the other side',
  other_way: 'moved the other way',
  slower: 'too quick',
  a_little_more: 'not far enough',
  hold: 'not held long enough',
  open_eyes: 'the eyes were not open',
  close_mouth: 'the mouth was open',
  dark_glasses: 'dark glasses',
  glare: 'glasses reflected the light',
  still_camera: 'the camera’s picture was frozen',
  slow_camera: 'the camera gave pictures too slowly',
  slow_connection: 'the kiosk’s pictures came too slowly: check its network and computer',
  slow_server: 'the server was too busy',
};

/**
 * When and where: `10:14, Room 101`, with the day if it is not `today` (YYYY-MM-DD).
 * @param {Refusal} refusal
 * @param {string} today
 */
export function placeWords({ date, local_time: time, kiosk }, today) {
  return [...(date === today ? [] : [dayInWords(date)]), time, kiosk ?? 'not at a kiosk'].join(', ');
}

/**
 * Why, and at which step: `It took too long, while closing the eyes (too dark).`
 * @param {Refusal} refusal
 */
export function refusalWords({ cause, step, hint }) {
  const why = CAUSES[cause] ?? cause.replaceAll('_', ' ');
  const when = step && STEPS[step] ? `, while ${STEPS[step]}` : '';
  const told = hint && HINTS[hint] ? ` (${HINTS[hint]})` : '';
  return `${why}${when}${told}.`;
}

/**
 * Whose ID was typed; empty where none was.
 * @param {Refusal} refusal
 */
export function typedWords({ student }) {
  return student ? `ID typed: ${nameAndId(student)}` : '';
}

/**
 * What the list says above its rows.
 * @param {Refusal[]} refusals
 */
export function summaryWords(refusals) {
  if (refusals.length === 0) return 'No check-in was refused in the last 24 hours.';
  return refusals.length === 1 ? '1 check-in was refused.' : `${refusals.length} check-ins were refused.`;
}
