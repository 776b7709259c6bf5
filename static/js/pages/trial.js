// The field trial: wires its pure core to the camera, the server and the page. Only admins get in.

import { apiAddress, createApi } from '../lib/api.js';
import { loadMessages } from '../lib/catalogue.js';
import { createCamera } from '../lib/camera.js';
import { rememberCamera, fillChooser } from '../lib/camera_devices.js';
import { playChallenge } from '../lib/challenge.js';
import { announce, byId, onClicks, saveFile } from '../lib/dom.js';
import { keptSettings } from '../kiosk/settings.js';
import { createTrialView } from '../kiosk/trial_view.js';
import { fileNameOf } from '../logic/download.js';
import { asProblem } from '../logic/problems.js';
import * as trial from '../logic/kiosk/trial.js';
import { createSecret } from '../lib/secrets.js';
import { allowTones, doneTone, setTones } from '../lib/sounds.js';

await loadMessages();

const token = createSecret(() => globalThis.sessionStorage, 'secure-attend-token');
const api = createApi(apiAddress(document), undefined, {
  secret: token.get,
  refused: () => dispatch({ type: 'locked' }),
});
const camera = createCamera(byId('video'), { onEnded: () => stop() });
const view = createTrialView();

let state = trial.initial;
/** @type {AbortController | null} */
let run = null; // the AbortController of the try under way

/** @param {TrialEvent} event */
function dispatch(event) {
  state = trial.next(state, event);
  if (!trial.playing(state)) {
    run?.abort();
    run = null;
    camera.stop();
  }
  view.render(state, Date.now());
}

async function load() {
  try {
    if (!token.get()) return dispatch({ type: 'locked' });
    const { data } = await api.get('/trial');
    return dispatch({ type: 'loaded', trial: data });
  } catch (error) {
    return fail(error);
  }
}

/**
 * Not logged in, or no admin: the page says where to go. Anything else is a sentence beside the form.
 * @param {unknown} error
 */
function fail(error) {
  const problem = asProblem(error);
  if (problem.code === 'stopped') return;
  if (['not_logged_in', 'not_allowed'].includes(problem.code)) dispatch({ type: 'locked' });
  else dispatch({ type: 'failed', problem: problem.detail });
}

/** @param {Event} event */
async function start(event) {
  event.preventDefault();
  if (state.screen !== 'trial' || state.stopped) return;
  allowTones();
  const declared = view.declared();
  dispatch({ type: 'start', declared });
  const mine = new AbortController();
  run = mine;
  try {
    await camera.open();
    fillChooser(byId('camera-field'), byId('camera'), camera.deviceId).catch(() => {});
    await play(declared, mine.signal);
  } catch (error) {
    if (!mine.signal.aborted) fail(error);
  }
}

/**
 * Plays the try to its end, and counts it however it ended; what kept it from being played counts for nothing.
 * @param {Declared} declared
 * @param {AbortSignal} signal
 */
async function play(declared, signal) {
  try {
    await playChallenge({
      api,
      camera,
      signal,
      path: '/trial/tries',
      request: declared,
      onProgress: (challenge) => dispatch({ type: 'asked', challenge }),
    });
    doneTone();
  } catch (error) {
    const { code } = asProblem(error);
    const judged = state.challenge?.failure || code === 'challenge_expired' || code === 'out_of_order';
    if (signal.aborted || !judged) throw error;
  }
  await count();
}

async function count() {
  if (!state.challenge) return;
  const { id } = state.challenge;
  dispatch({ type: 'counting' });
  try {
    const { data } = await api.post(`/trial/tries/${encodeURIComponent(id)}/end`);
    dispatch({ type: 'counted', answer: data });
  } catch (error) {
    fail(error);
  }
}

function stop() {
  dispatch({ type: 'stop' });
}

/** @param {string} path */
async function download(path) {
  try {
    const { data, headers } = await api.get(path, { as: 'blob' });
    saveFile(data, fileNameOf(headers.get('Content-Disposition')) ?? 'field-trial');
  } catch (error) {
    fail(error);
  }
}

async function forget() {
  byId('forget-dialog').close();
  try {
    await api.remove('/trial');
    await load();
    byId('trial-title').focus(); // the button that was pressed is gone
    announce(byId('live'), 'All counts are forgotten.');
  } catch (error) {
    fail(error);
  }
}

onClicks({
  stop,
  'count-it': count,
  'discard-it': () => dispatch({ type: 'discarded' }),
  'take-csv': () => download('/trial/table.csv'),
  'take-markdown': () => download('/trial/table.md'),
  forget: () => byId('forget-dialog').showModal(),
  'forget-no': () => byId('forget-dialog').close(),
  'forget-yes': forget,
});
byId('try-form').addEventListener('submit', start);
byId('camera').addEventListener('change', () => {
  const chosen = byId('camera').value;
  rememberCamera(chosen);
  camera.open(chosen).catch(fail);
});
document.addEventListener('keydown', ({ key }) => {
  if (key === 'Escape' && trial.playing(state)) stop();
});

setTones(keptSettings().tones);
setInterval(() => view.render(state, Date.now()), 250);
load();
