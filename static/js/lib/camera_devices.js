// Which cameras there are, which one this browser remembers, and asking for one.

import { Problem } from '../logic/problems.js';
import { cameraTrouble, cameraTroubleWords } from '../logic/camera_troubles.js';
import { t } from './messages.js';

const REMEMBERED = 'secure-attend-camera';

/** The longest wait for a camera: some drivers never answer. */
const ANSWER_MS = 8000;
/** The same while the browser may be asking for permission. */
const QUESTION_MS = 30000;
/** For the list of cameras and the browser's permission, which have nothing to wait for. */
const LOOKUP_MS = 2000;

/**
 * Resolves to the stream of this camera, or of the browser's own choice ('').
 * @param {string} deviceId
 * @param {AbortSignal} signal when it is no longer waited for
 * @returns {Promise<MediaStream>}
 */
export async function askForCamera(deviceId, signal) {
  if (!globalThis.isSecureContext) throw cameraProblem('insecure');
  if (!navigator.mediaDevices?.getUserMedia) throw cameraProblem('camera_missing');
  const wish = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
  try {
    const chosen = deviceId ? { ...wish, deviceId: { exact: deviceId } } : { ...wish, facingMode: 'user' };
    return await answered(navigator.mediaDevices.getUserMedia({ audio: false, video: chosen }), signal);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw cameraProblem(cameraTrouble(/** @type {DOMException | undefined} */ (error)?.name ?? ''));
  }
}

/**
 * The stream, or a Problem where the camera never answers.
 * @param {Promise<MediaStream>} asking
 * @param {AbortSignal} signal
 */
async function answered(asking, signal) {
  asking.catch(() => {}); // heard of below, once it is known how long to wait
  try {
    const allowed = await mayUseCameras();
    const opened = await within(allowed ? ANSWER_MS : QUESTION_MS, asking, null, signal);
    if (opened === null) throw cameraProblem(allowed ? 'camera_in_use' : 'camera_unanswered');
    if (opened.getVideoTracks().length === 0) throw cameraProblem('camera_missing');
    return opened;
  } catch (error) {
    asking.then(endStream, () => {}); // it may come yet, and goes off again
    throw error;
  }
}

/** Whether the browser asks nobody: it was told so, or it names the cameras, which it does only then. */
async function mayUseCameras() {
  if ((await permission())?.state === 'granted') return true;
  return (await knownInputs()).some(({ label }) => label !== '');
}

/** The browser's permission to use cameras, null where it tells nobody. */
async function permission() {
  try {
    const asked = navigator.permissions?.query({ name: /** @type {PermissionName} */ ('camera') });
    return await within(LOOKUP_MS, Promise.resolve(asked ?? null), null);
  } catch {
    return null;
  }
}

/**
 * Calls `changed` whenever a camera was plugged in or out, or the permission to use them was given or taken.
 * @param {() => void} changed
 */
export async function onCamerasChanged(changed) {
  navigator.mediaDevices?.addEventListener?.('devicechange', changed);
  (await permission())?.addEventListener?.('change', changed);
}

/**
 * What the promise resolves to, or `otherwise` where that takes longer.
 * @template T
 * @param {number} ms
 * @param {Promise<T>} promise
 * @param {T | null} otherwise
 * @param {AbortSignal} [signal]
 * @returns {Promise<T | null>}
 */
function within(ms, promise, otherwise, signal) {
  return new Promise((done, refuse) => {
    const timer = setTimeout(() => done(otherwise), ms);
    if (signal?.aborted) refuse(signal.reason);
    signal?.addEventListener('abort', () => refuse(signal.reason));
    promise.then(done, refuse).finally(() => clearTimeout(timer));
  });
}

/** @param {MediaStream} stream */
export function endStream(stream) {
  stream.getTracks().forEach((track) => track.stop());
}

/**
 * The Problem for one of the camera's troubles.
 * @param {string} code
 */
export function cameraProblem(code) {
  return new Problem({ code, detail: cameraTroubleWords(code).detail });
}

/** The ids of all cameras; none where the browser keeps them to itself. */
export async function cameraIds() {
  return (await knownInputs()).map(({ deviceId }) => deviceId);
}

/** The cameras that the browser lists, none where it does not answer. */
async function knownInputs() {
  return (await within(LOOKUP_MS, videoInputs(), []).catch(() => [])) ?? [];
}

async function videoInputs() {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return devices.filter(({ kind }) => kind === 'videoinput');
}

/** @param {string} deviceId */
export function rememberCamera(deviceId) {
  try {
    localStorage.setItem(REMEMBERED, deviceId);
  } catch {
    // Without storage the browser's own choice of camera is used each time.
  }
}

/** The camera that was chosen in this browser, '' where none was. */
export function rememberedCamera() {
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
  const cameras = (await videoInputs()).map(({ deviceId, label }, place) => ({
    id: deviceId,
    label: label || t('camera.numbered', { number: place + 1 }),
  }));
  field.hidden = cameras.length < 2;
  const none = cameras.some(({ id }) => id === current) ? [] : [new Option(t('camera.choose'), '', true, true)];
  select.replaceChildren(...none, ...cameras.map(({ id, label }) => new Option(label, id, false, id === current)));
}
