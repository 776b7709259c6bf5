// The webcam: opened on demand, shown mirrored by the stylesheet, sent unmirrored, off when not needed.

import {
  anotherMayWork,
  nextCamera,
  pictureFault,
  unwatched,
  UNRELIABLE_MS,
  watchPictures,
} from '../logic/camera_watch.js';
import { asProblem } from '../logic/problems.js';
import { cutOut, JPEG_QUALITIES, FRAME_BYTES } from '../logic/picture.js';
import { askForCamera, cameraIds, cameraProblem, endStream, rememberedCamera } from './camera_devices.js';
import { countPictures, firstPicture, jpegOf, litPicture, sampleOf, stopped } from './camera_pictures.js';

const LOOK_EVERY_MS = 500;

/**
 * Wraps one <video>. A camera that fails is not the last word: the others are tried, and one that stops giving pictures is
 * opened again. `onEnded` is called with the Problem when no camera is left.
 * @param {HTMLVideoElement} video
 * @param {{ onEnded?: (problem: ProblemLike) => void }} [options]
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
  async function open(deviceId = rememberedCamera()) {
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
    const opened = await askForCamera(deviceId);
    if (mine !== turn) {
      endStream(opened);
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
    let unmuted = !track.muted; // some browsers never say that a camera gives pictures
    watched = { ...unwatched, sample: watched.sample, patience: watched.patience };
    clearInterval(looking);
    looking = setInterval(() => {
      if (track.readyState === 'ended') recover(); // some browsers do not say so
      const { hidden } = document;
      unmuted ||= !track.muted;
      if (video.paused && !hidden) video.play().catch(() => {});
      watched = watchPictures(watched, {
        pictures: pictures(),
        sample: hidden ? '' : sampleOf(video),
        muted: track.muted && unmuted,
        hidden,
        now: performance.now(),
      });
      if (watched.stalled) recover();
      else if (watched.same) recover(track.getSettings().deviceId);
    }, LOOK_EVERY_MS);
  }

  /**
   * Opens it again, or another one where it has just failed, or is to be avoided.
   * @param {string} [avoid]
   */
  function recover(avoid = '') {
    recovering ??= openAgain(avoid).finally(() => {
      recovering = null;
    });
  }

  /** @param {string} avoid */
  async function openAgain(avoid) {
    const track = stream?.getVideoTracks()[0];
    const id = track?.getSettings().deviceId ?? '';
    const again = performance.now() - recoveredAt < UNRELIABLE_MS;
    recoveredAt = performance.now();
    clearInterval(looking);
    if (stream) endStream(stream); // the last picture stays until the next one comes
    try {
      await openAny(id, again ? id : avoid);
    } catch (error) {
      const problem = asProblem(error);
      if (problem.code === 'stopped') return;
      stop();
      onEnded(problem);
    }
  }

  function stop() {
    turn += 1;
    release();
  }

  function release() {
    clearInterval(looking);
    if (stream) endStream(stream);
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
    /** What is wrong with its pictures, '' where nothing is known. */
    get fault() {
      return stream !== null && showing ? pictureFault(watched) : '';
    },
    get deviceId() {
      return stream?.getVideoTracks()[0]?.getSettings().deviceId ?? '';
    },
  };
}
