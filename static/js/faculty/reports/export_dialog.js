// Downloads registers: of one course from its attendance, or of several from the reports.

import { byId, make, saveFile, setHidden, setText, whileBusy } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { courseTitle, mayTeach } from '../../logic/faculty/courses.js';
import { fileNameOf } from '../../logic/download.js';
import { asProblem } from '../../logic/problems.js';
import { setOff } from '../../logic/names.js';

const TIMEOUT_MS = 600000; // all courses of a large site take minutes

/** @param {FacultyPage} page */
export function createExportDialog(page) {
  const dialog = byId('export-dialog');
  const form = byId('export-form');
  /** @type {Pick<Course, 'key' | 'code' | 'title'> | null} null: several */
  let course = null;

  /** @param {Pick<Course, 'key' | 'code' | 'title'> | null} of */
  function opening(of) {
    course = of;
    problem('');
    setText(byId('export-line'), of ? courseTitle(of) : '');
    setHidden(byId('export-line'), of === null);
    setHidden(byId('export-shape'), of === null);
    setHidden(byId('export-which'), of !== null);
    setHidden(byId('export-busy'), true);
    if (of === null) listCourses();
    choose();
  }

  async function listCourses() {
    byId('export-list').replaceChildren();
    try {
      /** @type {{ courses: CourseOfList[] }} */
      const { courses } = (await page.api.get('/courses')).data;
      const own = courses.filter((one) => mayTeach(one, page.me?.roles ?? []));
      byId('export-list').replaceChildren(...own.map(choiceOf));
    } catch (error) {
      problem(asProblem(error).detail);
    }
  }

  /** @param {CourseOfList} one */
  function choiceOf(one) {
    const box = make('input', { type: 'checkbox', name: 'course', value: one.key, className: 'size-5 accent-brand' });
    const title = make('span', {
      className: 'min-w-0 wrap-anywhere',
      text: `${courseTitle(one)} · ${setOff(one.term)}`,
    });
    return make('li', {}, [make('label', { className: 'flex min-h-11 items-center gap-3 px-3' }, [box, title])]);
  }

  /** Show what belongs to the choices made. */
  function choose() {
    const chosen = new FormData(form);
    setHidden(byId('export-separators'), chosen.get('file') !== 'csv');
    setHidden(byId('export-list'), chosen.get('which') !== 'some');
  }

  async function download() {
    problem('');
    const chosen = new FormData(form);
    const file = String(chosen.get('file'));
    const courses = chosen.get('which') === 'some' ? chosen.getAll('course').join(',') : '';
    if (!course && chosen.get('which') === 'some' && courses === '') {
      problem(t('export.choose_one'));
      return;
    }
    setHidden(byId('export-busy'), false);
    try {
      const separator = file === 'csv' ? String(chosen.get('separator')) : '';
      const shape = String(chosen.get('form'));
      const { data, headers } = course
        ? await got(`/courses/${encodeURIComponent(course.key)}/register.${file}`, { form: shape, separator })
        : await got(`/reports/registers.${file}`, { courses, separator });
      saveFile(data, fileNameOf(headers.get('Content-Disposition')) ?? `register.${file}`);
      dialog.close();
      page.said(t('export.done'));
    } catch (error) {
      problem(asProblem(error).detail);
    }
    setHidden(byId('export-busy'), true);
  }

  /**
   * @param {string} path
   * @param {Record<string, string>} query
   */
  function got(path, query) {
    return page.api.get(path, { query, as: 'blob', timeout: TIMEOUT_MS });
  }

  /** @param {string} sentence */
  function problem(sentence) {
    setText(byId('export-problem'), sentence);
    setHidden(byId('export-problem'), sentence === '');
  }

  form.addEventListener('change', choose);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    whileBusy(byId('export-get'), download);
  });

  return {
    opening,
    /** @param {Pick<Course, 'key' | 'code' | 'title'>} of */
    open(of) {
      dialog.showModal();
      opening(of);
    },
  };
}
