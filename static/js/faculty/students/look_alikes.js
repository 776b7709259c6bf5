// In a student's dialog: who looks like the student, that their codes are asked too, and removing the mark.

import { byId, make, setHidden, setText } from '../../lib/dom.js';
import { asProblem } from '../../logic/problems.js';
import { mayDecide } from '../../logic/faculty/rights.js';
import { alikeWords } from '../../logic/faculty/roster.js';
import { confirmThen, QUESTIONS } from '../confirm.js';
import { setOff } from '../../logic/names.js';

/**
 * `changed` is given the student as the server has it once a mark is gone.
 * @param {FacultyPage} page
 * @param {(student: Student) => void} changed
 */
export function createLookAlikes(page, changed) {
  const box = byId('student-alike');
  /** @type {Student | null} the student it is about */
  let shown = null;

  /** @param {Student} student */
  async function show(student) {
    shown = student;
    setHidden(box, true);
    if (student.alike.length === 0 || student.role === null) return;
    try {
      const { data } = await page.api.get(`${address(student)}/alike`);
      if (shown === student) render(student, data);
    } catch (error) {
      if (shown !== student) return;
      setText(byId('student-alike-text'), asProblem(error).detail);
      byId('student-alike-marks').replaceChildren();
      setHidden(box, false);
    }
  }

  /**
   * @param {Student} student
   * @param {LookAlikes} alike
   */
  function render(student, { students, code_issued: issued }) {
    setText(byId('student-alike-text'), alikeWords(student, students, issued));
    byId('student-alike-marks').replaceChildren(
      ...(mayDecide(student) ? students : []).map((other) => {
        const button = make('button', {
          className: 'btn',
          type: 'button',
          text: `Remove the mark with ${setOff(other.name)}`,
        });
        button.addEventListener('click', () => ask(student, other));
        return button;
      }),
    );
    setHidden(box, false);
  }

  /**
   * @param {Student} student
   * @param {StudentName} other
   */
  function ask(student, other) {
    confirmThen({
      ...QUESTIONS.tellApart(student, other),
      act: async () => {
        const { data } = await page.api.remove(`${address(student)}/alike/${encodeURIComponent(other.key)}`);
        await page.refresh();
        changed(data);
        page.said(`${setOff(student.name)} and ${setOff(other.name)} are not marked any more.`);
      },
    });
  }

  return { show };
}

/** @param {Student} student */
function address(student) {
  return `/students/${encodeURIComponent(student.key)}`;
}
