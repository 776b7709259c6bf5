// The student whom a typed ID names. Requests then name the student by a key: IDs stand in no address, which a proxy's log
// would keep.

import { t } from '../lib/messages.js';
import { Problem } from '../logic/problems.js';
import { everyStudent } from './students/roster_source.js';

/**
 * The key of the student with this key or ID, also of one who was removed. Throws a Problem if there is none.
 * @param {Pick<FacultyPage, 'api' | 'state'>} page
 * @param {string} named
 */
export async function keyOfStudent(page, named) {
  const found = among(page.state.students, named) ?? among(await removed(page.api), named);
  if (!found) throw new Problem({ code: 'unknown_student', detail: t('named.nobody', { id: named }) });
  return found.key;
}

/**
 * @param {Student[]} students
 * @param {string} named
 */
function among(students, named) {
  const id = named.normalize('NFC'); // as the server keeps IDs
  return students.find(({ key }) => key === named) ?? students.find(({ student_id: one }) => one === id);
}

/** @param {Api} api */
async function removed(api) {
  return (await everyStudent(api, { removed: '1' })).students;
}
