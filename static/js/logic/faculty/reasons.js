// Why a student has a status in a class, in one sentence.

import { t } from '../../lib/messages.js';

/**
 * The sentence for the reason that the server gives with a cell of a register.
 * @param {{code: string, params: Record<string, string>}} why
 * @returns {string}
 */
export function reasonInWords({ code, params }) {
  return t(`why.${code}`, params);
}
