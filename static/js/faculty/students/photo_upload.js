// Prepares a photo for upload: large ones are reduced here, so that they travel fast and the server reads less.

import { asProblem, Problem } from '../../logic/problems.js';
import { HEIC_WORDS, isHeic } from '../../logic/faculty/photo_files.js';
import { reducedSize } from '../../logic/picture.js';

const TRIES_WHEN_BUSY = 20; // a second apart: kiosks come first, but not for ever

/**
 * The bytes to send for a chosen file. Throws a Problem with words for a person.
 * @param {File} file
 */
export async function prepare(file) {
  const head = new Uint8Array(await file.slice(0, 16).arrayBuffer());
  if (isHeic(file.name, file.type, head)) throw new Problem({ code: 'unsupported_image', detail: HEIC_WORDS });
  const bitmap = await decoded(file);
  try {
    const size = reducedSize(bitmap.width, bitmap.height, file.size, file.type);
    return size === null ? file : await redrawn(bitmap, size);
  } finally {
    bitmap.close();
  }
}

/** @param {File} file */
async function decoded(file) {
  try {
    // The orientation a phone notes in the file is applied here, so that a reduced photo stays upright.
    return await createImageBitmap(file, { imageOrientation: 'from-image' }).catch((fault) =>
      fault instanceof TypeError ? createImageBitmap(file) : Promise.reject(fault),
    );
  } catch {
    throw new Problem({
      code: 'unsupported_image',
      detail: 'We could not read this picture. Open it on your computer, save it as JPEG, and choose that file.',
    });
  }
}

/**
 * @param {ImageBitmap} bitmap
 * @param {{ width: number, height: number }} size
 */
async function redrawn(bitmap, { width, height }) {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.fillStyle = '#fff'; // what is transparent in a PNG would turn black as JPEG
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  /** @type {Blob | null} */
  const blob = await new Promise((done) => {
    canvas.toBlob(done, 'image/jpeg', 0.92);
  });
  if (!blob) {
    throw new Problem({
      code: 'unsupported_image',
      detail: 'We could not reduce this picture. Please use a smaller one.',
    });
  }
  return blob;
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
    type: body.type || 'image/jpeg',
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
