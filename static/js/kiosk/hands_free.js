// Watches the camera's picture in the browser and says when somebody stands there. Nothing of it leaves this page.

import { greyOf, look, settle, SIGHT_HEIGHT, SIGHT_WIDTH, unseen } from '../logic/kiosk/sight.js';
import { nobody, watch } from '../logic/kiosk/hands_free.js';
import { asProblem } from '../logic/problems.js';

const LOOK_EVERY_MS = 200;
/** After a camera that did not open, */
const RETRY_MS = 5000;
/** and where somebody refused it: they are not asked at once again. */
const REFUSED_RETRY_MS = 30000;
/** With a browser's own face detector: a face is near from this share of the picture's height on. */
const NEAR_FACE = 0.22;

/**
 * `camera` is opened whenever `wanted()` says that somebody may come; `busy()` says that the page is in use already.
 * `onSomebody` is told whether somebody is coming, and what is wrong with the camera; `begin` is called when they have
 * stayed, `fail` with what keeps the camera from opening.
 * @param {{
 *   camera: Camera,
 *   wanted: () => boolean,
 *   busy: () => boolean,
 *   onSomebody: (somebody: boolean, fault: CameraFault) => void,
 *   begin: () => void,
 *   fail: (problem: ProblemLike) => void,
 * }} kiosk
 */
export function createHandsFree({ camera, wanted, busy, onSomebody, begin, fail }) {
  const canvas = document.createElement('canvas');
  canvas.width = SIGHT_WIDTH;
  canvas.height = SIGHT_HEIGHT;
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  let detector = globalThis.FaceDetector ? new globalThis.FaceDetector({ fastMode: true, maxDetectedFaces: 2 }) : null;
  let sight = unseen;
  let state = nobody;
  let wake = () => {}; // ends the pause between two looks

  async function glance() {
    if (!wanted()) {
      sight = unseen;
      state = nobody;
    } else if (busy()) {
      state = watch(state, { busy: true, now: performance.now() });
    } else {
      await see();
    }
    onSomebody(state.phase === 'coming', camera.isOpen ? camera.fault : 'closed');
  }

  async function see() {
    if (!camera.isOpen) {
      onSomebody(false, 'closed');
      await camera.open();
      return;
    }
    pen.drawImage(camera.video, 0, 0, SIGHT_WIDTH, SIGHT_HEIGHT);
    sight = look(sight, greyOf(pen.getImageData(0, 0, SIGHT_WIDTH, SIGHT_HEIGHT).data));
    const near = (await faceIsNear()) ?? sight.near;
    // While the detector looked, somebody may have pressed a button.
    if (!wanted() || busy()) return;
    state = watch(state, { near, alive: sight.alive, restless: sight.restless, busy: false, now: performance.now() });
    if (state.settle) sight = settle(sight);
    if (state.begin) begin();
  }

  /** What the browser's own detector says, null where it has none that works. */
  async function faceIsNear() {
    if (!detector) return null;
    try {
      const faces = await detector.detect(camera.video);
      return faces.some(({ boundingBox }) => boundingBox.height >= NEAR_FACE * camera.video.videoHeight);
    } catch {
      detector = null;
      return null;
    }
  }

  async function run() {
    for (;;) {
      let pause = LOOK_EVERY_MS;
      try {
        await glance();
      } catch (error) {
        const problem = asProblem(error);
        if (problem.code !== 'stopped') {
          pause = problem.code === 'camera_refused' ? REFUSED_RETRY_MS : RETRY_MS;
          fail(problem);
        }
      }
      await new Promise((done) => {
        wake = () => done(null);
        setTimeout(wake, pause);
      });
    }
  }

  run();
  return { lookNow: () => wake() };
}
