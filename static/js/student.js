// The kiosk: wires the pure cores to the camera, the server and the page.

import { apiAddress, createApi } from './api.js';
import { createCamera, fillChooser, rememberCamera } from './camera.js';
import { playChallenge } from './challenge.js';
import { byId, setHidden, setText } from './dom.js';
import { createHistoryView } from './kiosk/history_view.js';
import { createPairing } from './kiosk/pairing.js';
import { createKioskView } from './kiosk/view.js';
import { backoffSeconds, stepMet } from './logic/frames.js';
import * as history from './logic/history.js';
import * as kiosk from './logic/kiosk.js';
import { notMeWords } from './logic/kiosk_words.js';
import { Problem, asProblem } from './logic/problems.js';
import { CAMERA_TROUBLES } from './logic/words.js';
import { clockFace } from './logic/time.js';
import { createSecret } from './secrets.js';
import { allowTones, doneTone, stepTone } from './tone.js';

const HEALTH_EVERY_S = 10;
const REDEEM_TRIES = 5;

const key = createSecret(() => globalThis.localStorage, 'secure-attend-kiosk');
const api = createApi(apiAddress(document), undefined, {
  secret: key.get,
  refused() {
    key.set(null);
    dispatch({ type: 'unpaired' });
  },
});
const pairing = createPairing({ api, key, dispatch });
const camera = createCamera(byId('video'), {
  onEnded: () => fail(new Problem({ code: 'camera_ended', detail: CAMERA_TROUBLES.camera_ended.detail })),
});
const view = createKioskView();
const historyView = createHistoryView(dispatchHistory);

let state = kiosk.initial;
let past = history.closed;
let run = null; // the AbortController of the check-in under way
let aheadMs = 0; // how far the server's clock is ahead of this device's

function dispatch(event) {
  const before = state;
  state = kiosk.next(state, { now: Date.now(), ...event });
  if (run && !kiosk.cameraNeeded(state) && state.screen !== 'identifying') {
    run.abort();
    run = null;
  }
  if (!kiosk.cameraNeeded(state)) camera.stop();
  view.render(state, Date.now());
  if (state.screen === 'pairing') pairing.run();
  if (state.screen === 'opening' && (before.screen !== 'opening' || before.restarts !== state.restarts)) checkIn();
}

function dispatchHistory(event) {
  const before = past;
  past = history.next(past, { now: Date.now(), ...event });
  historyView.render(past, Date.now());
  if (before.open && !past.open) dispatch({ type: 'history_closed' });
}

function fail(error, claim = null) {
  const problem = asProblem(error);
  if (problem.code !== 'stopped') dispatch({ type: 'refused', problem, claim });
}

async function checkIn() {
  run?.abort();
  const mine = new AbortController();
  run = mine;
  let passed = null;
  try {
    await camera.open();
    if (mine.signal.aborted) return;
    fillChooser(byId('camera-field'), byId('camera'), camera.deviceId).catch(() => {});
    passed = await playChallenge({ api, camera, request: { purpose: 'check_in' }, onProgress, signal: mine.signal });
    dispatch({ type: 'passed' });
    const answer = await redeem(passed.id);
    doneTone();
    dispatch({ type: 'checked_in', answer });
  } catch (error) {
    if (!mine.signal.aborted) fail(error, passed?.id);
  } finally {
    if (run === mine) run = null;
    if (!kiosk.cameraNeeded(state)) camera.stop();
  }
}

function onProgress(challenge) {
  if (stepMet(state.challenge, challenge)) stepTone();
  dispatch({ type: 'asked', challenge });
}

/** A lost answer costs nobody a check-in: the same challenge may be redeemed again and gets the same record. */
async function redeem(id, studentId = undefined) {
  for (let tries = 0; ; tries += 1) {
    try {
      return (await api.post('/check-ins', { json: { challenge: id, student_id: studentId } })).data;
    } catch (error) {
      const problem = asProblem(error);
      const passing = problem.code === 'server_away' || (problem.status === 503 && problem.retryAfter !== null);
      if (!passing || tries >= REDEEM_TRIES) throw problem;
      await sleep(1000 * (problem.retryAfter ?? backoffSeconds(tries)));
    }
  }
}

/** Somebody who looks like somebody else says who they are; the server compares with that student alone. */
async function claim(event) {
  event.preventDefault();
  const session = state.trouble?.claim;
  const studentId = byId('claimed-id').value.trim();
  if (!session || !studentId) return;
  dispatch({ type: 'claimed' });
  try {
    const answer = await redeem(session, studentId);
    doneTone();
    dispatch({ type: 'checked_in', answer });
  } catch (error) {
    fail(error);
  }
}

async function notMe() {
  const { arrival } = state;
  if (!arrival || arrival.cancelling) return;
  dispatch({ type: 'not_me' });
  const outcome = arrival.already ? 'already' : await cancel(arrival.record);
  const text = notMeWords(outcome, arrival.name, state.health?.contact ?? 'your lecturer');
  dispatch({ type: 'not_me_done', said: { text, now: Date.now() } });
}

async function cancel(record) {
  try {
    await api.post(`/check-ins/${encodeURIComponent(record)}/cancel`, { json: { reason: 'not_me' } });
    return 'cancelled';
  } catch (error) {
    const { code } = asProblem(error);
    return code === 'already_cancelled' ? 'cancelled' : code;
  }
}

async function showHistory(event) {
  event.preventDefault();
  dispatchHistory({ type: 'ask' });
  if (!past.busy) return;
  const id = past.id.trim();
  try {
    const code = past.wantsCode ? { code: past.code.trim() } : {};
    const { data } = await api.post('/history', { json: { student_id: id, ...code } });
    dispatchHistory({ type: 'shown', answer: data });
  } catch (error) {
    const words = history.failureWords(asProblem(error), id, state.health?.contact ?? 'your lecturer');
    dispatchHistory({ type: 'failed', words });
  }
}

/** Asks for the server's health for ever: calmly while all is well, with growing pauses while it is away. */
async function watchServer() {
  for (let tries = 0; ;) {
    try {
      const { data } = await api.get('/health', { timeout: 6000 });
      aheadMs = Date.parse(data.now) - Date.now() || 0;
      dispatch({ type: 'health', health: data });
      tries = 0;
      if (key.get()) await stillPaired();
      await sleep(HEALTH_EVERY_S * 1000);
    } catch {
      dispatch({ type: 'unreachable' });
      await sleep(1000 * backoffSeconds(tries));
      tries += 1;
    }
  }
}

/** A key that was revoked is noticed here, not by the next student. */
async function stillPaired() {
  try {
    await api.get('/me', { timeout: 6000 });
  } catch (error) {
    if (asProblem(error).code !== 'not_logged_in') throw error;
  }
}

function tick() {
  dispatch({ type: 'tick' });
  if (past.open) dispatchHistory({ type: 'tick' });
  const { time, day } = clockFace(Date.now() + aheadMs, state.health?.time_zone);
  setText(byId('clock'), time);
  setText(byId('day'), day);
}

function start() {
  allowTones();
  dispatch({ type: 'start', secure: globalThis.isSecureContext });
}

function sleep(ms) {
  return new Promise((done) => { setTimeout(done, ms); });
}

byId('pairing-here').addEventListener('click', async () => {
  try {
    await pairing.here();
  } catch (error) {
    setText(byId('pairing-problem'), asProblem(error).detail);
    setHidden(byId('pairing-problem'), false);
  }
});
byId('check-in').addEventListener('click', start);
byId('again').addEventListener('click', start);
byId('claim-form').addEventListener('submit', claim);
byId('back').addEventListener('click', () => dispatch({ type: 'stop' }));
byId('stop').addEventListener('click', () => dispatch({ type: 'stop' }));
byId('not-me').addEventListener('click', notMe);
byId('recent-not-me').addEventListener('click', notMe);
byId('my-attendance').addEventListener('click', () => {
  dispatch({ type: 'history' });
  if (state.screen === 'history') dispatchHistory({ type: 'open', wantsCode: state.health?.history_access !== 'open' });
});
byId('history-form').addEventListener('submit', showHistory);
byId('camera').addEventListener('change', ({ target }) => {
  rememberCamera(target.value);
  camera.open(target.value).catch(fail);
});
document.addEventListener('keydown', ({ key }) => {
  if (key === 'Escape' && kiosk.cameraNeeded(state)) dispatch({ type: 'stop' });
});

if (!key.get()) dispatch({ type: 'unpaired' });
setInterval(tick, 250);
watchServer();
