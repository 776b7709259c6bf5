// Courses in words, the days of a weekly series, and the moves in a course's grid.

import { t } from '../../lib/messages.js';
import { dayInWords, dayPlus } from '../time.js';
import { clockOf, dayOf } from './meetings.js';

/** A series is expanded when it is saved, to no more classes than this. */
export const LONGEST_SERIES = 300;

/** @param {Pick<CourseOfList, 'code' | 'title'>} course */
export function courseTitle({ code, title }) {
  return t('meeting.title', { code, title });
}

/** @param {Pick<CourseOfList, 'term' | 'students'>} course */
export function courseLine({ term, students }) {
  return t('courses.line', { term, students });
}

/** @param {Pick<CourseOfList, 'next_meeting'>} course */
export function nextWords({ next_meeting: meeting }) {
  if (!meeting) return t('courses.no_next');
  if (meeting.phase === 'open') return t('courses.open');
  return t('courses.next', { when: `${dayInWords(dayOf(meeting.starts))}, ${clockOf(meeting.starts)}` });
}

/**
 * The days of a weekly series: Monday is 0. Nothing where it would have too many, or its days make no sense.
 * @param {string} first
 * @param {string} last
 * @param {number[]} weekdays
 * @returns {string[]}
 */
export function daysOfSeries(first, last, weekdays) {
  if (!first || !last || last < first) return [];
  const days = [];
  for (let day = first; day <= last && days.length <= LONGEST_SERIES; day = dayPlus(day, 1)) {
    if (weekdays.includes(weekdayOf(day))) days.push(day);
  }
  return days.length > LONGEST_SERIES ? [] : days;
}

/** @param {string} day */
export function weekdayOf(day) {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
}

/**
 * Where a key leads in a grid of `rows` by `columns`; null where it is not for moving.
 * @param {string} key
 * @param {[number, number]} from row and column
 * @param {[number, number]} size
 * @param {number} [first] the first column
 * @returns {[number, number] | null}
 */
export function gridMove(key, [row, column], [rows, columns], first = 0) {
  /** @type {Record<string, [number, number]>} */
  const moves = {
    ArrowUp: [row - 1, column],
    ArrowDown: [row + 1, column],
    ArrowLeft: [row, column - 1],
    ArrowRight: [row, column + 1],
    Home: [row, first],
    End: [row, columns - 1],
    PageUp: [row - 10, column],
    PageDown: [row + 10, column],
  };
  if (!Object.hasOwn(moves, key)) return null;
  const [toRow, toColumn] = moves[key];
  return [Math.max(0, Math.min(rows - 1, toRow)), Math.max(first, Math.min(columns - 1, toColumn))];
}

/**
 * What a form for rules says, or which field is wrong.
 * @param {Record<'opens_before' | 'on_time' | 'late_until', string>} typed
 * @returns {{ rules: StatusRules } | { wrong: ('opens_before' | 'on_time' | 'late_until')[] }}
 */
export function rulesTyped(typed) {
  const minutes = (/** @type {string} */ text) => (/^\d{1,3}$/.test(text.trim()) ? Number(text) : null);
  const opens = minutes(typed.opens_before);
  const onTime = minutes(typed.on_time);
  const late = minutes(typed.late_until);
  const wrongLate = typed.late_until.trim() !== '' && (late === null || (onTime !== null && late < onTime));
  if (opens !== null && onTime !== null && !wrongLate) {
    return { rules: { opens_before: opens, on_time: onTime, late_until: late } };
  }
  /** @type {('opens_before' | 'on_time' | 'late_until')[]} */
  const wrong = [];
  if (opens === null) wrong.push('opens_before');
  if (onTime === null) wrong.push('on_time');
  if (wrongLate) wrong.push('late_until');
  return { wrong };
}

/**
 * How many courses follow the site's rules, and how many count percentages as the site does. The past of an archived
 * course has its rules for good. A course with locked days counts as it did then, except for when attendance is low.
 * @param {Pick<CourseOfList, 'archived' | 'own_rules' | 'own_policy' | 'locked'>[]} courses
 */
export function followers(courses) {
  const policy = courses.filter(({ own_policy: own }) => !own);
  return {
    rules: courses.filter(({ archived, own_rules: own }) => !archived && !own).length,
    policy: policy.filter(({ locked }) => !locked).length,
    locked: policy.filter(({ locked }) => locked).length,
  };
}

/**
 * Whether somebody may change a course, its students and its rules, as its lecturer or as a registrar.
 * @param {Pick<CourseOfList, 'role'>} course
 * @param {Role[]} roles
 */
export function mayTeach({ role }, roles) {
  return role === 'lecturer' || roles.includes('registrar');
}

/**
 * Whether somebody may start and change the classes of a course, and mark its students.
 * @param {Pick<CourseOfList, 'role' | 'archived'>} course
 * @param {Role[]} roles
 */
export function mayHold({ role, archived }, roles) {
  return !archived && (role === 'assistant' || mayTeach({ role }, roles));
}

/**
 * The staff with a name for each: those now, then those to come, then those who left.
 * @param {CourseStaffMember[]} staff
 * @param {string} today
 */
export function staffInOrder(staff, today) {
  const rank = (/** @type {CourseStaffMember} */ one) =>
    one.last_day !== null && one.last_day < today ? 2 : Number(one.first_day !== null && one.first_day > today);
  return staff.toSorted((one, two) => rank(one) - rank(two) || one.name.localeCompare(two.name));
}

/**
 * The days of service in words.
 * @param {Pick<CourseStaffMember, 'first_day' | 'last_day'>} member
 */
export function serviceWords({ first_day: first, last_day: last }) {
  if (first && last) return t('members.span', { first: dayInWords(first), last: dayInWords(last) });
  if (last) return t('staff.until', { last: dayInWords(last) });
  return first ? t('members.from', { first: dayInWords(first) }) : t('staff.always');
}

/**
 * Where a member stands: whether they are in the course on this day.
 * @param {CourseMember} member
 * @param {string} today
 */
export function isMemberOn({ first_day: first, last_day: last }, today) {
  return first <= today && (last === null || today <= last);
}
