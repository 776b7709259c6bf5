// Fetches the list of students, page by page, and notices cheaply when nothing changed.

import { asProblem } from '../../logic/problems.js';

const PAGE = 500;

/**
 * @param {Api} api
 * @param {{ removed?: '1' }} [query]
 * @returns {Promise<StudentListing>}
 */
export async function everyStudent(api, query = {}) {
  try {
    return await listed(api, query);
  } catch (error) {
    throwUnlessListChanged(error);
    return everyStudent(api, query);
  }
}

/**
 * The same, or null while nothing has changed since these pages were fetched.
 * @param {Api} api
 * @param {FetchedPage[]} pages
 */
export async function everyStudentIfChanged(api, pages) {
  try {
    if (await unchanged(api, pages)) return null;
  } catch (error) {
    throwUnlessListChanged(error);
  }
  return everyStudent(api);
}

/**
 * The student after whom a page begins was erased: the list has to be fetched from the beginning again.
 * @param {unknown} error
 */
function throwUnlessListChanged(error) {
  const problem = asProblem(error);
  if (problem.code !== 'list_changed') throw problem;
}

/**
 * @param {Api} api
 * @param {{ removed?: '1' }} query
 * @returns {Promise<StudentListing>}
 */
async function listed(api, query) {
  /** @type {StudentListing} */
  const listing = { students: [], date: '', etags: [] };
  /** @type {string | null} */
  let after = null;
  do {
    /** @type {Answer} */
    const { data, etag } = await api.get('/students', { query: { ...query, limit: PAGE, after } });
    listing.students.push(...data.students);
    listing.date = data.date;
    listing.etags.push({ after, etag });
    after = data.next;
  } while (after);
  return listing;
}

/**
 * @param {Api} api
 * @param {FetchedPage[]} pages
 */
async function unchanged(api, pages) {
  for (const { after, etag } of pages) {
    if (!etag) return false;
    const answer = await api.get('/students', { query: { limit: PAGE, after }, etag });
    if (answer.status !== 304) return false;
  }
  return pages.length > 0;
}

/**
 * All students of the page's list. Whoever opens a link to a dialog may be there before the list is.
 * @param {Pick<FacultyPage, 'state' | 'refresh'>} page
 */
export async function listedStudents(page) {
  if (!page.state.loaded) await page.refresh();
  return page.state.students;
}
