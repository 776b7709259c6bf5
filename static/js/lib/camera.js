// The webcam: opened on demand, shown mirrored by the stylesheet, sent unmirrored, off when not needed.

import { anotherMayWork, nextCamera, unwatched, UNRELIABLE_MS, watchPictures } from '../logic/camera_watch.js';
import { asProblem, Problem } from '../logic/problems.js';
import { cameraTrouble, cameraTroubleWords } from '../logic/camera_troubles.js';
import { t } from './messages.js';
import { allBlack, cutOut, JPEG_QUALITIES, FRAME_BYTES } from '../logic/picture.js';

const REMEMBERED = 'secure-attend-camera';

/** A camera that shows nothing by then is busy: another one is tried. */
const FIRST_PICTURE_MS = 5000;
/** A driver that takes no notice at all. Only asked where no question to the person can be open. */
const ANSWER_MS = 8000;
/** Black for so long: its lid is shut, or another program has it. */
const DARK_MS = 1500;
const LOOK_EVERY_MS = 500;

/**
 * Wraps one <video>. A camera that fails is not the last word: the others are tried, and one that stops giving pictures is
 * opened again. `onEnded` is called when no camera is left.
 * @param {HTMLVideoElement} video
 * @param {{ onEnded?: () => void }} [options]
 * @returns {Camera}
 */
export function createCamera(video, { onEnded = () => {} } = {}) {
  const canvas = document.createElement('canvas');
  const pictures = countPictures(video);
  /** @type {MediaStream | null} */
  let stream = null;
  let showing = false; // a picture of it has come
  let turn = 0; // of opening and stopping: a camera that comes when nobody waits for it any more goes off again
  /** @type {Promise<void> | null} */
  let recovering = null;
  let watched = unwatched;
  let recoveredAt = -Infinity;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let looking;

  /**
   * Opens the camera that is asked for, or else the first other one that works.
   * @param {string} [deviceId]
   */
  async function open(deviceId = remembered()) {
    stop();
    await openAny(deviceId);
  }

  /**
   * @param {string} asked
   * @param {string} [avoid]
   */
  async function openAny(asked, avoid = '') {
    turn += 1;
    const mine = turn;
    /** @type {string[]} */
    const tried = [];
    /** @type {unknown} */
    let trouble = null;
    /** @type {string | null} */
    let dark = null;
    for (;;) {
      const listed = await cameraIds();
      const id = nextCamera({ asked, tried, listed, avoid });
      if (id === null) break;
      tried.push(id);
      try {
        await show(id, mine, listed.length > 1);
        return;
      } catch (error) {
        const { code } = asProblem(error);
        if (!anotherMayWork(code)) throw error;
        if (code === 'camera_dark') dark ??= id;
        else trouble ??= error;
      }
    }
    if (dark === null) throw trouble;
    await show(dark, mine, false); // a dark room is better than no camera: the page says that it is dark
  }

  /**
   * @param {string} deviceId
   * @param {number} mine
   * @param {boolean} lit whether a black picture will not do
   */
  async function show(deviceId, mine, lit) {
    const opened = await ask(deviceId);
    if (mine !== turn) {
      end(opened);
      throw stopped();
    }
    stream = opened;
    showing = false;
    video.srcObject = opened;
    video.play().catch(() => {}); // not waited for: without a picture it never answers
    try {
      await firstPicture(video, opened, () => mine === turn);
      if (lit) await litPicture(video, () => mine === turn);
    } catch (error) {
      if (stream === opened) release();
      throw error;
    }
    showing = true;
    keepWatch(opened);
    const stage = /** @type {HTMLElement | null} */ (video.closest('.stage'));
    if (stage) stage.dataset.upright = String(video.videoHeight > video.videoWidth);
  }

  /** @param {MediaStream} opened */
  function keepWatch(opened) {
    const [track] = opened.getVideoTracks();
    track.addEventListener('ended', () => {
      if (stream === opened) recover();
    });
    watched = unwatched;
    clearInterval(looking);
    looking = setInterval(() => {
      const { hidden } = document;
      if (video.paused && !hidden) video.play().catch(() => {});
      watched = watchPictures(watched, {
        pictures: pictures(),
        muted: track.muted,
        hidden,
        now: performance.now(),
      });
      if (watched.stalled) recover();
    }, LOOK_EVERY_MS);
  }

  /** Opens it again, or another one where it has just failed. */
  function recover() {
    recovering ??= openAgain().finally(() => {
      recovering = null;
    });
  }

  async function openAgain() {
    const track = stream?.getVideoTracks()[0];
    const id = track?.getSettings().deviceId ?? '';
    const again = performance.now() - recoveredAt < UNRELIABLE_MS;
    recoveredAt = performance.now();
    clearInterval(looking);
    if (stream) end(stream); // the last picture stays until the next one comes
    try {
      await openAny(id, again ? id : '');
    } catch (error) {
      if (asProblem(error).code === 'stopped') return;
      stop();
      onEnded();
    }
  }

  function stop() {
    turn += 1;
    release();
  }

  function release() {
    clearInterval(looking);
    if (stream) end(stream);
    stream = null;
    showing = false;
    video.srcObject = null;
  }

  /** The part of the picture that the preview shows, as JPEG bytes within the server's limits. */
  async function grab() {
    await recovering;
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
      return stream !== null && (showing || recovering !== null);
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
    return await answered(navigator.mediaDevices.getUserMedia({ audio: false, video: chosen }));
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw cameraProblem(cameraTrouble(/** @type {DOMException} */ (error).name));
  }
}

/**
 * The stream, or a Problem where the camera never answers and the person was not asked anything.
 * @param {Promise<MediaStream>} asking
 */
async function answered(asking) {
  let late = false;
  asking.then((opened) => late && end(opened)).catch(() => {});
  const permission = await navigator.permissions
    ?.query({ name: /** @type {PermissionName} */ ('camera') })
    .catch(() => null);
  if (permission?.state !== 'granted') return asking;
  /** @type {Promise<never>} */
  const tooLate = new Promise((_, refuse) => {
    setTimeout(() => {
      late = true;
      refuse(cameraProblem('camera_in_use'));
    }, ANSWER_MS);
  });
  return Promise.race([asking, tooLate]);
}

/** @param {MediaStream} stream */
function end(stream) {
  stream.getTracks().forEach((track) => track.stop());
}

function stopped() {
  return new Problem({ code: 'stopped', detail: '' });
}

/**
 * A function that says how many pictures the element has been given, 0 where the browser does not count them.
 * @param {HTMLVideoElement} video
 */
function countPictures(video) {
  let shown = 0;
  function count() {
    shown += 1;
    video.requestVideoFrameCallback(count);
  }
  if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(count);
  return () => shown + (video.getVideoPlaybackQuality?.().totalVideoFrames ?? 0);
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
 * @param {MediaStream} opened
 * @param {() => boolean} wanted
 */
async function firstPicture(video, opened, wanted) {
  const deadline = performance.now() + FIRST_PICTURE_MS;
  while (!(video.readyState >= 2 && video.videoWidth > 0)) {
    if (!wanted()) throw stopped();
    if (opened.getVideoTracks()[0].readyState === 'ended') throw cameraProblem('camera_ended');
    if (performance.now() > deadline) throw cameraProblem('camera_in_use');
    await sleep(30);
  }
}

/**
 * @param {HTMLVideoElement} video
 * @param {() => boolean} wanted
 */
async function litPicture(video, wanted) {
  const deadline = performance.now() + DARK_MS;
  while (isBlack(video)) {
    if (!wanted()) throw stopped();
    if (performance.now() > deadline) throw new Problem({ code: 'camera_dark', detail: '' });
    await sleep(100);
  }
}

/** @param {HTMLVideoElement} video */
function isBlack(video) {
  const small = document.createElement('canvas');
  small.width = 16;
  small.height = 12;
  const pen = /** @type {CanvasRenderingContext2D} */ (small.getContext('2d'));
  pen.drawImage(video, 0, 0, small.width, small.height);
  return allBlack(pen.getImageData(0, 0, small.width, small.height).data);
}

/** @param {number} ms */
function sleep(ms) {
  return new Promise((done) => {
    setTimeout(done, ms);
  });
}

async function cameraIds() {
  return (await listCameras().catch(() => [])).map(({ id }) => id);
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
  const none = cameras.some(({ id }) => id === current) ? [] : [new Option(t('camera.choose'), '', true, true)];
  select.replaceChildren(...none, ...cameras.map(({ id, label }) => new Option(label, id, false, id === current)));
}
