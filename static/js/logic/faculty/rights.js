// What somebody may do, as the server says: the operations of the account, and its role in the courses of a student.

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
 * Whether to remove the student's face, and withdraw the consent.
 * @param {Pick<Student, 'role'>} student
 */
export function mayDecide({ role }) {
  return role === 'lecturer';
}
