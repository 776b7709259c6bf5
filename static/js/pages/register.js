// A student registers at a kiosk: wires the pure core to the camera, the server and the page.

import { apiAddress, createApi } from '../lib/api.js';
import { createCamera } from '../lib/camera.js';
import { fillChooser, onCamerasChanged, rememberCamera } from '../lib/camera_devices.js';
import { playChallenge } from '../lib/challenge.js';
import { loadMessages } from '../lib/catalogue.js';
import { byId, onClicks, setAttribute, setHidden, setText } from '../lib/dom.js';
import { createKeypad } from '../lib/keypad.js';
import { t } from '../lib/messages.js';
import { createSelfRegisterView } from '../kiosk/self_register_view.js';
import { keptSettings } from '../kiosk/settings.js';
import { CAMERA_TROUBLES } from '../logic/camera_troubles.js';
import { stepMet } from '../logic/frames.js';
import { asProblem } from '../logic/problems.js';
import * as core from '../logic/kiosk/self_register.js';
import { createSecret } from '../lib/secrets.js';
import { allowTones, doneTone, setTones, stepTone } from '../lib/sounds.js';
import { keepAwake } from '../lib/wake_lock.js';

await loadMessages();

const key = createSecret(() => globalThis.localStorage, 'secure-attend-kiosk');
const api = createApi(apiAddress(document), undefined, { secret: key.get, refused: () => leave() });
const camera = createCamera(byId('video'), { onEnded: refuse });
const view = createSelfRegisterView();
let state = core.initial;
/** @type {AbortController | null} */
let run = null; // the AbortController of the capture under way
let extended = ''; // the last session that more time was asked for

/** @param {Untimed<SelfRegistrationEvent>} event */
function dispatch(event) {
  state = core.next(state, /** @type {SelfRegistrationEvent} */ ({ now: Date.now(), ...event }));
  if (!core.cameraNeeded(state)) camera.stop();
  view.render(state, Date.now());
  if (state.screen === 'over') leave();
}

/**
 * Back to checking in, or to another way to do so.
 * @param {string} [way]
 */
function leave(way = '') {
  run?.abort();
  globalThis.location.replace(`student.html${way}`);
}

async function arrive() {
  try {
    const [health, text] = await Promise.all([api.get('/health'), api.get('/consents/text')]);
    if (!health.data.self_registration) leave();
    else dispatch({ type: 'ready', health: health.data, text: text.data });
  } catch (error) {
    refuse(error);
  }
}

async function capture() {
  run?.abort();
  const mine = new AbortController();
  run = mine;
  try {
    if (!camera.isOpen) await camera.open();
    if (mine.signal.aborted) return;
    const { studentId, text, withoutTurning } = state;
    const request = { student_id: studentId, version: text?.version, without_turning: withoutTurning };
    const passed = await playChallenge({
      api,
      camera,
      path: '/self-registrations',
      request,
      onProgress,
      signal: mine.signal,
    });
    dispatch({ type: 'captured' });
    const { data } = await api.post('/self-registrations/requests', { json: { challenge: passed.id } });
    doneTone();
    dispatch({ type: 'finished', number: data.number });
  } catch (error) {
    if (!mine.signal.aborted) refuse(error);
  }
}

/** @param {Challenge} challenge */
function onProgress(challenge) {
  if (stepMet(state.challenge, challenge)) stepTone();
  dispatch({ type: 'asked', challenge });
  moreTime();
}

/** Three times as long for each picture, once somebody has asked for it and there is a session to give it to. */
async function moreTime() {
  const { challenge, moreTime: wanted } = state;
  if (!wanted || !challenge || challenge.more_time || challenge.id === extended) return;
  extended = challenge.id;
  try {
    await api.post(`/challenges/${encodeURIComponent(challenge.id)}/more-time`, {});
  } catch (error) {
    // the session may have ended meanwhile, and says so itself
    if (asProblem(error).status !== 410) refuse(error);
  }
}

/** @param {unknown} error */
function refuse(error) {
  const problem = asProblem(error);
  if (problem.code === 'stopped') return;
  run?.abort();
  dispatch({ type: 'refused', problem });
  if (CAMERA_TROUBLES.has(problem.code)) offerCameras();
}

/** Where the camera failed, another one can be chosen. */
function offerCameras() {
  fillChooser(byId('trouble-camera-field'), byId('trouble-camera'), '').catch(() => {});
}

function again() {
  setHidden(byId('trouble-camera-field'), true);
  dispatch({ type: 'again' });
  if (state.screen === 'opening') capture();
}

createKeypad(byId('pad'), [byId('student-id')]);
byId('id-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const studentId = byId('student-id').value.trim();
  setText(byId('id-problem'), studentId ? '' : t('id_entry.no_id'));
  setHidden(byId('id-problem'), studentId !== '');
  setAttribute(byId('student-id'), 'aria-invalid', studentId ? null : 'true');
  if (!studentId) byId('student-id').focus();
  dispatch({ type: 'typed', studentId });
});
onClicks({
  agree() {
    allowTones();
    dispatch({ type: 'agreed' });
    if (state.screen === 'opening') capture();
  },
  again,
  'open-ways': () => dispatch({ type: 'ways' }),
  'close-ways': () => dispatch({ type: 'ways_closed' }),
  'way-code': () => leave('#code'),
  'way-still'() {
    dispatch({ type: 'without_turning' });
    if (state.screen === 'opening') capture();
  },
  'way-time'() {
    dispatch({ type: 'more_time' });
    moreTime();
  },
});
byId('ways').addEventListener('close', () => state.ways !== null && dispatch({ type: 'ways_closed' }));
byId('trouble-camera').addEventListener('change', () => {
  rememberCamera(byId('trouble-camera').value);
  again();
});
onCamerasChanged(() => {
  if (CAMERA_TROUBLES.has(state.trouble?.code ?? '')) offerCameras();
});
for (const button of document.querySelectorAll('[data-leave]')) {
  button.addEventListener('click', () => dispatch({ type: 'over' }));
}
for (const touch of ['pointerdown', 'keydown', 'click', 'scroll']) {
  document.addEventListener(touch, () => dispatch({ type: 'touched' }), { capture: true, passive: true });
}
document.addEventListener('keydown', ({ key: pressed }) => {
  if (pressed === 'Escape' && state.ways === null) dispatch({ type: 'over' });
});

setInterval(() => dispatch({ type: 'tick' }), 1000);
setTones(keptSettings().tones);
keepAwake();
if (key.get()) arrive();
else leave();
