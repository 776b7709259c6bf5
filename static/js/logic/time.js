// Times as people read them. The server gives dates and local times in the site's zone; nothing here converts them.

import { dateLocale } from '../lib/messages.js';

const DAY = /** @type {const} */ ({
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});
/** @type {Map<string, Intl.DateTimeFormat>} a list of days is long, and a format slow to make */
const dayFormats = new Map();

function dayFormat() {
  const locale = dateLocale();
  const format = dayFormats.get(locale) ?? new Intl.DateTimeFormat(locale, DAY);
  dayFormats.set(locale, format);
  return format;
}

/**
 * "2026-11-22" as "Sun, 22 Nov 2026"; whatever else comes is given back as it is.
 * @param {string | null | undefined} date
 */
export function dayInWords(date) {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date ?? '');
  if (!parts) return date ?? '';
  return dayFormat().format(new Date(Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]))));
}

/**
 * The same day `days` later (or earlier), as "YYYY-MM-DD".
 * @param {string} date
 * @param {number} days
 */
export function dayPlus(date, days) {
  const moved = new Date(`${date}T00:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10);
}

/**
 * The Monday of the week that `date` is in.
 * @param {string} date
 */
export function weekStart(date) {
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  return dayPlus(date, -((weekday + 6) % 7));
}

/**
 * {time, seconds, day} of the site's clock; a browser that does not know the zone shows its own time.
 * @param {number} epochMs
 * @param {string} [zone]
 */
export function clockFace(epochMs, zone) {
  const options = (/** @type {Intl.DateTimeFormatOptions} */ wanted) => (zone ? { ...wanted, timeZone: zone } : wanted);
  const write = (/** @type {Intl.DateTimeFormatOptions} */ wanted) => {
    try {
      return new Intl.DateTimeFormat(dateLocale(), options(wanted)).format(epochMs);
    } catch {
      return new Intl.DateTimeFormat(dateLocale(), wanted).format(epochMs);
    }
  };
  return {
    time: write({ hour: '2-digit', minute: '2-digit' }),
    seconds: write({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    day: write({ weekday: 'long', day: 'numeric', month: 'long' }),
  };
}

/**
 * The site's day, as "YYYY-MM-DD".
 * @param {number} epochMs
 * @param {string} [zone]
 */
export function dayIn(epochMs, zone) {
  const write = (/** @type {string | undefined} */ timeZone) =>
    new Date(epochMs).toLocaleDateString('sv', { timeZone });
  try {
    return write(zone);
  } catch {
    return write(undefined);
  }
}

/**
 * A moment to the second in the site's time, as "YYYY-MM-DD HH:MM:SS".
 * @param {number} epochMs
 * @param {string} [zone]
 */
export function momentIn(epochMs, zone) {
  const write = (/** @type {string | undefined} */ timeZone) => new Date(epochMs).toLocaleString('sv', { timeZone });
  try {
    return write(zone);
  } catch {
    return write(undefined);
  }
}

/**
 * When a kiosk was last seen, in the site's time.
 * @param {string | null} time
 * @param {string} [zone]
 */
export function lastSeen(time, zone) {
  const at = Date.parse(time ?? '');
  if (Number.isNaN(at)) return 'Not seen yet';
  const { time: clock, day } = clockFace(at, zone);
  return `Last seen ${day}, ${clock}`;
}
