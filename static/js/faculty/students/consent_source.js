// The site's consent text, and recording who agreed to it.

import { asProblem } from '../../logic/problems.js';

const MOST_AT_ONCE = 1000;
let known = null; // {version, words}: it changes with a restart of the server only

/** {version, words}. */
export async function consentText(api) {
  known ??= (await api.get('/consents/text')).data;
  return known;
}

/** Records that these students agreed to the text that was shown; resolves to them as they are now. */
export async function recordConsents(api, keys, way) {
  const { version } = await consentText(api);
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
