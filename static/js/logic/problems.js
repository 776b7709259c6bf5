// What went wrong, as one kind of value: an RFC 9457 problem from the server, or one of the page's own.

/** @typedef {{ field: string, message: string, line?: number }} Fault one fault of one input */

export class Problem extends Error {
  /**
   * @param {{
   *   code: string,
   *   detail: string,
   *   status?: number,
   *   errors?: Fault[],
   *   facts?: Record<string, any>,
   *   params?: Params,
   *   retryAfter?: number | null,
   *   hint?: string | null,
   *   other_way?: boolean,
   * }} told `hint` is the code of what would have helped, where the server knows; `other_way` says to offer another way
   *   first
   */
  constructor({
    code,
    detail,
    status = 0,
    errors = [],
    facts = {},
    params = {},
    retryAfter = null,
    hint = null,
    other_way = false,
  }) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.detail = detail;
    this.status = status;
    this.errors = errors;
    this.facts = facts;
    this.params = params;
    this.retryAfter = retryAfter;
    this.hint = hint;
    this.other_way = other_way;
  }
}

const MEMBERS = new Set(['type', 'title', 'status', 'detail', 'code', 'errors', 'instance', 'params']);

/**
 * @param {number} status
 * @param {any} body
 * @param {string | null} [retryAfter]
 */
export function problemFrom(status, body, retryAfter = null) {
  const said = body !== null && typeof body === 'object' ? body : {};
  return new Problem({
    code: typeof said.code === 'string' ? said.code : `http_${status}`,
    detail: typeof said.detail === 'string' ? said.detail : unexpected(status),
    status,
    errors: Array.isArray(said.errors) ? said.errors : [],
    params: said.params !== null && typeof said.params === 'object' ? said.params : {},
    facts: Object.fromEntries(Object.entries(said).filter(([name]) => !MEMBERS.has(name))),
    retryAfter: secondsOf(retryAfter ?? said.retry_after),
    hint: typeof said.hint === 'string' ? said.hint : null,
    other_way: said.other_way === true,
  });
}

export function serverAway() {
  return new Problem({
    code: 'server_away',
    detail:
      'We could not reach the Secure-Attend server. Check this device\u2019s network. If it is fine, tell the person who runs the server.',
  });
}

/**
 * What was thrown, as a Problem: a fault of our own is never shown as a stack trace.
 * @param {unknown} error
 */
export function asProblem(error) {
  if (error instanceof Problem) return error;
  return new Problem({
    code: 'page_fault',
    detail: 'Something on this page did not work as it should. Please reload the page and try again.',
    facts: { cause: String(error) },
  });
}

/**
 * The words of a problem, with the fields' own sentences where the server named some.
 * @param {Problem} problem
 */
export function sentences(problem) {
  const own = problem.errors.map((fault) => (fault.line ? `Line ${fault.line}: ${fault.message}` : fault.message));
  // For input the detail only repeats the fields' sentences, with names that are for programs.
  if (problem.code === 'invalid_input' && own.length > 0) return own;
  return [problem.detail, ...own.filter((sentence) => sentence !== problem.detail)];
}

/** @param {number} status */
function unexpected(status) {
  if (status === 413) return 'That is larger than the server takes. Please use a smaller file.';
  if (status >= 500) {
    return 'The server could not finish this. Please try again; if it happens again, tell the person who runs the server.';
  }
  return 'The server answered in a way this page does not know. Please reload the page.';
}

/** @param {any} value */
function secondsOf(value) {
  const seconds = Number.parseFloat(value);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}
