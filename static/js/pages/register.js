// A student registers at a kiosk: wires the pure core to the camera, the server and the page.

import { apiAddress, createApi } from '../lib/api.js';
import { cameraProblem, createCamera } from '../lib/camera.js';
import { playChallenge } from '../lib/challenge.js';
import { loadMessages } from '../lib/catalogue.js';
import { byId, setAttribute, setHidden, setText } from '../lib/dom.js';
import { createKeypad } from '../lib/keypad.js';
import { t } from '../lib/messages.js';
import { createSelfRegisterView } from '../kiosk/self_register_view.js';
import { keptSettings } from '../kiosk/settings.js';
import { stepMet } from '../logic/frames.js';
import { asProblem } from '../logic/problems.js';
import * as core from '../logic/kiosk/self_register.js';
import { createSecret } from '../lib/secrets.js';
import { allowTones, doneTone, setTones, stepTone } from '../lib/sounds.js';
import { keepAwake } from '../lib/wake_lock.js';

await loadMessages();

const key = createSecret(() => globalThis.localStorage, 'secure-attend-kiosk');
const api = createApi(apiAddress(document), undefined, { secret: key.get, refused: leave });
const camera = createCamera(byId('video'), { onEnded: () => refuse(cameraProblem('camera_ended')) });
const view = createSelfRegisterView();
let state = core.initial;
/** @type {AbortController | null} */
let run = null; // the AbortController of the capture under way

/** @param {Untimed<SelfRegistrationEvent>} event */
function dispatch(event) {
  state = core.next(state, /** @type {SelfRegistrationEvent} */ ({ now: Date.now(), ...event }));
  if (!core.cameraNeeded(state)) camera.stop();
  view.render(state, Date.now());
  if (state.screen === 'over') leave();
}

/** Back to checking in. */
function leave() {
  run?.abort();
  globalThis.location.replace('student.html');
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
  const mine = new AbortController();
  run = mine;
  try {
    await camera.open();
    const request = { student_id: state.studentId, version: state.text?.version };
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
}

/** @param {unknown} error */
function refuse(error) {
  const problem = asProblem(error);
  if (problem.code === 'stopped') return;
  run?.abort();
  dispatch({ type: 'refused', problem });
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
byId('agree').addEventListener('click', () => {
  allowTones();
  dispatch({ type: 'agreed' });
  if (state.screen === 'opening') capture();
});
byId('again').addEventListener('click', () => {
  dispatch({ type: 'again' });
  if (state.screen === 'opening') capture();
});
for (const button of document.querySelectorAll('[data-leave]')) {
  button.addEventListener('click', () => dispatch({ type: 'over' }));
}
for (const touch of ['pointerdown', 'keydown', 'scroll']) {
  document.addEventListener(touch, () => dispatch({ type: 'touched' }), { capture: true, passive: true });
}
document.addEventListener('keydown', ({ key: pressed }) => {
  if (pressed === 'Escape') dispatch({ type: 'over' });
});

setInterval(() => dispatch({ type: 'tick' }), 1000);
setTones(keptSettings().tones);
keepAwake();
if (key.get()) arrive();
else leave();
