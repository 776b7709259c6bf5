// Corrections of a student: another ID, names, an entry to merge, earlier names and IDs, and undoing the last one.

import { byId, make, setHidden } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { asProblem } from '../../logic/problems.js';
import { nameAndId } from '../../logic/names.js';
import { dayInWords } from '../../logic/time.js';
import { confirmThen } from '../confirm.js';
import { createMergeDialog } from '../merge_dialog.js';

/**
 * @param {FacultyPage} page
 * @param {(student: Student) => void} update shows a student who changed
 */
export function createCorrections(page, update) {
  const group = byId('student-corrections');
  /** @type {Student | null} */
  let shown = null;
  const merging = createMergeDialog(page, (merged, gone) => {
    page.dispatch({ type: 'gone', key: gone });
    page.dispatch({ type: 'student', student: merged });
    page.said(t('merge.done', { student: nameAndId(merged) }));
    if (shown?.key === merged.key) update(merged);
    else page.openStudent(merged);
  });

  group.addEventListener('toggle', () => {
    if (group.open && shown) load(shown);
  });
  byId('correct-merge').addEventListener('click', () => {
    if (shown) merging.open(shown);
  });

  /**
   * Show what is known of this student's corrections, once somebody looks: each look is in the audit trail.
   * @param {Student} student
   */
  function show(student) {
    const other = shown?.key !== student.key;
    shown = student;
    byId('edit-id').value = student.student_id;
    byId('edit-name').value = student.name;
    byId('edit-known-as').value = student.known_as;
    byId('edit-email').value = student.email ?? '';
    if (other) group.open = false;
    else if (group.open) load(student);
  }

  /** @param {Student} student */
  async function load(student) {
    const former = byId('correct-former');
    setHidden(byId('correct-busy'), false);
    try {
      const { data } = await page.api.get(`${address(student)}/corrections`);
      if (shown?.key === student.key) fill(student, data);
    } catch (error) {
      if (shown?.key !== student.key) return;
      former.replaceChildren(make('p', { text: asProblem(error).detail }));
      setHidden(former, false);
    } finally {
      if (shown?.key === student.key) setHidden(byId('correct-busy'), true);
    }
  }

  /**
   * @param {Student} student
   * @param {CorrectionsAnswer} known
   */
  function fill(student, { former, undo }) {
    const list = former.map((each) =>
      make('li', {
        className: 'wrap-anywhere',
        dir: 'auto',
        text: t('correct.until', { name: nameAndId(each), day: dayInWords(each.until_on) }),
      }),
    );
    const title = make('h3', { className: 'font-medium', text: t('correct.former') });
    const nothing = make('p', { className: 'text-sm text-soft', text: t('correct.no_former') });
    byId('correct-former').replaceChildren(
      title,
      list.length > 0 ? make('ul', { className: 'text-sm', role: 'list' }, list) : nothing,
    );
    setHidden(byId('correct-former'), false);
    const box = byId('correct-undo');
    setHidden(box, undo === null);
    box.replaceChildren(...(undo ? undoOf(student, undo) : []));
  }

  /**
   * @param {Student} student
   * @param {LastCorrection} last
   */
  function undoOf(student, last) {
    const said = t(`correct.undo_${last.what}`, {
      id: last.other_id ?? last.student_id,
      by: last.by,
      day: dayInWords(last.on),
    });
    const button = make('button', { type: 'button', className: 'btn mt-2', text: t('correct.undo') });
    button.addEventListener('click', () =>
      confirmThen({
        title: t('correct.undo_sure'),
        words: t(`correct.undo_${last.what}_words`, { id: last.other_id ?? last.student_id }),
        yes: t('correct.undo'),
        danger: false,
        act: async () => {
          const { data } = await page.api.post(`${address(student)}/corrections/undo`);
          if (data.other) page.dispatch({ type: 'student', student: data.other });
          update(data.student);
          page.said(t('correct.undone'));
        },
      }),
    );
    return [make('p', { className: 'wrap-anywhere', dir: 'auto', text: said }), button];
  }

  return { show };
}

/** @param {Student} student */
function address(student) {
  return `/students/${encodeURIComponent(student.key)}`;
}
