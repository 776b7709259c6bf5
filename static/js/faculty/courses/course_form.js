// A course's own fields: a new course, or one that is changed, archived or restored.

import { byId, setHidden, setText } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { addressOf } from '../../logic/faculty/places.js';
import { Problem } from '../../logic/problems.js';
import { confirmThen } from '../confirm.js';
import { clearFaults, showFaults } from '../messages.js';

/**
 * `saved` is told when the course that was looked at has changed.
 * @param {FacultyPage} page
 * @param {{ course: () => Course | null, saved: () => Promise<void> }} site
 */
export function wireCourseForm(page, { course, saved }) {
  const dialog = byId('course-dialog');
  const box = byId('course-summary');
  const fields = {
    code: byId('course-code'),
    title: byId('course-name'),
    term: byId('course-term'),
    first_day: byId('course-first'),
    last_day: byId('course-last'),
    minutes: byId('course-minutes'),
    room: byId('course-room'),
  };
  /** @type {Course | null} the course that is changed; null for a new one */
  let changing = null;

  byId('course-new').addEventListener('click', () => {
    byId('course-form').reset();
    open(null);
  });
  byId('course-edit').addEventListener('click', () => {
    const known = course();
    if (!known) return;
    for (const [name, input] of Object.entries(fields)) {
      input.value = String(known[/** @type {keyof typeof fields} */ (name)] ?? '');
    }
    byId('course-faces').checked = known.faces;
    open(known);
  });

  /** @param {Course | null} known */
  function open(known) {
    changing = known;
    setText(byId('course-dialog-title'), t(known ? 'courses.edit_title' : 'courses.new'));
    setText(byId('course-save'), t(known ? 'courses.save' : 'courses.make'));
    setHidden(byId('course-archive'), !known);
    setText(byId('course-archive'), t(known?.archived ? 'courses.bring_back' : 'courses.archive'));
    dialog.showModal();
  }

  byId('course-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    clearFaults(box, fields);
    try {
      throwIfMissing(fields);
      const { room, minutes, ...texts } = valuesOf(fields);
      const faces = byId('course-faces').checked;
      if (changing) await change({ ...texts, minutes: Number(minutes), room, faces });
      else await make({ ...texts, minutes: Number(minutes), room: room || null, faces });
    } catch (error) {
      showFaults(box, error, fields);
    }
  });

  /** @param {Record<string, unknown>} json */
  async function make(json) {
    const { data } = await page.api.post('/courses', { json });
    dialog.close();
    page.said(t('courses.made', { code: data.code }));
    await page.askRights();
    await page.go(addressOf('courses', { course: data.key, tab: 'students' }));
  }

  /** @param {Record<string, unknown>} json */
  async function change(json) {
    if (!changing) return;
    const { data } = await page.api.patch(`/courses/${encodeURIComponent(changing.key)}`, json);
    dialog.close();
    page.said(t('courses.changed', { code: data.code }));
    await saved();
  }

  byId('course-archive').addEventListener('click', async () => {
    const known = changing;
    if (!known) return;
    dialog.close();
    if (known.archived) {
      await change({ archived: false }).catch((error) => page.wentWrong(t('courses.not_changed'), error));
      return;
    }
    confirmThen({
      title: t('courses.archive_title', { code: known.code }),
      goes: t('courses.archive_goes'),
      stays: t('courses.archive_stays'),
      yes: t('courses.archive'),
      act: () => change({ archived: true }),
    });
  });
  dialog.addEventListener('close', () => clearFaults(box, fields));
}

/** @param {Record<string, HTMLInputElement>} fields */
function valuesOf(fields) {
  return Object.fromEntries(Object.entries(fields).map(([name, input]) => [name, input.value.trim()]));
}

/** @param {Record<string, HTMLInputElement>} fields */
function throwIfMissing(fields) {
  /** @type {Record<string, string>} */
  const words = {
    code: t('courses.missing_code'),
    title: t('courses.missing_title'),
    first_day: t('courses.missing_day'),
    last_day: t('courses.missing_day'),
  };
  const errors = Object.keys(words)
    .filter((field) => fields[field].value.trim() === '')
    .map((field) => ({ field, message: words[field] }));
  if (errors.length > 0) throw new Problem({ code: 'invalid_input', detail: '', errors });
}
