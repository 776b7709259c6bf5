// Adds a single student.

import { byId, make } from '../../lib/dom.js';
import { asProblem } from '../../logic/problems.js';
import { missingFields } from '../forms.js';
import { clearFaults, showFaults } from '../messages.js';
import { setOff } from '../../logic/names.js';

/** @param {FacultyPage} page */
export function createAddDialog(page) {
  const dialog = byId('add-dialog');
  const form = byId('add-form');
  const box = byId('add-summary');
  const fields = { student_id: byId('add-id'), name: byId('add-name'), email: byId('add-email') };

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    clearFaults(box, fields);
    const missing = missingFields(
      { student_id: fields.student_id, name: fields.name },
      { student_id: 'Type the student’s ID.', name: 'Type the student’s name.' },
    );
    if (missing) showFaults(box, missing, fields);
    else await save();
  });
  dialog.addEventListener('close', () => {
    form.reset();
    clearFaults(box, fields);
  });

  async function save() {
    byId('add-save').disabled = true;
    try {
      const email = fields.email.value.trim();
      const json = {
        student_id: fields.student_id.value.trim(),
        name: fields.name.value.trim(),
        ...(email ? { email } : {}),
      };
      const { data } = await page.api.post('/students', { json });
      page.dispatch({ type: 'student', student: data });
      dialog.close();
      page.said([`${setOff(data.name)} is on the list.`, ...(data.warnings ?? [])].join(' '));
    } catch (error) {
      const problem = asProblem(error);
      showFaults(box, problem, fields);
      if (problem.facts.removed && problem.facts.key) offerRestore(problem.facts.key);
    } finally {
      byId('add-save').disabled = false;
    }
  }

  /** @param {string} key */
  function offerRestore(key) {
    const button = make('button', { type: 'button', className: 'btn mt-3', text: 'Restore that student' });
    button.addEventListener('click', async () => {
      try {
        const { data } = await page.api.patch(`/students/${encodeURIComponent(key)}`, { removed: false });
        page.dispatch({ type: 'student', student: data });
        dialog.close();
        page.said(`${setOff(data.name)} is on the list again.`);
      } catch (error) {
        showFaults(box, error, fields);
      }
    });
    box.append(button);
  }
}
