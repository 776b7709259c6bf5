/** @file What a mark is about, in words. Pure: tested without a browser. */

import { dayInWords } from './time.js';

/**
 * Returns course, class and days of a mark or an excuse, as far as it has them.
 * @param {MarkSaid} mark
 */
export function markedFor(mark) {
  const bounds = [
    [mark.first_day, mark.first_time],
    [mark.last_day, mark.last_time],
  ];
  const days = bounds
    .filter(([day]) => day !== null)
    .map(([day, time]) => [dayInWords(day), time].filter(Boolean).join(', '));
  const texts = [mark.course, mark.meeting, mark.day && dayInWords(mark.day), [...new Set(days)].join(' – ')];
  return texts.filter((text) => text);
}
