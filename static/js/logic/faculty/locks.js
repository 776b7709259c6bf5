// Locked days of a course, in words.

import { t } from '../../lib/messages.js';
import { dayInWords } from '../time.js';

/** @param {Pick<CourseLock, 'first_day' | 'last_day'>} lock */
export function lockedDays({ first_day: first, last_day: last }) {
  const words = { first: first ? dayInWords(first) : '', last: dayInWords(last) };
  return t(first ? 'locks.from_to' : 'locks.up_to', words);
}

/**
 * Who locked the days, and when by the site's clock.
 * @param {Pick<CourseLock, 'by'>} lock
 * @param {string} day "2026-12-01"
 */
export function lockedBy({ by }, day) {
  return t('locks.by', { by, day: dayInWords(day) });
}
