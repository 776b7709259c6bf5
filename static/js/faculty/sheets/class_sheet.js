// The sheet of a class: filled, or blank to be signed on paper.

import { make } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { statusWords } from '../../logic/faculty/meeting_register.js';
import { meetingTitle } from '../../logic/faculty/meetings.js';
import { sheetClassLine } from '../../logic/faculty/sheets.js';
import { sheetFoot, sheetHead, sheetTable, studentHeads, studentLine } from './sheet_parts.js';
import { setOff } from '../../logic/names.js';

/** Lines on a blank sheet for those whom the list does not name. */
const GUESTS = 4;

/** @param {ClassSheet} sheet */
export function filledSheet({ course, meeting, rows, evidence }) {
  const lines = rows.map(({ student, status }, place) =>
    studentLine(place + 1, student, [make('td', { text: statusWords(status) })]),
  );
  return [
    headOf(course, meeting),
    sheetTable('sheet-class', [...studentHeads(), t('register.status')], lines, t('sheet.students')),
    sheetFoot(evidence),
  ];
}

/** @param {ClassSheet} sheet */
export function blankSheet({ course, meeting, rows, evidence }) {
  const signed = () => make('td', { className: 'sheet-sign' });
  const lines = rows.map(({ student }, place) => studentLine(place + 1, student, [signed()]));
  const guests = Array.from({ length: GUESTS }, (_, place) => studentLine(rows.length + place + 1, null, [signed()]));
  return [
    headOf(course, meeting),
    sheetTable('sheet-blank', [...studentHeads(), t('sheet.signature')], [...lines, ...guests], t('sheet.students')),
    make('p', { className: 'sheet-signed', text: t('sheet.signed_by') }),
    sheetFoot(evidence),
  ];
}

/**
 * @param {SheetCourse} course
 * @param {SheetClass} meeting
 */
function headOf({ code, title, term }, meeting) {
  const subject = meetingTitle({ code, title: meeting.title });
  return sheetHead(subject, [`${setOff(title)} · ${setOff(term)}`, sheetClassLine(meeting)]);
}
