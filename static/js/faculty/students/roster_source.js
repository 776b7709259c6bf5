// Fetches the list of students, page by page, and notices cheaply when nothing changed.

import { asProblem } from '../../logic/problems.js';

const PAGE = 500;

/**
 * {students, date, etags}; with the `etags` of last time it resolves to null while nothing has changed.
 * @returns {Promise<any>}
 */
export async function everyStudent(api, query = {}, etags = []) {
  try {
    return await listed(api, query, etags);
  } catch (error) {
    const problem = asProblem(error);
    if (problem.code !== 'list_changed') throw problem;
    return everyStudent(api, query); // the student after whom a page begins was erased: from the beginning again
  }
}

async function listed(api, query, etags) {
  if (etags.length > 0 && (await unchanged(api, query, etags))) return null;
  const students = [];
  const fresh = [];
  let after = null;
  let data;
  do {
    const answer = await api.get('/students', { query: { ...query, limit: PAGE, after } });
    ({ data } = answer);
    students.push(...data.students);
    fresh.push({ after, etag: answer.etag });
    after = data.next;
  } while (after);
  return { students, date: data.date, etags: fresh };
}

async function unchanged(api, query, etags) {
  for (const { after, etag } of etags) {
    if (!etag) return false;
    const answer = await api.get('/students', { query: { ...query, limit: PAGE, after }, etag });
    if (answer.status !== 304) return false;
  }
  return true;
}
