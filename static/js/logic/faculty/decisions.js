// What waits for staff to decide, in words.

import { t } from '../../lib/messages.js';
import { dayInWords } from '../time.js';
import { clockOf, dayOf, meetingTitle } from './meetings.js';

/** @type {Record<string, string>} the status that an accepted request begins with */
const BECOMES = { present: 'present', late: 'late', excused: 'excused' };

/** @param {Decision} decision */
export function decisionKey({ kind, id }) {
  return `${kind} ${id}`;
}

/**
 * What it is about.
 * @param {Decision} decision
 */
export function askedWords({ kind, request, visitor, number, without_turning: straight }) {
  if (kind === 'self_registration') {
    return t(straight ? 'decide.self_registration_straight' : 'decide.self_registration', { number: number ?? '' });
  }
  if (kind === 'visitor') return t(`visitor.${visitor ?? 'not_a_member'}`);
  return t(`asks.${request?.asks ?? 'other'}`);
}

/**
 * In which class, and what the register says now.
 * @param {Decision} decision
 */
export function classWords({ code, meeting, status, kind }) {
  if (!meeting) return '';
  const words = [
    meetingTitle({ code: code ?? '', title: meeting.title }),
    dayInWords(dayOf(meeting.starts)),
    clockOf(meeting.starts),
  ];
  if (kind === 'request') words.push(t('decide.now', { status: t(`status.${status ?? 'none'}`) }));
  return words.join(' · ');
}

/**
 * By when it is to be answered; empty where nothing says so.
 * @param {Decision} decision
 */
export function dueWords({ due, overdue }) {
  if (due === null) return '';
  return t(overdue ? 'decide.overdue' : 'decide.due', { day: dayInWords(due) });
}

/**
 * What was answered before it was passed on.
 * @param {Decision} decision
 */
export function answeredWords({ request }) {
  if (!request?.passed_on) return '';
  const [{ by, text }] = request.answers;
  return text === null ? t('decide.declined_by', { by }) : t('decide.declined_with', { by, text });
}

/**
 * The status that is chosen at first; null where the student left it open.
 * @param {Decision} decision
 */
export function statusAsked({ request }) {
  return BECOMES[request?.asks ?? ''] ?? null;
}

/**
 * What is sent as an answer. What was not chosen is left out.
 * @param {boolean} accept
 * @param {{ status: string, remark: string, answer: string }} typed
 */
export function answerTyped(accept, { status, remark, answer }) {
  const words = answer.trim();
  return {
    accept,
    ...(accept && status !== '' && { status }),
    ...(accept && remark !== '' && { remark }),
    ...(words !== '' && { answer: words }),
  };
}
