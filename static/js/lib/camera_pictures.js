// What a camera's <video> shows: whether a picture has come, whether it is black, and the picture itself.

import { allBlack } from '../logic/picture.js';
import { Problem } from '../logic/problems.js';
import { cameraProblem } from './camera_devices.js';

/** A camera that shows nothing by then is busy: another one is tried. */
const FIRST_PICTURE_MS = 5000;
/** After this long in black its lid is shut, or another program has it. */
const DARK_MS = 1500;
/** The lines of the picture that are compared, at their full width: no two of a camera are the same, for its noise. */
const SAMPLE_LINES = 8;

/** Where a camera is no longer waited for. */
export function stopped() {
  return new Problem({ code: 'stopped', detail: '' });
}

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
 * @param {() => boolean} wanted
 */
export async function firstPicture(video, opened, wanted) {
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
export async function litPicture(video, wanted) {
  const deadline = performance.now() + DARK_MS;
  while (isBlack(video)) {
    if (!wanted()) throw stopped();
    if (performance.now() > deadline) throw new Problem({ code: 'camera_dark', detail: '' });
    await sleep(100);
  }
}

/** @param {HTMLVideoElement} video */
function isBlack(video) {
  const { pen, canvas } = penOf(16, 12);
  pen.drawImage(video, 0, 0, canvas.width, canvas.height);
  return allBlack(pen.getImageData(0, 0, canvas.width, canvas.height).data);
}

/**
 * Some lines from the middle of the picture as text, to be compared with those of another moment: 'black' where it is black
 * all over, '' where there is no picture.
 * @param {HTMLVideoElement} video
 */
export function sampleOf(video) {
  const { videoWidth: width, videoHeight: height } = video;
  if (!(width > 0 && height > 0)) return '';
  if (isBlack(video)) return 'black';
  const { pen } = penOf(width, SAMPLE_LINES);
  pen.drawImage(video, 0, Math.floor(height / 2), width, SAMPLE_LINES, 0, 0, width, SAMPLE_LINES);
  return new TextDecoder('latin1').decode(pen.getImageData(0, 0, width, SAMPLE_LINES).data);
}

/**
 * @param {number} width
 * @param {number} height
 */
function penOf(width, height) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  return { pen, canvas };
}

/** @param {number} ms */
function sleep(ms) {
  return new Promise((done) => {
    setTimeout(done, ms);
  });
}
