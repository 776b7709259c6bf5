// Excuses in words, and as a form says them. Pure: tested without a browser.

import { t } from '../../lib/messages.js';
import { dayInWords, dayPlus } from '../time.js';
import { clockOf, dayOf } from './meetings.js';

/** More classes than this are only counted. */
const NAMED = 4;
/** Days before and after today whose classes a registrar can choose from: a term back, and two ahead. */
const DAYS_BACK = 120;
const DAYS_AHEAD = 240;

/**
 * When an excuse holds: its days, with times where it has them, or how many classes were chosen.
 * @param {Excuse} excuse
 */
export function excuseTimes(excuse) {
  const { chosen, classes, last_day: last } = excuse;
  if (!chosen) return daysInWords(excuse);
  const words = t('excuse.chosen', { count: classes.length });
  return last ? t('excuse.chosen_until', { classes: words, last: dayInWords(last) }) : words;
}

/** @param {Pick<Excuse, 'first_day' | 'first_time' | 'last_day' | 'last_time'>} excuse */
export function daysInWords({ first_day: first, first_time: from, last_day: last, last_time: until }) {
  const begin = bound(first, from);
  const end = bound(first === last && from ? null : last, until);
  return begin === end || !end ? begin : t('members.span', { first: begin, last: end });
}

/**
 * @param {string | null} day
 * @param {string | null} time
 */
function bound(day, time) {
  return [day ? dayInWords(day) : '', time ?? ''].filter(Boolean).join(', ');
}

/**
 * The classes that an excuse is for, as planned now.
 * @param {ExcusedClass[]} classes
 */
export function classesInWords(classes) {
  if (classes.length === 0) return t('excuse.no_class');
  const named = classes.slice(0, NAMED).map((one) => t('excuse.class', classWords(one)));
  const more = classes.length - NAMED;
  const list = more > 0 ? [...named, t('excuse.more', { count: more })] : named;
  return t('excuse.classes', { count: classes.length, list: list.join('; ') });
}

/** @param {Pick<ExcusedClass, 'code' | 'title' | 'starts'>} one */
export function classWords({ code, title, starts }) {
  return { day: dayInWords(dayOf(starts)), time: clockOf(starts), title: title || code };
}

/**
 * The days whose classes a registrar can choose from.
 * @param {string} today
 */
export function daysToChooseFrom(today) {
  return { first_day: dayPlus(today, -DAYS_BACK), last_day: dayPlus(today, DAYS_AHEAD) };
}

/**
 * What the form says, as the server takes it. A blank field is left out, so that the server names it.
 * @param {TypedExcuse} typed
 * @returns {Record<string, unknown>}
 */
export function excuseBody({ kind, meetings, reason, note, ...times }) {
  const about = { ...filled({ reason }), ...filled({ note: note.trim() }) };
  if (kind === 'classes') return { meetings, ...about };
  const { first_day, last_day } = times;
  return { ...filled(kind === 'hours' ? times : { first_day, last_day }), ...about };
}

/** @param {Record<string, string>} texts */
function filled(texts) {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ''));
}

/**
 * A code for a reason that is new on the site's list: letters of its text, and a number where that is taken.
 * @param {string} text
 * @param {string[]} taken
 */
export function reasonCode(text, taken) {
  const letters = text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, 28);
  const base = letters || 'reason';
  for (let number = 1; ; number += 1) {
    const code = number === 1 ? base : `${base}_${number}`;
    if (!taken.includes(code)) return code;
  }
}
