// The one way from the pages to the server. Answers are {status, data, etag}; everything else is thrown as a Problem.

import { Problem, problemFrom, serverAway } from '../logic/problems.js';

const TIMEOUT_MS = 15000;

export function apiAddress(doc) {
  const named = doc.querySelector('meta[name="secure-attend-api"]')?.content;
  return (named || '/api/v1').replace(/\/+$/, '');
}

/**
 * `base` is the address of the interface; `fetcher` is given by tests. `credentials.secret()` is the token or key that
 * goes with every request, `credentials.refused()` is told when it counts no more.
 */
export function createApi(base, fetcher = (...args) => globalThis.fetch(...args), credentials = {}) {
  const address = (path, query = {}) => {
    const wanted = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
    const text = new URLSearchParams(wanted).toString();
    return `${base}${path}${text ? `?${text}` : ''}`;
  };

  async function call(method, path, options = {}) {
    const own = credentials.secret?.() ?? null;
    try {
      return await exchange(method, path, options, options.secret ?? own);
    } catch (problem) {
      if (problem.code === 'not_logged_in' && own && !options.secret) credentials.refused?.();
      throw problem;
    }
  }

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
    remove: (path) => call('DELETE', path),
  };
}

function headersFor({ json, type, etag }, secret) {
  const headers = { Accept: 'application/json, application/problem+json, */*;q=0.5' };
  if (json !== undefined) headers['Content-Type'] = 'application/json';
  else if (type) headers['Content-Type'] = type;
  if (secret) headers.Authorization = `Bearer ${secret}`;
  if (etag) headers['If-None-Match'] = etag;
  return headers;
}

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

async function answer({ response, bytes }, as) {
  const etag = response.headers.get('ETag');
  if (response.status === 304) return { status: 304, data: null, etag };
  if (!response.ok) throw problemFrom(response.status, await jsonOf(bytes), response.headers.get('Retry-After'));
  if (as === 'blob') return { status: response.status, data: bytes, etag, headers: response.headers };
  return { status: response.status, data: await jsonOf(bytes), etag };
}

async function jsonOf(blob) {
  try {
    return JSON.parse(await blob.text());
  } catch {
    return null;
  }
}
