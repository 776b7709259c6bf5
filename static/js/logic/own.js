// A student's own attendance in words, and what can be asked about a class.

import { t } from '../lib/messages.js';
import { setOff } from './names.js';
import { dayInWords } from './time.js';

/**
 * Who issued the student's code, and when: that person could use it, too. Empty where nobody knows.
 * @param {Pick<OwnAttendance, 'code_issued'>} own
 */
export function codeIssuedWords({ code_issued: issued }) {
  return issued === null ? '' : t('own.code_issued', { name: setOff(issued.by), day: dayInWords(issued.on) });
}

/** @param {OwnCourse} course */
export function percentInWords({ percentage: { percent } }) {
  return percent === null ? t('own.no_percent') : t('own.percent', { percent: String(percent) });
}

/**
 * The formula of the percentage; empty where there is none yet.
 * @param {OwnCourse} course
 */
export function formulaShown({ percentage: { percent, formula } }) {
  return percent === null ? '' : formula;
}

/**
 * How many classes may still be missed; empty where the course has no limit, or no class is to come.
 * @param {OwnCourse} course
 */
export function mayMissWords({ percentage: { may_miss: count, counts } }) {
  if (count === null || counts.to_come === 0) return '';
  return count <= 0 ? t('own.may_miss_none') : t('own.may_miss', { count });
}

/** @param {OwnCourse} course */
export function countsWords({ percentage: { counts } }) {
  const { present, late, excused, absent } = counts;
  return t('own.counts', { present, late, excused, absent });
}

/** @param {OwnClass} meeting */
export function ownClassWords({ title, starts, status }) {
  const [day, clock] = starts.split('T');
  return t('own.class', { day: dayInWords(day), clock, title, status: t(`status.${status ?? 'none'}`) });
}

/**
 * The request about a class that counts: the newest.
 * @param {OwnAttendance} own
 * @param {string} meeting
 */
export function requestAbout({ requests }, meeting) {
  return requests.find((each) => each.meeting === meeting) ?? null;
}

/**
 * What came of a request, in a sentence or two.
 * @param {OwnRequest} request
 */
export function requestWords({ state, due, passed_on: passedOn, answers }) {
  if (state === 'open') return t(passedOn ? 'own.waits_registrar' : 'own.waits', { day: dayInWords(due) });
  const text = answers.at(-1)?.text ?? null;
  return text === null ? t(`own.${state}`) : t(`own.${state}_with`, { text });
}

/**
 * What a student can ask about a class: nothing that it is already, and before it begins only to be excused.
 * @param {OwnAttendance} own
 * @param {OwnCourse} course
 * @param {OwnClass} meeting
 * @returns {AskedFor[]}
 */
export function asksFor(own, course, meeting) {
  const asked = requestAbout(own, meeting.key);
  if (!course.may_ask || (asked !== null && asked.state !== 'accepted')) return [];
  return own.asks.filter((one) => one !== meeting.status && (!meeting.planned || one === 'excused'));
}
