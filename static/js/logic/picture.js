// The arithmetic of pictures: what part of the camera's picture is sent, and how far an uploaded photo is reduced.

export const FRAME_BYTES = 150000;
export const JPEG_QUALITIES = [0.85, 0.7, 0.5, 0.3];
const PHOTO_SIDE = 1600;

const LONG = 640;
const SHORT = 480;

/**
 * The middle of the picture in the preview's shape (4:3, or 3:4 held upright), and the size to send it in.
 * @param {number} width
 * @param {number} height
 */
export function cutOut(width, height) {
  if (!(width > 0 && height > 0)) return null;
  const upright = height > width;
  const shape = upright ? SHORT / LONG : LONG / SHORT;
  const fromWidth = Math.min(width, Math.round(height * shape));
  const fromHeight = Math.min(height, Math.round(width / shape));
  const scale = Math.min(1, (upright ? 360 : LONG) / fromWidth, SHORT / fromHeight);
  return {
    x: Math.floor((width - fromWidth) / 2),
    y: Math.floor((height - fromHeight) / 2),
    fromWidth,
    fromHeight,
    width: Math.round(fromWidth * scale),
    height: Math.round(fromHeight * scale),
  };
}

/**
 * The size a photo is sent in: reduced where it is larger than the server reads.
 * @param {number} width
 * @param {number} height
 */
export function photoSize(width, height) {
  const scale = Math.min(1, PHOTO_SIDE / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** What no camera in a lit room gives, of 255: black, with a compressor's traces. */
const BLACK = 6;

/**
 * Whether a picture is black all over.
 * @param {ArrayLike<number>} rgba
 */
export function allBlack(rgba) {
  for (let at = 0; at < rgba.length; at += 4) {
    if (Math.max(rgba[at], rgba[at + 1], rgba[at + 2]) > BLACK) return false;
  }
  return true;
}
