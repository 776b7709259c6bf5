// Meetings in words, which one of a day is looked at, and what can be done with it. Times are local, as the server says.

import { t } from '../../lib/messages.js';
import { dayInWords } from '../time.js';
import { setOff } from '../names.js';

/** @param {string} moment "2026-12-01T10:00" */
export function clockOf(moment) {
  return moment.slice(11, 16);
}

/** @param {string} moment */
export function dayOf(moment) {
  return moment.slice(0, 10);
}

/** @param {Pick<Meeting, 'code' | 'title'>} meeting */
export function meetingTitle({ code, title }) {
  return title ? t('meeting.title', { code, title }) : code;
}

/** @param {Pick<Meeting, 'starts' | 'ends'>} meeting */
export function meetingTimes({ starts, ends }) {
  return t('meeting.times', { from: clockOf(starts), to: clockOf(ends) });
}

/** @param {Pick<Meeting, 'starts' | 'ends' | 'room'>} meeting */
export function meetingLine(meeting) {
  return [dayInWords(dayOf(meeting.starts)), meetingTimes(meeting), setOff(meeting.room ?? '')]
    .filter(Boolean)
    .join(' · ');
}

/**
 * @param {Pick<Meeting, 'phase' | 'opens' | 'on_time_until' | 'please_check' | 'locked'>} meeting
 * @returns {Badge}
 */
export function phaseBadge({ phase, opens, on_time_until: until, please_check: check, locked }) {
  if (locked) return { kind: 'plain', icon: 'key', text: t('phase.locked'), detail: '' };
  /** @type {Record<MeetingPhase, Badge>} */
  const badges = {
    planned: { kind: 'plain', icon: 'clock', text: t('phase.planned', { time: clockOf(opens) }), detail: '' },
    open: { kind: 'good', icon: 'check', text: t('phase.open', { time: clockOf(until) }), detail: '' },
    closed: { kind: 'plain', icon: 'circle', text: t('phase.closed'), detail: '' },
    cancelled: { kind: 'warn', icon: 'cross', text: t('phase.cancelled'), detail: '' },
  };
  return check ? { kind: 'warn', icon: 'alert', text: t('phase.check'), detail: t('phase.check_why') } : badges[phase];
}

/**
 * The meetings to come, the next one first, and the past ones, the last one first. An open one is still to come; a
 * cancelled one until its day is over.
 * @template {Pick<Meeting, 'phase' | 'ends'>} One
 * @param {One[]} meetings in order of time
 * @param {string} today
 * @returns {Record<ClassesPart, One[]>}
 */
export function upcomingAndPast(meetings, today) {
  const isUpcoming = (/** @type {One} */ { phase, ends }) =>
    phase === 'open' || phase === 'planned' || (phase === 'cancelled' && dayOf(ends) >= today);
  return {
    upcoming: meetings.filter(isUpcoming),
    past: meetings.filter((one) => !isUpcoming(one)).toReversed(),
  };
}

/**
 * The times of the other classes that the same check-in serves.
 * @template {Pick<Meeting, 'key' | 'block' | 'phase' | 'starts' | 'ends'>} One
 * @param {One} meeting
 * @param {One[]} meetings
 */
export function servedWith(meeting, meetings) {
  const isOther = (/** @type {One} */ { key, block, phase, starts }) =>
    block === meeting.block && key !== meeting.key && phase !== 'cancelled' && dayOf(starts) === dayOf(meeting.starts);
  return meeting.block === null ? [] : meetings.filter(isOther).map(meetingTimes);
}

/**
 * What was done, and what the server warns of.
 * @param {string} done a sentence
 * @param {{ warning: string | null }} saved
 */
export function withWarning(done, { warning }) {
  return warning ? `${done} ${warning}` : done;
}

/**
 * The meeting to show: the one asked for, or an open one, or the next, or the last.
 * @template {Meeting} One
 * @param {One[]} meetings in order of time
 * @param {string | null} wanted
 * @returns {One | null}
 */
export function chosenMeeting(meetings, wanted) {
  return (
    meetings.find(({ key }) => key === wanted)
    ?? meetings.findLast(({ phase }) => phase === 'open')
    ?? meetings.find(({ phase }) => phase === 'planned')
    ?? meetings.at(-1)
    ?? null
  );
}

/**
 * What staff can do with a meeting, the likeliest first.
 * @param {Pick<Meeting, 'phase' | 'held' | 'please_check'>} meeting
 * @param {AttendanceStatus | null} [common] the status of everybody, if it is the same
 * @returns {MeetingAct[]}
 */
export function actsFor({ phase, held, please_check: check }, common = null) {
  if (phase === 'open') return ['close', 'queue', 'extend', 'cancel'];
  if (phase === 'planned') return ['cancel'];
  if (phase === 'cancelled') return ['restore'];
  return check || (held === null && common === 'not_taken') ? ['held', 'cancel', 'reopen'] : ['reopen', 'cancel'];
}

/** How many minutes an act adds, where it adds some. */
const MINUTES = 10;

/**
 * @param {MeetingAct} act
 * @returns {MeetingChange}
 */
export function changeFor(act) {
  return act === 'queue' || act === 'extend' || act === 'reopen' ? { action: act, minutes: MINUTES } : { action: act };
}
