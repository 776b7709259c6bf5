// The kiosk: wires the pure core to the camera, the server and the page.

import { apiAddress, createApi } from './api.js';
import { createCamera, rememberCamera } from './camera.js';
import { byId, setHidden, setText } from './dom.js';
import { createHistory } from './kiosk/history.js';
import { notMe } from './kiosk/not_me.js';
import { createPairing } from './kiosk/pairing.js';
import { createSession } from './kiosk/session.js';
import { createKioskView } from './kiosk/view.js';
import { watchServer } from './kiosk/watch.js';
import * as kiosk from './logic/kiosk.js';
import { Problem, asProblem } from './logic/problems.js';
import { CAMERA_TROUBLES } from './logic/words.js';
import { clockFace } from './logic/time.js';
import { createSecret } from './secrets.js';
import { allowTones } from './tone.js';

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
  onEnded: () => session.fail(new Problem({ code: 'camera_ended', detail: CAMERA_TROUBLES.camera_ended.detail })),
});
const session = createSession({ api, camera, dispatch });
const view = createKioskView();
const history = createHistory({ api, onClosed: () => dispatch({ type: 'history_closed' }), contact });

let state = kiosk.initial;
let aheadMs = 0; // how far the server's clock is ahead of this device's

function dispatch(event) {
  const before = state;
  state = kiosk.next(state, { now: Date.now(), ...event });
  if (state.health !== before.health) aheadMs = Date.parse(state.health.now) - Date.now() || 0;
  if (!kiosk.sessionNeeded(state)) session.stop();
  if (!kiosk.cameraNeeded(state)) camera.stop();
  view.render(state, Date.now());
  if (state.screen === 'pairing') pairing.run();
  if (state.screen === 'opening' && (before.screen !== 'opening' || before.restarts !== state.restarts)) {
    session.begin({ purpose: 'check_in' });
  }
}

function contact() {
  return state.health?.contact ?? 'your lecturer';
}

function tick() {
  dispatch({ type: 'tick' });
  history.tick();
  const { time, day } = clockFace(Date.now() + aheadMs, state.health?.time_zone);
  setText(byId('clock'), time);
  setText(byId('day'), day);
}

function start() {
  allowTones();
  dispatch({ type: 'start', secure: globalThis.isSecureContext });
}

const clicks = {
  'check-in': start,
  again: start,
  back: () => dispatch({ type: 'stop' }),
  stop: () => dispatch({ type: 'stop' }),
  'not-me': () => notMe({ api, dispatch, arrival: state.arrival, contact: contact() }),
  'recent-not-me': () => notMe({ api, dispatch, arrival: state.arrival, contact: contact() }),
  'my-attendance'() {
    dispatch({ type: 'history' });
    if (state.screen === 'history') history.open(state.health?.history_access !== 'open');
  },
  async 'pairing-here'() {
    try {
      await pairing.here();
    } catch (error) {
      setText(byId('pairing-problem'), asProblem(error).detail);
      setHidden(byId('pairing-problem'), false);
    }
  },
};
for (const [id, act] of Object.entries(clicks)) byId(id).addEventListener('click', act);

byId('claim-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const studentId = byId('claimed-id').value.trim();
  if (state.trouble?.claim && studentId) session.claim(state.trouble.claim, { student_id: studentId });
});
byId('camera').addEventListener('change', ({ target }) => {
  rememberCamera(target.value);
  camera.open(target.value).catch(session.fail);
});
document.addEventListener('keydown', ({ key: pressed }) => {
  if (pressed === 'Escape' && kiosk.cameraNeeded(state)) dispatch({ type: 'stop' });
});

if (!key.get()) dispatch({ type: 'unpaired' });
setInterval(tick, 250);
watchServer({ api, key, dispatch });
