// A student's own statement of attendance.

import { make } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { courseTitle } from '../../logic/faculty/courses.js';
import { statusWords } from '../../logic/faculty/meeting_register.js';
import { dayOf, meetingTimes } from '../../logic/faculty/meetings.js';
import { attendedInWords, totalsInWords } from '../../logic/faculty/sheets.js';
import { dayInWords } from '../../logic/time.js';
import { sheetFoot, sheetHead, sheetTable } from './sheet_parts.js';
import { setOff } from '../../logic/names.js';

/** @param {StudentStatement} statement */
export function statementSheet({ student, courses, last_attended: last }) {
  const named = t('sheet.student', { name: student.name, id: student.student_id });
  return [
    sheetHead(t('sheet.statement'), [named, lastWords(last)]),
    ...(courses.length === 0 ? [make('p', { text: t('sheet.no_courses') })] : courses.map(coursePart)),
  ];
}

/** @param {StudentStatement['courses'][number]} part */
function coursePart({ course, classes, totals, last_attended: last, evidence }) {
  const heads = [t('sheet.day'), t('classes.time'), t('classes.class'), t('register.status')];
  const lines = classes.map(({ meeting, status }) =>
    make('tr', {}, [
      make('td', { text: dayInWords(dayOf(meeting.starts)) }),
      make('td', { text: `${meetingTimes(meeting)} ${meeting.zone}` }),
      make('th', { scope: 'row', text: setOff(meeting.title) }),
      make('td', { text: statusWords(status) }),
    ]),
  );
  return make('section', { className: 'sheet-course' }, [
    make('h3', { text: courseTitle(course), dir: 'auto' }),
    make('p', {
      text: `${setOff(course.term)} · ${totalsInWords(totals)} ${attendedInWords(totals)}`,
    }),
    make('p', { text: lastWords(last) }),
    ...(lines.length > 0 ? [sheetTable('sheet-class', heads, lines, courseTitle(course))] : []),
    sheetFoot(evidence),
  ]);
}

/** @param {string | null} day */
function lastWords(day) {
  return day ? t('sheet.last_attended', { day: dayInWords(day) }) : t('sheet.never_attended');
}
