// What a camera's <video> shows: whether a picture has come, whether it is black, and the picture itself.

import { allBlack } from '../logic/picture.js';
import { Problem } from '../logic/problems.js';
import { cameraProblem } from './camera_devices.js';
import { sleep } from './sleep.js';

/** A camera that shows nothing by then is busy: another one is tried. */
const FIRST_PICTURE_MS = 5000;
/** After this long in black its lid is shut, or another program has it. */
const DARK_MS = 1500;
/** The size at which pictures are compared: no two of a camera are the same, for its noise. */
const SAMPLE = { width: 160, height: 120 };

/**
 * What is on the canvas, at once. `toBlob` would wait for a moment in which the page has nothing to draw, and where there is
 * none (a slow tablet, a window just turned) Chromium waits a second for each picture: no movement can be followed so.
 * @param {HTMLCanvasElement} picture
 * @param {number} quality
 */
export function jpegOf(picture, quality) {
  const [, text] = picture.toDataURL('image/jpeg', quality).split(',');
  return new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], { type: 'image/jpeg' });
}

/**
 * A function that says how many pictures the element has been given, 0 where the browser does not count them.
 * @param {HTMLVideoElement} video
 */
export function countPictures(video) {
  let shown = 0;
  function count() {
    shown += 1;
    video.requestVideoFrameCallback(count);
  }
  if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(count);
  return () => shown + (video.getVideoPlaybackQuality?.().totalVideoFrames ?? 0);
}

/**
 * @param {HTMLVideoElement} video
 * @param {MediaStream} opened
 * @param {AbortSignal} signal
 */
export async function firstPicture(video, opened, signal) {
  const deadline = performance.now() + FIRST_PICTURE_MS;
  while (!(video.readyState >= 2 && video.videoWidth > 0)) {
    signal.throwIfAborted();
    if (opened.getVideoTracks()[0].readyState === 'ended') throw cameraProblem('camera_ended');
    if (performance.now() > deadline) throw cameraProblem('camera_in_use');
    await sleep(30);
  }
}

/**
 * @param {HTMLVideoElement} video
 * @param {AbortSignal} signal
 */
export async function litPicture(video, signal) {
  const deadline = performance.now() + DARK_MS;
  while (isBlack(video)) {
    signal.throwIfAborted();
    if (performance.now() > deadline) throw new Problem({ code: 'camera_dark', detail: '' });
    await sleep(100);
  }
}

/**
 * The picture as text, to be compared with that of another moment: 'black' where it is black all over, '' where there is none.
 * @param {HTMLVideoElement} video
 */
export function sampleOf(video) {
  if (!(video.videoWidth > 0 && video.videoHeight > 0)) return '';
  if (isBlack(video)) return 'black';
  return new TextDecoder('latin1').decode(reduced(video, SAMPLE));
}

/** @param {HTMLVideoElement} video */
function isBlack(video) {
  return allBlack(reduced(video, { width: 16, height: 12 }));
}

/**
 * The RGBA bytes of the picture at this size.
 * @param {HTMLVideoElement} video
 * @param {{ width: number, height: number }} size
 */
function reduced(video, { width, height }) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  pen.drawImage(video, 0, 0, width, height);
  return pen.getImageData(0, 0, width, height).data;
}
