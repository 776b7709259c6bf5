// Consent, in words: what is recorded, and what a registration still needs.

import { dayInWords } from '../time.js';
import { mayAssist } from './rights.js';
import { setOff } from '../names.js';

/**
 * Whether the student has to be asked before a face can be registered.
 * @param {Student} student
 */
export function mustAsk(student) {
  return student.consent.state !== 'given';
}

const WAYS = { in_person: 'in person', on_paper: 'on paper', kiosk: 'at a kiosk' };

/**
 * One sentence on what is recorded.
 * @param {Student} student
 */
export function consentWords({ consent }) {
  const day = dayInWords(consent.given_on);
  switch (consent.state) {
    case 'given':
      return `Agreed ${WAYS[consent.way]} on ${day}, recorded by ${consent.recorded_by}.`;
    case 'outdated':
      return `Agreed on ${day}, to an earlier text. A new registration needs a new consent.`;
    case 'withdrawn':
      return `Consent withdrawn on ${dayInWords(consent.withdrawn_on)}, recorded by ${consent.withdrawn_by}.`;
    default:
      return 'No consent is recorded.';
  }
}

/**
 * What the page asks the lecturer before registering.
 * @param {Student} student
 */
export function askWords(student) {
  switch (student.consent.state) {
    case 'outdated':
      return `${setOff(student.name)} agreed to an earlier text. Please ask again.`;
    case 'withdrawn':
      return `${setOff(student.name)} has withdrawn consent. Please ask again.`;
    default:
      return `Does ${setOff(student.name)} agree to this?`;
  }
}

/**
 * The students to show in the list of those who were not asked yet, as far as this account may ask them.
 * @param {Student[]} students
 * @param {(student: Student) => boolean} [matches]
 */
export function toAsk(students, matches) {
  return students.filter(
    (student) => student.uses_faces && mustAsk(student) && mayAssist(student) && (!matches || matches(student)),
  );
}
