// Asks before something is lost: what changes, what stays, and a button that says what it does.

import { byId, setAttribute, setHidden, setText } from '../lib/dom.js';
import { createTurns } from '../lib/turns.js';
import { nameAndId, setOff } from '../logic/names.js';
import { asProblem } from '../logic/problems.js';
import { returnFocus } from './focus_return.js';
import { wentWrong } from './messages.js';

const questions = createTurns();

/**
 * @typedef {{
 *   title: string,
 *   words?: string,
 *   goes?: string | null,
 *   stays?: string,
 *   yes: string,
 *   danger?: boolean,
 *   also?: string | null,
 *   reason?: string | null,
 *   day?: string | null,
 * }} Question `goes` is what changes, `words` what is neither, `also` more of the same that can be asked for with it,
 *   `reason` labels the field for a reason that must be given, `day` that for a day that may be
 */

/**
 * Shows the dialog and runs `act` when confirmed; it stays open, with the reason, while `act` does not succeed.
 * @param {Question & { act: (also: boolean, reason: string, day: string) => Promise<unknown> | void }} question
 */
export function confirmThen({
  title,
  words,
  goes,
  stays,
  yes,
  act,
  danger = true,
  also = null,
  reason = null,
  day = null,
}) {
  const dialog = byId('confirm');
  const sure = byId('confirm-yes');
  setText(byId('confirm-title'), title);
  setText(byId('confirm-words'), words ?? '');
  setHidden(byId('confirm-words'), !words);
  fill('confirm-goes', goes);
  fill('confirm-stays', stays);
  byId('confirm-also').checked = false;
  setHidden(byId('confirm-also-choice'), also === null);
  setText(byId('confirm-also-text'), also ?? '');
  byId('confirm-reason').value = '';
  setHidden(byId('confirm-reason-field'), reason === null);
  setText(byId('confirm-reason-label'), reason ?? '');
  byId('confirm-day').value = '';
  setHidden(byId('confirm-day-field'), day === null);
  setText(byId('confirm-day-label'), day ?? '');
  setHidden(byId('confirm-problem'), true);
  setText(sure, yes);
  sure.className = danger ? 'btn btn-danger' : 'btn btn-primary';
  setAttribute(sure, 'aria-disabled', null); // the question before may still be acting
  sure.onclick = answering({ title, yes, act });
  byId('confirm-no').onclick = () => dialog.close();
  dialog.onclose = () => {
    if (!dialog.open) questions.end();
    returnFocus();
  };
  dialog.showModal();
  byId('confirm-no').focus();
}

/**
 * What Yes does, once. A question that was closed meanwhile leaves the dialog to the next one, and what went wrong to the
 * page.
 * @param {{ title: string, yes: string, act: (also: boolean, reason: string, day: string) => Promise<unknown> | void }}
 *   question
 */
function answering({ title, yes, act }) {
  const sure = byId('confirm-yes');
  const wanted = questions.take();
  let acting = false;
  return async () => {
    if (acting) return;
    acting = true;
    setAttribute(sure, 'aria-disabled', 'true');
    setText(sure, 'One moment…');
    try {
      await act(byId('confirm-also').checked, byId('confirm-reason').value.trim(), byId('confirm-day').value);
      if (wanted()) byId('confirm').close();
    } catch (error) {
      if (wanted()) {
        setText(byId('confirm-problem'), asProblem(error).detail);
        setHidden(byId('confirm-problem'), false);
      } else wentWrong(title, error);
    } finally {
      acting = false;
      if (wanted()) {
        setAttribute(sure, 'aria-disabled', null);
        setText(sure, yes);
      }
    }
  };
}

/**
 * @param {'confirm-goes' | 'confirm-stays'} id
 * @param {string | null} [sentence]
 */
function fill(id, sentence) {
  setHidden(byId(id), !sentence);
  setText(/** @type {Element} */ (byId(id).querySelector('span span')), sentence ?? '');
}

const STAYS_ON_LIST = 'The student stays on the list, with all attendance.';

export const QUESTIONS = {
  cancelCheckIn: (/** @type {StudentName} */ student) => ({
    title: `Cancel today’s check-in of ${setOff(student.name)}?`,
    goes: `${setOff(student.name)} is no longer counted as present.`,
    stays: 'The check-in stays in the record, marked as cancelled. Nothing is deleted.',
    yes: 'Cancel the check-in',
  }),
  removeFace: (/** @type {StudentName} */ student) => ({
    title: `Erase the face of ${setOff(student.name)}?`,
    goes: 'The stored face is erased at once. Checking in by face works again once a face is registered again.',
    stays: STAYS_ON_LIST,
    yes: 'Erase the face',
  }),
  withdraw: (/** @type {StudentName} */ student) => ({
    title: `Withdraw the consent of ${setOff(student.name)}?`,
    goes: 'The stored face is erased at once. Checking in by face needs a new consent and a new registration.',
    stays: `${STAYS_ON_LIST} The record says that the consent was withdrawn, and when.`,
    yes: 'Withdraw and erase the face',
  }),
  acceptRequest: (/** @type {WaitingStudent} */ student) => ({
    title: `Is it really ${nameAndId(student)}?`,
    goes: student.registered ? 'It replaces the face registered before.' : null,
    words:
      `Say yes only if you know the student, who tells you the number ${student.waiting.number}. The face and the consent given at `
      + 'the kiosk are then recorded.',
    yes: 'Yes, register',
    danger: false,
  }),
  remove: (/** @type {StudentName} */ student) => ({
    title: `Remove ${setOff(student.name)} from the list?`,
    goes: 'The stored face is erased, and the student leaves the list.',
    stays: 'Name, ID and all attendance stay in the reports. “Removed students” can restore the student.',
    yes: 'Remove from the list',
  }),
  erase: (/** @type {StudentName} */ student) => ({
    title: `Erase everything about ${setOff(student.name)}?`,
    goes: `Name, ID ${setOff(student.student_id)}, email address, face, reasons, notes and requests are erased for good. This cannot be undone.`,
    stays:
      'The rows of the attendance log stay, but no longer say whose they were. The reason stays in the audit trail.',
    reason: 'Reason (don’t name the student)',
    yes: 'Erase for good',
  }),
  renewCode: (/** @type {StudentName} */ student) => ({
    title: `Make a new personal code for ${setOff(student.name)}?`,
    goes: 'The student’s present code stops working at once.',
    stays: 'Name, face and all attendance.',
    yes: 'Make a new code',
    danger: false,
  }),
  revokeKiosk: (/** @type {Kiosk} */ kiosk) => ({
    title: `Revoke ${setOff(kiosk.name)}?`,
    goes: 'This kiosk can’t check anybody in from now on. It asks to be paired again.',
    stays: 'All check-ins that were made there.',
    yes: 'Revoke',
  }),
  faceOfAnother: (/** @type {StudentName} */ student, /** @type {StudentName} */ other) => ({
    title: 'Is this the right photo?',
    words:
      `This face is already registered to ${nameAndId(other)}. If ${setOff(student.name)} is somebody else who looks alike, `
      + 'register it: from then on both type their personal code, too, when they check in by face.',
    yes: 'They are two people: register',
  }),
  tellApart: (/** @type {StudentName} */ student, /** @type {StudentName} */ other) => ({
    title: `Tell ${setOff(student.name)} and ${setOff(other.name)} apart by their faces alone?`,
    goes: 'The mark is removed. Their personal codes are no longer asked for after a check-in by face.',
    stays: 'Both faces, and both codes.',
    yes: 'Remove the mark',
    danger: false,
  }),
};
