// The webcam: opened on demand, shown mirrored by the stylesheet, sent unmirrored, off when not needed.

import {
  afterFailure,
  anotherMayWork,
  nextCamera,
  pictureFault,
  unwatched,
  UNRELIABLE_MS,
  watchPictures,
} from '../logic/camera_watch.js';
import { asProblem, Problem } from '../logic/problems.js';
import { cutOut, JPEG_QUALITIES, FRAME_BYTES } from '../logic/picture.js';
import { askForCamera, cameraIds, cameraProblem, endStream, rememberedCamera } from './camera_devices.js';
import { countPictures, firstPicture, jpegOf, litPicture, sampleOf } from './camera_pictures.js';
import { sleep } from './sleep.js';

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
  /** @type {AbortController | null} */
  let opening = null; // the attempt under way: a camera that comes when nobody waits for it any more goes off again
  let again = false; // it is for a camera that was open already
  /** @type {Problem | null} */
  let ended = null; // why it could not be opened again
  let watched = unwatched;
  let recoveredAt = -Infinity;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let looking;

  video.addEventListener('resize', fitStage); // a tablet was turned

  /**
   * Opens the camera that is asked for, or else the first other one that works. Whoever waits for one while another is chosen
   * waits for that.
   * @param {string} [deviceId]
   */
  async function open(deviceId = rememberedCamera()) {
    stop();
    try {
      await openAny(deviceId);
    } catch (error) {
      if (asProblem(error).code !== 'stopped') throw error;
      await settled();
      if (!stream) throw error;
    }
  }

  /** Waits until no camera is being opened. */
  async function settled() {
    while (opening) await sleep(30);
  }

  /**
   * @param {string} asked
   * @param {string} [avoid]
   */
  async function openAny(asked, avoid = '') {
    const mine = new AbortController();
    opening = mine;
    ended = null;
    try {
      await firstThatWorks(asked, avoid, mine.signal);
    } finally {
      if (opening === mine) opening = null;
    }
  }

  /**
   * @param {string} asked
   * @param {string} avoid
   * @param {AbortSignal} signal
   */
  async function firstThatWorks(asked, avoid, signal) {
    /** @type {CameraTries} */
    let tries = { asked, tried: [], avoid };
    /** @type {unknown} */
    let trouble = null;
    /** @type {string | null} */
    let dark = null;
    for (;;) {
      const listed = await cameraIds();
      signal.throwIfAborted();
      const id = nextCamera(tries, listed);
      if (id === null) break;
      const began = performance.now();
      try {
        await show(id, signal, listed.length > 1);
        return;
      } catch (error) {
        const { code } = asProblem(error);
        if (!anotherMayWork(code)) throw error;
        if (code === 'camera_dark') dark ??= id;
        else trouble ??= error;
        tries = afterFailure(tries, { id, code, ms: performance.now() - began, listed });
      }
    }
    if (dark === null) throw trouble;
    await show(dark, signal, false); // a dark room is better than no camera: the page says that it is dark
  }

  /**
   * @param {string} deviceId
   * @param {AbortSignal} signal
   * @param {boolean} lit whether a black picture will not do
   */
  async function show(deviceId, signal, lit) {
    const opened = await askForCamera(deviceId, signal);
    if (signal.aborted) endStream(opened);
    signal.throwIfAborted();
    stream = opened;
    video.srcObject = opened;
    video.play().catch(() => {}); // not waited for: without a picture it never answers
    try {
      await firstPicture(video, opened, signal);
      if (lit) await litPicture(video, signal);
      signal.throwIfAborted(); // what the video shows by now may be another one's
    } catch (error) {
      if (stream === opened) release();
      throw error;
    }
    keepWatch(opened);
    fitStage();
  }

  /** The preview has the shape of what is sent. */
  function fitStage() {
    const stage = /** @type {HTMLElement | null} */ (video.closest('.stage'));
    if (stage && video.videoWidth > 0) stage.dataset.upright = String(video.videoHeight > video.videoWidth);
  }

  /** @param {MediaStream} opened */
  function keepWatch(opened) {
    const [track] = opened.getVideoTracks();
    track.addEventListener('ended', () => {
      if (stream === opened) recover();
    });
    let unmuted = !track.muted; // some browsers never say that a camera gives pictures
    const { sample, patience, stalls } = watched;
    watched = { ...unwatched, sample, patience, stalls };
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
  async function recover(avoid = '') {
    if (opening) return;
    const track = stream?.getVideoTracks()[0];
    const id = track?.getSettings().deviceId ?? '';
    const failedAgain = performance.now() - recoveredAt < UNRELIABLE_MS;
    recoveredAt = performance.now();
    clearInterval(looking);
    if (stream) endStream(stream); // the last picture stays until the next one comes
    again = true;
    try {
      await openAny(id, failedAgain ? id : avoid);
    } catch (error) {
      const problem = asProblem(error);
      if (problem.code === 'stopped') return;
      stop();
      ended = problem;
      onEnded(problem);
    }
  }

  function stop() {
    opening?.abort(new Problem({ code: 'stopped', detail: '' }));
    opening = null;
    again = false;
    release();
  }

  function release() {
    clearInterval(looking);
    if (stream) endStream(stream);
    stream = null;
    video.srcObject = null;
  }

  /** The part of the picture that the preview shows, as JPEG bytes within the server's limits. */
  async function grab() {
    await settled();
    const cut = cutOut(video.videoWidth, video.videoHeight);
    if (!stream || !cut) throw ended ?? cameraProblem('camera_ended');
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
      return opening ? again : stream !== null;
    },
    /** What is wrong with its pictures, '' where nothing is known. */
    get fault() {
      return stream === null ? '' : pictureFault(watched);
    },
    get deviceId() {
      return stream?.getVideoTracks()[0]?.getSettings().deviceId ?? '';
    },
  };
}
