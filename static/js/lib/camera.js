// The webcam: opened on demand, shown mirrored by the stylesheet, sent unmirrored, off when not needed.

import { Problem } from '../logic/problems.js';
import { cameraTrouble, cameraTroubleWords } from '../logic/camera_troubles.js';
import { t } from './messages.js';
import { cutOut, JPEG_QUALITIES, FRAME_BYTES } from '../logic/picture.js';

const REMEMBERED = 'secure-attend-camera';

/**
 * Wraps one <video>. `onEnded` is called when the camera goes away by itself.
 * @param {HTMLVideoElement} video
 * @param {{ onEnded?: () => void }} [options]
 * @returns {Camera}
 */
export function createCamera(video, { onEnded = () => {} } = {}) {
  const canvas = document.createElement('canvas');
  /** @type {MediaStream | null} */
  let stream = null;
  let turn = 0; // of opening and stopping: a camera that comes when nobody waits for it any more goes off again

  async function open(deviceId = remembered()) {
    stop();
    const mine = turn;
    const opened = await ask(deviceId);
    if (mine !== turn) {
      opened.getTracks().forEach((track) => track.stop());
      throw new Problem({ code: 'stopped', detail: '' });
    }
    stream = opened;
    const [track] = opened.getVideoTracks();
    track.addEventListener('ended', () => {
      if (stream !== opened) return;
      stop();
      onEnded();
    });
    video.srcObject = opened;
    await video.play().catch(() => {});
    await firstPicture(video, () => mine === turn);
    const stage = /** @type {HTMLElement | null} */ (video.closest('.stage'));
    if (stage) stage.dataset.upright = String(video.videoHeight > video.videoWidth);
  }

  function stop() {
    turn += 1;
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
  }

  /** The part of the picture that the preview shows, as JPEG bytes within the server's limits. */
  function grab() {
    const cut = cutOut(video.videoWidth, video.videoHeight);
    if (!stream || !cut) throw cameraProblem('camera_ended');
    canvas.width = cut.width;
    canvas.height = cut.height;
    /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).drawImage(
      video,
      cut.x,
      cut.y,
      cut.fromWidth,
      cut.fromHeight,
      0,
      0,
      cut.width,
      cut.height,
    );
    for (const quality of JPEG_QUALITIES) {
      const blob = jpegOf(canvas, quality);
      if (blob.size <= FRAME_BYTES) return blob;
    }
    throw cameraProblem('camera_ended');
  }

  return {
    open,
    stop,
    grab,
    video,
    get isOpen() {
      return stream !== null;
    },
    get deviceId() {
      return stream?.getVideoTracks()[0]?.getSettings().deviceId ?? '';
    },
  };
}

/**
 * What is on the canvas, at once. `toBlob` would wait for a moment in which the page has nothing to draw, and where there is
 * none (a slow tablet, a window just turned) Chromium waits a second for each picture: no movement can be followed so.
 * @param {HTMLCanvasElement} picture
 * @param {number} quality
 */
function jpegOf(picture, quality) {
  const [, text] = picture.toDataURL('image/jpeg', quality).split(',');
  return new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], { type: 'image/jpeg' });
}

/**
 * @param {string} deviceId
 * @returns {Promise<MediaStream>}
 */
async function ask(deviceId) {
  if (!globalThis.isSecureContext) throw cameraProblem('insecure');
  if (!navigator.mediaDevices?.getUserMedia) throw cameraProblem('camera_missing');
  const wish = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
  try {
    const chosen = deviceId ? { ...wish, deviceId: { exact: deviceId } } : { ...wish, facingMode: 'user' };
    return await navigator.mediaDevices.getUserMedia({ audio: false, video: chosen });
  } catch (error) {
    // The camera remembered from last time may be gone; any other is better than none.
    const { name } = /** @type {DOMException} */ (error);
    if (deviceId && name === 'OverconstrainedError') return ask('');
    throw cameraProblem(cameraTrouble(name));
  }
}

/**
 * The Problem for one of the camera's troubles.
 * @param {string} code
 */
export function cameraProblem(code) {
  return new Problem({ code, detail: cameraTroubleWords(code).detail });
}

/**
 * @param {HTMLVideoElement} video
 * @param {() => boolean} wanted
 */
async function firstPicture(video, wanted) {
  const deadline = performance.now() + 6000;
  while (!(video.readyState >= 2 && video.videoWidth > 0)) {
    if (!wanted()) throw new Problem({ code: 'stopped', detail: '' });
    if (performance.now() > deadline) throw cameraProblem('camera_in_use');
    await new Promise((done) => {
      setTimeout(done, 30);
    });
  }
}

/** [{id, label}] of the cameras; labels are there once one was allowed. */
export async function listCameras() {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return devices
    .filter((device) => device.kind === 'videoinput')
    .map((device, place) => ({
      id: device.deviceId,
      label: device.label || t('camera.numbered', { number: place + 1 }),
    }));
}

/** @param {string} deviceId */
export function rememberCamera(deviceId) {
  try {
    localStorage.setItem(REMEMBERED, deviceId);
  } catch {
    // Without storage the browser's own choice of camera is used each time.
  }
}

function remembered() {
  try {
    return localStorage.getItem(REMEMBERED) ?? '';
  } catch {
    return '';
  }
}

/**
 * Fills a <select> with the cameras; its field is hidden where there is no choice.
 * @param {HTMLElement} field
 * @param {HTMLSelectElement} select
 * @param {string} current
 */
export async function fillChooser(field, select, current) {
  const cameras = await listCameras();
  field.hidden = cameras.length < 2;
  select.replaceChildren(...cameras.map(({ id, label }) => new Option(label, id, false, id === current)));
}
