// What a small grey picture tells without a face detector: whether something stands near the middle, and whether it moves.
// A pure core over arrays of SIGHT_WIDTH x SIGHT_HEIGHT grey values (0 to 255); nothing in it knows a face from a coat.

export const SIGHT_WIDTH = 64;
export const SIGHT_HEIGHT = 48;

/** Grey levels by which a spot differs from the empty room, or from the picture before. */
const DIFFERS = 18;
const MOVES = 10;
/** Share of the oval that has to differ, above and below: at arm's length a head fills a third of it, at three metres less than a tenth. */
const NEAR_ABOVE = 0.35;
const NEAR_BELOW = 0.35;
/**
 * Share of the oval that moves where somebody lives: people sway and blink, furniture does not. In a minute of one person at a
 * webcam (eyeblink8, 300 looks) 59 % of the looks stirred, and none of the pauses between was longer than 2 s.
 */
export const ALIVE = 0.004;
/** Beyond this share of the whole picture somebody walks by, or the light was switched. */
const RESTLESS = 0.3;
/** How much of the present picture goes into the empty room's with each look, while nobody is there. */
const LEARNS = 0.03;

const OVAL = Array.from({ length: SIGHT_WIDTH * SIGHT_HEIGHT }, (_, place) => place).filter((place) => {
  const x = ((place % SIGHT_WIDTH) + 0.5) / SIGHT_WIDTH;
  const y = (Math.floor(place / SIGHT_WIDTH) + 0.5) / SIGHT_HEIGHT;
  return ((x - 0.5) / 0.21) ** 2 + ((y - 0.48) / 0.4) ** 2 < 1;
});
const MIDDLE = Math.floor(0.48 * SIGHT_HEIGHT) * SIGHT_WIDTH;
// Where the room shows beside a person's head: it tells how much lighter or darker the whole picture became.
const BESIDE = Array.from({ length: MIDDLE }, (_, place) => place).filter(
  (place) => Math.abs((place % SIGHT_WIDTH) / SIGHT_WIDTH - 0.49) > 0.3,
);
const ABOVE = OVAL.filter((place) => place < MIDDLE);
const BELOW = OVAL.filter((place) => place >= MIDDLE);

/** @type {Sight} */
export const unseen = Object.freeze({ room: null, last: null, near: false, alive: false, restless: false });

/**
 * The sight after this picture; `room` is what the place looks like empty.
 * @param {Sight} before
 * @param {Uint8Array} picture
 * @returns {Sight}
 */
export function look(before, picture) {
  const { room: empty, last } = before;
  if (empty === null || last === null) return { ...unseen, room: Float32Array.from(picture), last: picture };
  const lighter = median(BESIDE.map((place) => picture[place] - empty[place]));
  const stands = (/** @type {number} */ place) => Math.abs(picture[place] - empty[place] - lighter) > DIFFERS;
  const moved = (/** @type {number} */ place) => Math.abs(picture[place] - last[place]) > MOVES;
  const near = share(ABOVE, stands) >= NEAR_ABOVE && share(BELOW, stands) >= NEAR_BELOW;
  const everywhere = Array.from(picture.keys());
  return {
    room: near ? empty : learnt(empty, picture, LEARNS),
    last: picture,
    near,
    alive: share(OVAL, moved) >= ALIVE,
    restless: share(everywhere, moved) > RESTLESS,
  };
}

/**
 * Take what stood there without a stir as part of the room.
 * @param {Sight} sight
 * @returns {Sight}
 */
export function settle(sight) {
  return { ...sight, room: Float32Array.from(sight.last ?? []), near: false };
}

/**
 * RGBA bytes as grey: red, green and blue as eyes weigh them.
 * @param {Uint8Array | Uint8ClampedArray} rgba
 */
export function greyOf(rgba) {
  return Uint8Array.from({ length: rgba.length / 4 }, (_, place) => {
    const at = 4 * place;
    return 0.299 * rgba[at] + 0.587 * rgba[at + 1] + 0.114 * rgba[at + 2];
  });
}

/**
 * @param {Float32Array} room
 * @param {Uint8Array} picture
 * @param {number} rate
 */
function learnt(room, picture, rate) {
  return room.map((value, place) => value + rate * (picture[place] - value));
}

/**
 * @param {number[]} places
 * @param {(place: number) => boolean} holds
 */
function share(places, holds) {
  return places.filter(holds).length / places.length;
}

/** @param {number[]} values */
function median(values) {
  return values.sort((one, other) => one - other)[Math.floor(values.length / 2)];
}
