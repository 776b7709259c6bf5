// A question that is left alone, as a pure core: it warns, waits a little, and closes.

/** After this long without a touch, a question asks whether somebody is there. */
const WARN_AFTER_MS = 20000;
/** After this much longer, it closes. */
const WARNING_MS = 20000;

/**
 * When a question that was touched now closes.
 * @param {number} now
 */
export function leftAlone(now) {
  return now + WARN_AFTER_MS + WARNING_MS;
}

/**
 * The seconds that a warning says, null as long as none is due.
 * @param {number} closesAt
 * @param {number} now
 */
export function warningSeconds(closesAt, now) {
  const left = closesAt - now;
  return left > WARNING_MS ? null : Math.max(0, Math.ceil(left / 1000));
}
