// A student's own attendance on any device. The pass lives in this page alone, and ends with it.

import { apiAddress, createApi } from '../lib/api.js';
import { loadMessages } from '../lib/catalogue.js';
import { announce, byId, saveFile, setHidden, setText, whileBusy } from '../lib/dom.js';
import { t } from '../lib/messages.js';
import { createOwnCourses } from '../own/own_courses.js';
import { nameAndId } from '../logic/names.js';
import { asProblem, sentences } from '../logic/problems.js';

await loadMessages();

/** @type {string | null} */
let token = null;
const api = createApi(apiAddress(document), undefined, { secret: () => token, refused: () => leave() });
const courses = createOwnCourses(byId('own-courses'), {
  api,
  texts: true,
  active: () => {},
  ended: leave,
  said: (sentence) => announce(byId('live'), sentence),
});

/** Reload the page, so that nothing about anybody stays in it. */
function leave() {
  token = null;
  globalThis.location.reload();
}

/**
 * @param {'proof-problem' | 'me-problem'} where
 * @param {unknown} error
 */
function problem(where, error) {
  setText(byId(where), error === null ? '' : sentences(asProblem(error)).join(' '));
  setHidden(byId(where), error === null);
}

async function prove() {
  problem('proof-problem', null);
  try {
    const json = { student_id: byId('own-id').value.trim(), code: byId('own-code').value.trim() };
    const { data } = await api.post('/own/pass', { json });
    const own = (await api.get('/own', { secret: data.token })).data;
    token = data.token;
    await courses.show(data.token);
    byId('proof-form').reset();
    setText(byId('own-name'), nameAndId(own.student));
    setHidden(byId('me-proof'), true);
    setHidden(byId('me-shown'), false);
    setHidden(byId('leave'), false);
    byId('own-name').focus();
  } catch (error) {
    problem('proof-problem', error);
    byId('proof-problem').focus();
  }
}

async function download() {
  problem('me-problem', null);
  try {
    const { data } = await api.get('/own/export', { as: 'blob' });
    saveFile(data, t('me.file'));
  } catch (error) {
    problem('me-problem', error);
  }
}

byId('proof-form').addEventListener('submit', (event) => {
  event.preventDefault();
  whileBusy(byId('proof-send'), prove);
});
byId('own-download').addEventListener('click', () => whileBusy(byId('own-download'), download));
byId('leave').addEventListener('click', async () => {
  try {
    await api.remove('/own/pass');
  } finally {
    leave();
  }
});

try {
  const { data } = await api.get('/health');
  setText(byId('site'), data.site_name);
} catch {
  // The name of the product stays; the form says more once it is sent.
}
