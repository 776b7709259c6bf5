// The site's consent text, and recording who agreed to it.

import { asProblem } from '../../logic/problems.js';

const MOST_AT_ONCE = 1000;
/** @type {ConsentText | null} it changes with a restart of the server only */
let known = null;

/**
 * @param {Api} api
 * @returns {Promise<ConsentText>}
 */
export async function consentText(api) {
  const text = known ?? (await api.get('/consents/text')).data;
  known = text;
  return text;
}

/**
 * Records that these students agreed to the text that was shown; resolves to them as they are now.
 * @param {Api} api
 * @param {string[]} keys
 * @param {AskedWay} way
 */
export async function recordConsents(api, keys, way) {
  const { version } = await consentText(api);
  /** @type {Student[]} */
  const students = [];
  try {
    for (let from = 0; from < keys.length; from += MOST_AT_ONCE) {
      const json = { keys: keys.slice(from, from + MOST_AT_ONCE), way, version };
      students.push(...(await api.post('/consents', { json })).data.students);
    }
  } catch (error) {
    const problem = asProblem(error);
    if (problem.code === 'other_consent_text') known = null;
    throw problem;
  }
  return students;
}
