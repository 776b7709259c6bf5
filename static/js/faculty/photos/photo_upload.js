// Prepares a photo for upload: a picture that this browser can show is drawn again as a JPEG of the size that the server reads.

import { t } from '../../lib/messages.js';
import { isHeic } from '../../logic/faculty/photo_files.js';
import { photoSize } from '../../logic/picture.js';
import { asProblem, Problem } from '../../logic/problems.js';

const QUALITY = 0.92;
const TRIES_WHEN_BUSY = 20; // a second apart: kiosks come first, but not for ever

/**
 * A chosen file as a JPEG that the server takes: upright, without metadata, and not larger than the server reads. Throws a
 * Problem with words for a person.
 * @param {File} file
 */
export async function prepare(file) {
  const bitmap = await decoded(file);
  try {
    return await drawn(bitmap, photoSize(bitmap.width, bitmap.height));
  } finally {
    bitmap.close();
  }
}

/** @param {File} file */
async function decoded(file) {
  try {
    // Without a type the browser looks at the bytes: a file may be named after another format than its own.
    const bytes = file.slice();
    // The orientation a phone notes in the file is applied here. Older browsers apply it unasked and know no such option.
    return await createImageBitmap(bytes, { imageOrientation: 'from-image' }).catch((fault) =>
      fault instanceof TypeError ? createImageBitmap(bytes) : Promise.reject(fault),
    );
  } catch {
    const head = new Uint8Array(
      await file
        .slice(0, 16)
        .arrayBuffer()
        .catch(() => new ArrayBuffer(0)),
    );
    throw unreadable(isHeic(file.name, file.type, head) ? 'photos.heic' : 'photos.unreadable');
  }
}

/**
 * @param {ImageBitmap} bitmap
 * @param {{ width: number, height: number }} size
 */
async function drawn(bitmap, { width, height }) {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.fillStyle = '#fff'; // what is transparent would turn black as JPEG
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  /** @type {Blob | null} */
  const blob = await new Promise((done) => {
    canvas.toBlob(done, 'image/jpeg', QUALITY);
  });
  if (!blob) throw unreadable('photos.not_reduced');
  return blob;
}

/** @param {string} key */
function unreadable(key) {
  return new Problem({ code: 'unsupported_image', detail: t(key) });
}

/**
 * Sends one photo for one student.
 * @param {Api} api
 * @param {string} key
 * @param {File} file
 * @param {boolean} [confirmOther]
 * @returns {Promise<Enrolment>}
 */
export async function sendPhoto(api, key, file, confirmOther = false) {
  const body = await prepare(file);
  const options = {
    query: { confirm_other: confirmOther ? '1' : '0' },
    body,
    type: 'image/jpeg',
    timeout: 60000,
  };
  for (let tries = 1; ; tries += 1) {
    try {
      return (await api.post(`/students/${encodeURIComponent(key)}/faces`, options)).data;
    } catch (error) {
      const problem = asProblem(error);
      if (problem.code !== 'busy' || tries === TRIES_WHEN_BUSY) throw problem;
      await new Promise((done) => {
        setTimeout(done, (problem.retryAfter ?? 1) * 1000);
      });
    }
  }
}
