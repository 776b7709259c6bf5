// What the forms share.

import { Problem } from '../logic/problems.js';

/**
 * A Problem that names every empty field, or null; `words` say for each what to type.
 * @param {Fields} fields
 * @param {Record<string, string>} words
 */
export function missingFields(fields, words) {
  const errors = Object.entries(fields)
    .filter(([, input]) => input.value.trim() === '')
    .map(([field]) => ({ field, message: words[field] }));
  return errors.length > 0 ? new Problem({ code: 'invalid_input', detail: '', errors }) : null;
}
