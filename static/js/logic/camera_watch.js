// Which camera to try next, and when one has stopped giving pictures, as a pure core.

/** A camera that gave no new picture for this long is opened again. A busy computer drops pictures for a second or two. */
export const STALLED_MS = 4000;
/** A camera whose pictures are all the same for this long is frozen or covered: another one is tried, or it is opened again. */
export const SAME_MS = 10000;
/** If that does not help, each try waits twice as long as the one before, up to this long. */
export const SAME_MOST_MS = 300000;
/** A camera that stalls again this soon after it was opened is tried last. */
export const UNRELIABLE_MS = 15000;

const ONE_FAILED = new Set(['camera_missing', 'camera_in_use', 'camera_ended', 'camera_dark']);

/**
 * Whether another camera may work where one failed like this. A refused permission and an insecure page hold for all.
 * @param {string} code
 */
export function anotherMayWork(code) {
  return ONE_FAILED.has(code);
}

/**
 * The next camera to try, null where all were. '' is the browser's own choice. `avoid` is tried last.
 * @param {{ asked: string, tried: string[], listed: string[], avoid?: string }} cameras
 */
export function nextCamera({ asked, tried, listed, avoid = '' }) {
  const named = listed.filter((id) => id !== '');
  const wanted = avoid ? [...named.filter((id) => id !== avoid), avoid, ''] : [asked, '', ...named];
  return wanted.find((id) => !tried.includes(id)) ?? null;
}

/** @type {PictureWatch} */
export const unwatched = Object.freeze({
  pictures: 0,
  since: 0,
  counts: false,
  stalled: false,
  sample: '',
  sameSince: 0,
  patience: SAME_MS,
  same: false,
});

/**
 * `pictures` is how many the camera gave so far. Browsers that do not count them say at least that a camera is `muted`.
 * `sample` is what a picture shows. In a page that nobody sees (`hidden`) pictures may rest. `stalled` and `same` are true
 * once for each time to open it again: for want of new pictures, or because all show the same.
 * @param {PictureWatch} before
 * @param {{ pictures: number, sample: string, muted: boolean, hidden: boolean, now: number }} look
 * @returns {PictureWatch}
 */
export function watchPictures(before, { pictures, sample, muted, hidden, now }) {
  const counts = before.counts || pictures > 0;
  const watch = { ...sameSince(before, sample, hidden, now), pictures, counts };
  const moved = pictures !== before.pictures || (!counts && !muted);
  if (moved || hidden || before.since === 0) return { ...watch, since: now, stalled: false };
  const stalled = now - before.since >= STALLED_MS;
  return { ...watch, since: stalled ? now : before.since, stalled };
}

/**
 * What is wrong with the pictures: all are `black`, or they stand `still` though the camera was opened again.
 * @param {PictureWatch} watch
 * @returns {PictureFault}
 */
export function pictureFault({ sample, patience }) {
  if (sample === 'black') return 'black';
  return patience > SAME_MS ? 'still' : '';
}

/**
 * @param {PictureWatch} before
 * @param {string} sample
 * @param {boolean} hidden
 * @param {number} now
 */
function sameSince(before, sample, hidden, now) {
  if (hidden || sample === '') return { ...before, sameSince: 0, same: false };
  if (sample !== before.sample) return { ...before, sample, sameSince: now, patience: SAME_MS, same: false };
  if (before.sameSince === 0) return { ...before, sameSince: now, same: false };
  if (now - before.sameSince < before.patience) return { ...before, same: false };
  return { ...before, sameSince: now, patience: Math.min(2 * before.patience, SAME_MOST_MS), same: true };
}
