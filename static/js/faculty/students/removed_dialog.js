// The students who were removed from the list, and their way back.

import { byId, make, setHidden, setText, whileBusy } from '../../lib/dom.js';
import { asProblem } from '../../logic/problems.js';
import { everyStudent } from './roster_source.js';
import { setOff } from '../../logic/names.js';

/** @param {FacultyPage} page */
export function createRemovedDialog(page) {
  const list = byId('removed-list');

  async function opening() {
    setHidden(byId('removed-busy'), false);
    setHidden(byId('removed-empty'), true);
    setHidden(list, true);
    problem('');
    try {
      const { students } = await everyStudent(page.api, { removed: '1' });
      show(students.filter((student) => student.removed));
    } catch (error) {
      problem(asProblem(error).detail);
    } finally {
      setHidden(byId('removed-busy'), true);
    }
  }

  /** @param {Student[]} students */
  function show(students) {
    setHidden(byId('removed-empty'), students.length > 0);
    setHidden(list, students.length === 0);
    list.replaceChildren(...students.map(itemOf));
  }

  /** @param {Student} student */
  function itemOf(student) {
    const button = make('button', { type: 'button', className: 'btn', text: 'Restore' });
    button.append(make('span', { className: 'sr-only', text: ` ${setOff(student.name)}` }));
    button.addEventListener('click', () => whileBusy(button, () => restore(student)));
    return make('li', { className: 'flex items-center justify-between gap-4 px-4 py-3' }, [
      make('span', { className: 'min-w-0' }, [
        make('span', { className: 'block font-medium break-words', text: student.name, dir: 'auto', translate: 'no' }),
        make('span', {
          className: 'block font-mono text-sm text-soft break-all',
          text: student.student_id,
          dir: 'auto',
          translate: 'no',
        }),
      ]),
      button,
    ]);
  }

  /** @param {Student} student */
  async function restore(student) {
    try {
      const { data } = await page.api.patch(`/students/${encodeURIComponent(student.key)}`, { removed: false });
      page.dispatch({ type: 'student', student: data });
      page.quietly(`${setOff(student.name)} is on the list again.`);
      await opening();
      byId('removed-title').focus();
    } catch (error) {
      problem(asProblem(error).detail);
    }
  }

  /** @param {string} sentence */
  function problem(sentence) {
    setText(byId('removed-problem'), sentence);
    setHidden(byId('removed-problem'), sentence === '');
  }

  return { opening };
}
