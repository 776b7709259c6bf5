// Students who registered at a kiosk and wait for a lecturer to confirm who they are.

import { byId, make, refill, setHidden } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { mayAssist } from '../../logic/faculty/rights.js';
import { asProblem } from '../../logic/problems.js';
import { confirmThen, QUESTIONS } from '../confirm.js';
import { wentWrong } from '../messages.js';
import { returnFocus } from '../focus_return.js';
import { setOff } from '../../logic/names.js';

/** @param {FacultyPage} page */
export function createRequests(page) {
  /** @param {Student[]} students */
  function render(students) {
    const waiting = students.filter(isWaiting);
    setHidden(byId('requests'), waiting.length === 0);
    const signature = JSON.stringify(
      waiting.map(({ key, name, registered, waiting: request }) => [key, name, registered, request]),
    );
    refill(byId('requests-list'), signature, () => waiting.map(itemOf));
  }

  /** @param {WaitingStudent} student */
  function itemOf(student) {
    const { number, kiosk, local_time: time, without_turning: straight } = student.waiting;
    const looking = straight ? ` · ${t('student_acts.straight_only')}` : '';
    const replaces = student.registered ? ' · replaces the registered face' : '';
    return make('li', { className: 'flex flex-wrap items-center gap-x-5 gap-y-3 py-3' }, [
      make('span', {
        className: 'rounded-control bg-sunk px-3 py-1.5 font-mono text-xl font-semibold tracking-widest tabular',
        text: number,
      }),
      make('span', { className: 'min-w-40 flex-1' }, [
        make('span', { className: 'block font-medium break-words', text: student.name, dir: 'auto', translate: 'no' }),
        make('span', {
          className: 'block text-sm text-soft break-words',
          text: `${setOff(student.student_id)} · at ${kiosk}, ${time}${looking}${replaces}`,
        }),
      ]),
      make('span', { className: 'flex gap-2' }, [
        button('Accept…', 'btn btn-primary', student, () => accept(student)),
        button('Decline', 'btn', student, () => decline(student)),
      ]),
    ]);
  }

  /** @param {WaitingStudent} student */
  function accept(student) {
    confirmThen({
      ...QUESTIONS.acceptRequest(student),
      async act() {
        const other = await sent(student, false);
        if (other) setTimeout(() => acceptAllTheSame(student, other)); // once this question is closed
      },
    });
  }

  /**
   * @param {WaitingStudent} student
   * @param {StudentName} other
   */
  function acceptAllTheSame(student, other) {
    confirmThen({
      ...QUESTIONS.faceOfAnother(student, other),
      title: 'Is this the right person?',
      act: () => sent(student, true),
    });
  }

  /**
   * Resolves to whose face it is already, where the server asks about that.
   * @param {WaitingStudent} student
   * @param {boolean} confirmOther
   * @returns {Promise<StudentName | null>}
   */
  async function sent(student, confirmOther) {
    try {
      const json = { id: student.waiting.id, confirm_other: confirmOther };
      const { data } = await page.api.post(`${address(student)}/self-registration`, { json });
      page.dispatch({ type: 'student', student: data.student });
      page.said(`${setOff(student.name)} is registered.`);
      return null;
    } catch (error) {
      const refused = asProblem(error);
      if (refused.code !== 'face_of_another') throw refused;
      return refused.facts.other;
    }
  }

  /** @param {WaitingStudent} student */
  async function decline(student) {
    try {
      const { data } = await page.api.remove(
        `${address(student)}/self-registration?id=${encodeURIComponent(student.waiting.id)}`,
      );
      page.dispatch({ type: 'student', student: data });
      page.said(`The request of ${setOff(student.name)} is declined, and the face erased.`);
      returnFocus();
    } catch (error) {
      wentWrong('The request was not declined', error);
    }
  }

  return { render };
}

/**
 * Whether the student waits, and this account may answer.
 * @param {Student} student
 * @returns {student is WaitingStudent}
 */
function isWaiting(student) {
  return student.waiting !== null && mayAssist(student);
}

/** @param {Student} student */
function address({ key }) {
  return `/students/${encodeURIComponent(key)}`;
}

/**
 * @param {string} text
 * @param {string} className
 * @param {Student} student
 * @param {() => void} act
 */
function button(text, className, student, act) {
  const made = make('button', { type: 'button', className, text }, [
    make('span', { className: 'sr-only', text: ` ${setOff(student.name)}` }),
  ]);
  made.addEventListener('click', act);
  return made;
}
