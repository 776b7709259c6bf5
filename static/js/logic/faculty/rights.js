// What somebody may do, as the server says: the operations of the account, and its role in the courses of a student.

import { t } from '../../lib/messages.js';

/**
 * Whether the account may call an operation, "GET /kiosks" for example, for some student or course at least.
 * @param {Pick<Me, 'may'> | null} me
 * @param {string | undefined} operation
 */
export function may(me, operation) {
  return Boolean(operation && me?.may.includes(operation));
}

/**
 * Whether to register the student's face, check them in by hand and give them a code.
 * @param {Pick<Student, 'role'>} student
 */
export function mayAssist({ role }) {
  return role === 'lecturer' || role === 'assistant';
}

/**
 * Whether to withdraw the student's consent. Everybody who may register a face may erase it.
 * @param {Pick<Student, 'role'>} student
 */
export function mayDecide({ role }) {
  return role === 'lecturer';
}

/** @param {Pick<Student, 'consent'>} student */
export function hasAgreed({ consent }) {
  return consent.state === 'given' || consent.state === 'outdated';
}

/**
 * The acts that the reader may do on a student, by their name on the page: what concerns faces only where they are used.
 * @param {Student} student
 * @returns {Record<string, boolean>}
 */
export function actsOn(student) {
  const assists = mayAssist(student);
  const decides = mayDecide(student);
  const enrols = assists && student.uses_faces;
  return {
    register: enrols,
    photo: enrols,
    hand: assists,
    code: assists,
    'remove-face': assists && (student.registered || student.needs_again),
    consent: hasAgreed(student) ? decides : enrols,
  };
}

/**
 * What is said of a student's face and consent: where no faces are used, only of what is kept all the same.
 * @param {Student} student
 */
export function shownOf(student) {
  const { uses_faces: uses, registered, needs_again: again } = student;
  return { face: uses || registered || again, consent: uses || hasAgreed(student) };
}

/** @param {readonly Role[]} roles */
export function rolesInWords(roles) {
  return roles.map((role) => t(`role.${role}`)).join(', ');
}
