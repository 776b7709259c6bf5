// The kiosk: wires the pure core to the camera, the server and the page.

import { apiAddress, createApi } from '../lib/api.js';
import { createCamera } from '../lib/camera.js';
import { cameraIds, fillChooser, onCamerasChanged, rememberCamera, rememberedCamera } from '../lib/camera_devices.js';
import { loadMessages } from '../lib/catalogue.js';
import { createKeypad } from '../lib/keypad.js';
import { byId, onClicks, setHidden, setText } from '../lib/dom.js';
import { createHandsFree } from '../kiosk/hands_free.js';
import { notMe } from '../kiosk/not_me.js';
import { createPairing } from '../kiosk/pairing.js';
import { createLivenessSession } from '../kiosk/liveness_session.js';
import { createSettings } from '../kiosk/settings.js';
import { createKioskView, missing } from '../kiosk/view.js';
import { pollHealth } from '../kiosk/health_poll.js';
import { createIdEntry } from '../kiosk/id_entry.js';
import * as kiosk from '../logic/kiosk/kiosk.js';
import { contactOf, troubleWords } from '../logic/kiosk/words.js';
import { asProblem } from '../logic/problems.js';
import { clockFace } from '../logic/time.js';
import { createSecret } from '../lib/secrets.js';
import { allowTones, setTones } from '../lib/sounds.js';
import { setVoice } from '../lib/speech.js';
import { keepAwake } from '../lib/wake_lock.js';

await loadMessages();

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
  onEnded: (problem) => (kiosk.asking(state) ? session.fail(problem) : dispatch({ type: 'blind', problem })),
});
const session = createLivenessSession({ api, camera, dispatch, wantsTime: () => state.moreTime });
const view = createKioskView();
const idEntry = createIdEntry({ api, dispatch, contact });

/** Where the page for registering a face sends somebody who would rather use none. */
const WITHOUT_FACE = '#code';
let state = kiosk.initial;
let aheadMs = 0; // how far the server's clock is ahead of this device's

/** @param {Untimed<KioskEvent>} event */
function dispatch(event) {
  const before = state;
  state = kiosk.next(state, /** @type {KioskEvent} */ ({ now: Date.now(), ...event }));
  if (state.health && state.health !== before.health) aheadMs = Date.parse(state.health.now) - Date.now() || 0;
  if (!kiosk.sessionNeeded(state)) session.stop();
  if (!kiosk.cameraNeeded(state)) camera.stop();
  view.render(state, Date.now());
  if (state.screen === 'pairing') pairing.run();
  if (before.looking !== null && state.looking === null) idEntry.lookFailed(state.lookProblem);
  if (state.begun !== before.begun) begin();
  if (kiosk.cameraFailed(state) && state.trouble !== before.trouble) offerCameras();
  if (state.screen === 'ready') withoutFace();
}

/** Opens ID and code for somebody whom the page for registering a face has sent. */
function withoutFace() {
  if (globalThis.location.hash !== WITHOUT_FACE) return;
  globalThis.history.replaceState(null, '', globalThis.location.pathname);
  askWho('check_in', 'code');
}

/** With the one in use: another one than was chosen, where that one does not work. */
function listCamerasInUse() {
  fillChooser(byId('camera-field'), byId('camera'), camera.deviceId).catch(() => {});
}

/** Where the camera failed, another one can be chosen. */
function offerCameras() {
  fillChooser(byId('trouble-camera-field'), byId('trouble-camera'), '').catch(() => {});
}

function begin() {
  if (state.looking === null) session.begin({ purpose: 'check_in', without_turning: state.withoutTurning });
  else session.begin({ purpose: 'history', student_id: state.looking }, idEntry.look);
}

/**
 * @param {IdEntry['purpose']} purpose
 * @param {IdEntry['proof']} proof
 */
function askWho(purpose, proof) {
  dispatch({ type: 'who' });
  if (state.screen === 'who') idEntry.open(purpose, proof);
}

/** From wherever somebody is: without a face, by ID and personal code. */
function useCode() {
  dispatch({ type: 'ways_closed' });
  const looking = state.looking !== null; // for one's own attendance: the form they came from has the code, too
  if (state.screen === 'who') idEntry.close();
  else if (state.screen !== 'ready') dispatch({ type: 'stop' });
  if (!looking) askWho('check_in', 'code');
}

/** More time where somebody is: for what is asked now, or in a check-in that begins with it. */
function moreTime() {
  dispatch({ type: 'ways_closed' });
  const claim = state.trouble?.claim;
  if (!claim && !kiosk.asking(state)) {
    start({ withoutTurning: state.withoutTurning, moreTime: true });
    return;
  }
  dispatch({ type: 'more_time' });
  if (claim) session.extend(claim);
  else session.moreTime();
}

/** What shows that an ID is one's own: the camera where registered faces work, and the personal code always. */
function proofHere() {
  if (state.health?.history_access === 'open') return 'none';
  return globalThis.isSecureContext && kiosk.canCompare(state) ? 'any' : 'code';
}

function contact() {
  return contactOf(state.health);
}

function tick() {
  dispatch({ type: 'tick' });
  idEntry.tick();
  settingsDialog.tick(Date.now());
  const { time, day } = clockFace(Date.now() + aheadMs, state.health?.time_zone);
  setText(byId('clock'), time);
  setText(byId('day'), day);
}

/** @param {{ withoutTurning?: boolean, moreTime?: boolean }} [wishes] */
function start(wishes = {}) {
  allowTones();
  dispatch({ type: 'start', secure: globalThis.isSecureContext, ...wishes });
}

/** Once more for the same person, as they asked for it. */
function again() {
  start({ withoutTurning: state.withoutTurning, moreTime: state.moreTime });
}

createKeypad(byId('claim-pad'), [byId('claimed-id'), byId('claimed-code')]);
const settingsDialog = createSettings((settings) => {
  setTones(settings.tones);
  setVoice(settings.aloud);
  dispatch({ type: 'settings', settings });
});
const handsFree = createHandsFree({
  camera,
  wanted: () => kiosk.watching(state),
  busy: () => settingsDialog.isOpen || kiosk.inUse(state, Date.now()),
  onSomebody(somebody, cameraFault) {
    if (somebody === state.somebody && cameraFault === state.cameraFault) return;
    dispatch({ type: 'presence', somebody, cameraFault });
  },
  begin: () => start(),
  fail: (problem) => dispatch({ type: 'blind', problem }),
});

onClicks({
  'check-in': () => start(),
  'other-way': () => useCode(),
  'way-code': () => useCode(),
  'way-still'() {
    dispatch({ type: 'ways_closed' });
    start({ withoutTurning: true, moreTime: state.moreTime });
  },
  'way-time': () => moreTime(),
  'open-ways': () => dispatch({ type: 'ways' }),
  'ways-longer': () => dispatch({ type: 'touched' }),
  'close-ways': () => dispatch({ type: 'ways_closed' }),
  again: () => again(),
  back: () => dispatch({ type: 'stop' }),
  stop: () => dispatch({ type: 'stop' }),
  'not-me': () => notMe({ api, dispatch, arrival: state.arrival, contact: contact() }),
  'recent-not-me': () => notMe({ api, dispatch, arrival: state.arrival, contact: contact() }),
  'check-in-code': () => askWho('check_in', 'code'),
  'use-code': () => askWho('check_in', 'code'),
  'claim-longer': () => (state.moreTime ? dispatch({ type: 'touched' }) : moreTime()),
  'my-attendance': () => askWho('history', proofHere()),
  async 'pairing-here'() {
    try {
      await pairing.here();
    } catch (error) {
      setText(byId('pairing-problem'), troubleWords(asProblem(error), contact()).detail);
      setHidden(byId('pairing-problem'), false);
    }
  },
});

byId('claim-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const { claim, wantsCode } = state.trouble ?? {};
  const [studentId, code] = [byId('claimed-id'), byId('claimed-code')].map((field) => field.value.trim());
  if (!claim) return;
  const noCode = Boolean(wantsCode) && !code;
  missing('claimed-id', !studentId);
  missing('claimed-code', noCode);
  if (!studentId) byId('claimed-id').focus();
  else if (noCode) byId('claimed-code').focus();
  else session.claim(claim, { student_id: studentId, ...(wantsCode ? { code } : {}) });
});
for (const id of /** @type {const} */ (['claimed-id', 'claimed-code'])) {
  byId(id).addEventListener('input', () => {
    missing(id, false);
    dispatch({ type: 'touched' });
  });
}
byId('camera').addEventListener('change', () => {
  const chosen = byId('camera').value;
  rememberCamera(chosen);
  camera.open(chosen).then(listCamerasInUse, session.fail);
});
byId('ways').addEventListener('close', () => state.ways !== null && dispatch({ type: 'ways_closed' }));
byId('trouble-camera').addEventListener('change', () => {
  rememberCamera(byId('trouble-camera').value);
  again();
});
onCamerasChanged(async () => {
  dispatch({ type: 'cameras_changed' });
  handsFree.lookNow();
  const chosen = rememberedCamera();
  if (kiosk.asking(state)) listCamerasInUse();
  else if (chosen && chosen !== camera.deviceId && (await cameraIds()).includes(chosen)) backToChosen();
});

/** The chosen camera is there again: hands free, it is opened at the next look. */
function backToChosen() {
  if (!kiosk.asking(state)) camera.stop();
}
document.addEventListener('keydown', ({ key: pressed }) => {
  if (pressed === 'Escape' && state.ways === null && kiosk.asking(state)) dispatch({ type: 'stop' });
});

globalThis.addEventListener('pagehide', () => kiosk.asking(state) && dispatch({ type: 'stop' }));

if (!key.get()) dispatch({ type: 'unpaired' });
setInterval(tick, 250);
keepAwake();
pollHealth({ api, key, dispatch });
