import assert from 'node:assert/strict';
import test from 'node:test';

import '../support/english.js';
import { apiAddress, createApi } from '../../../static/js/lib/api.js';
import { createSecret } from '../../../static/js/lib/secrets.js';

const answering = (response, seen = []) =>
  createApi('/api/v1', async (url, init) => {
    seen.push({ url, init });
    if (response instanceof Error) throw response;
    return response.clone();
  });
const json = (status, body, headers = {}) =>
  new Response(status === 304 ? null : JSON.stringify(body), { status, headers });

test('the address comes from the page', () => {
  const page = (content) => ({ querySelector: () => (content === undefined ? null : { content }) });
  assert.equal(apiAddress(page('https://site.example/api/v1/')), 'https://site.example/api/v1');
  assert.equal(apiAddress(page(undefined)), '/api/v1');
});

test('queries leave out what is empty and escape the rest', async () => {
  const seen = [];
  await answering(json(200, {}), seen).get('/students', { query: { search: 'a&b', after: null, removed: '' } });
  assert.equal(seen[0].url, '/api/v1/students?search=a%26b');
  assert.equal(seen[0].init.credentials, 'omit');
});

test('frames travel as they are, JSON as JSON', async () => {
  const seen = [];
  const api = answering(json(200, {}), seen);
  await api.post('/frames', { body: 'bytes', type: 'image/jpeg' });
  await api.post('/check-ins', { json: { challenge: 'c' } });
  assert.deepEqual(
    seen.map(({ init }) => [init.headers['Content-Type'], init.body]),
    [
      ['image/jpeg', 'bytes'],
      ['application/json', '{"challenge":"c"}'],
    ],
  );
});

test('what has to arrive though the page closes is kept alive', async () => {
  const seen = [];
  const api = answering(json(200, {}), seen);
  await api.remove('/challenges/c', { keepalive: true });
  await api.remove('/trial');
  assert.deepEqual(
    seen.map(({ init }) => [init.method, init.keepalive]),
    [
      ['DELETE', true],
      ['DELETE', false],
    ],
  );
});

test('an unchanged list is told by 304, asked with the ETag of last time', async () => {
  const seen = [];
  const answer = await answering(json(304, null, { ETag: '"7"' }), seen).get('/students', { etag: '"7"' });
  assert.deepEqual([answer.status, answer.data, answer.etag], [304, null, '"7"']);
  assert.equal(seen[0].init.headers['If-None-Match'], '"7"');
});

test('refusals are thrown as problems, with the wait the server asks for', async () => {
  const refused = json(429, { code: 'too_many', detail: 'Wait.' }, { 'Retry-After': '10' });
  await assert.rejects(answering(refused).post('/challenges', { json: {} }), {
    code: 'too_many',
    retryAfter: 10,
    status: 429,
  });
  await assert.rejects(answering(new Response('<html>', { status: 502 })).get('/health'), { code: 'http_502' });
});

test('no answer, a broken one and one that takes too long mean that the server is away', async () => {
  await assert.rejects(answering(new TypeError('fetch failed')).get('/health'), { code: 'server_away' });
  const hanging = createApi(
    '',
    (url, { signal }) =>
      new Promise((done, fail) => {
        signal.addEventListener('abort', () => fail(signal.reason));
      }),
  );
  await assert.rejects(hanging.get('/health', { timeout: 5 }), { code: 'server_away' });
  const stop = new AbortController();
  const stopped = hanging.get('/health', { signal: stop.signal });
  stop.abort();
  await assert.rejects(stopped, { code: 'stopped' });
});

test('the token goes with every request, and one that counts no more is said', async () => {
  const seen = [];
  let told = 0;
  const refusal = { code: 'not_logged_in', detail: 'Log in.' };
  const fetcher = async (url, init) => {
    seen.push(init.headers.Authorization);
    return json(url.endsWith('/me') ? 401 : 200, refusal);
  };
  const api = createApi('', fetcher, {
    secret: () => 'token',
    refused: () => {
      told += 1;
    },
  });
  await api.get('/students');
  await assert.rejects(api.get('/me'), { code: 'not_logged_in', status: 401 });
  assert.equal(told, 1);
  // Asking with another secret, a kiosk's that is being paired, says nothing about one's own.
  await assert.rejects(api.get('/me', { secret: 'other' }), { code: 'not_logged_in' });
  assert.deepEqual([seen, told], [['Bearer token', 'Bearer token', 'Bearer other'], 1]);
});

test('without a token none is sent, and a wrong password is no lost log-in', async () => {
  const seen = [];
  const refused = () => {
    throw new Error('told of a log-in that was none');
  };
  const api = createApi(
    '',
    async (url, init) => {
      seen.push(init.headers.Authorization);
      return json(401, { code: 'wrong_login', detail: 'No.' });
    },
    { secret: () => null, refused },
  );
  await assert.rejects(api.post('/login', { json: {} }), { code: 'wrong_login' });
  assert.deepEqual(seen, [undefined]);
});

test('a secret is kept where the page says, and in the page alone where the browser refuses', () => {
  const kept = new Map();
  const storage = {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
    removeItem: (name) => kept.delete(name),
  };
  const secret = createSecret(() => storage, 'key');
  secret.set('x');
  assert.deepEqual([secret.get(), createSecret(() => storage, 'key').get()], ['x', 'x']);
  secret.set(null);
  assert.deepEqual([secret.get(), kept.size], [null, 0]);
  const refusing = createSecret(() => {
    throw new Error('blocked');
  }, 'key');
  refusing.set('y');
  assert.equal(refusing.get(), 'y');
});
