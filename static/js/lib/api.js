// The one way from the pages to the server. Answers are {status, data, etag}; everything else is thrown as a Problem.

import { asProblem, Problem, problemFrom, serverAway } from '../logic/problems.js';

const TIMEOUT_MS = 15000;

/** @param {Document} page */
export function apiAddress(page) {
  const named = /** @type {HTMLMetaElement | null} */ (page.querySelector('meta[name="secure-attend-api"]'))?.content;
  return (named || '/api/v1').replace(/\/+$/, '');
}

/**
 * `base` is the address of the interface; `fetcher` is given by tests. `credentials.secret()` is the token or key that
 * goes with every request, `credentials.refused()` is told when it is no longer valid.
 * @param {string} base
 * @param {typeof fetch} [fetcher]
 * @param {Credentials} [credentials]
 * @returns {Api}
 */
export function createApi(base, fetcher = (...args) => globalThis.fetch(...args), credentials = {}) {
  /** @type {Api['address']} */
  const address = (path, query = {}) => {
    const wanted = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
    const text = new URLSearchParams(wanted.map(([name, value]) => [name, String(value)])).toString();
    return `${base}${path}${text ? `?${text}` : ''}`;
  };

  /**
   * @param {string} method
   * @param {string} path
   * @param {RequestOptions} [options]
   */
  async function call(method, path, options = {}) {
    const own = credentials.secret?.() ?? null;
    try {
      return await exchange(method, path, options, options.secret ?? own);
    } catch (error) {
      if (asProblem(error).code === 'not_logged_in' && own && !options.secret) credentials.refused?.();
      throw error;
    }
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {RequestOptions} options
   * @param {string | null} secret
   */
  async function exchange(method, path, options, secret) {
    const response = await send(
      fetcher,
      address(path, options.query),
      {
        method,
        headers: headersFor(options, secret),
        body: options.json === undefined ? options.body : JSON.stringify(options.json),
        cache: 'no-store',
        credentials: 'omit',
        keepalive: options.keepalive ?? false,
      },
      options,
    );
    return answer(response, options.as ?? 'json');
  }

  return {
    base,
    address,
    get: (path, options) => call('GET', path, options),
    post: (path, options) => call('POST', path, options),
    patch: (path, json) => call('PATCH', path, { json }),
    put: (path, json) => call('PUT', path, { json }),
    remove: (path, options) => call('DELETE', path, options),
  };
}

/**
 * @param {RequestOptions} options
 * @param {string | null} secret
 */
function headersFor({ json, type, etag }, secret) {
  /** @type {Record<string, string>} */
  const headers = { Accept: 'application/json, application/problem+json, */*;q=0.5' };
  if (json !== undefined) headers['Content-Type'] = 'application/json';
  else if (type) headers['Content-Type'] = type;
  if (secret) headers.Authorization = `Bearer ${secret}`;
  if (etag) headers['If-None-Match'] = etag;
  return headers;
}

/**
 * @param {typeof fetch} fetcher
 * @param {string} url
 * @param {RequestInit} init
 * @param {RequestOptions} options
 */
async function send(fetcher, url, init, { timeout = TIMEOUT_MS, signal }) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeout);
  const stop = () => abort.abort();
  signal?.addEventListener('abort', stop);
  try {
    const response = await fetcher(url, { ...init, signal: abort.signal });
    // The body may break off too; reading it here keeps that inside the same time limit.
    return { response, bytes: await response.blob() };
  } catch {
    if (signal?.aborted) throw new Problem({ code: 'stopped', detail: '' });
    throw serverAway();
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/**
 * @param {{ response: Response, bytes: Blob }} received
 * @param {'json' | 'blob'} as
 * @returns {Promise<Answer>}
 */
async function answer({ response, bytes }, as) {
  const { headers } = response;
  const etag = headers.get('ETag');
  if (response.status === 304) return { status: 304, data: null, etag, headers };
  if (!response.ok) throw problemFrom(response.status, await jsonOf(bytes), headers.get('Retry-After'));
  if (as === 'blob') return { status: response.status, data: bytes, etag, headers };
  return { status: response.status, data: await jsonOf(bytes), etag, headers };
}

/** @param {Blob} blob */
async function jsonOf(blob) {
  try {
    return JSON.parse(await blob.text());
  } catch {
    return null;
  }
}
