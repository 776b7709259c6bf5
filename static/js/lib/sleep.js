// Waiting, in one place.

/** @param {number} ms */
export function sleep(ms) {
  return new Promise((done) => {
    setTimeout(done, ms);
  });
}
