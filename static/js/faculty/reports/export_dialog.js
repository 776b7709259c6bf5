// Downloads registers, of one course from its attendance or of several from the reports; and the lists of students.

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
  const choices = byId('export-form');
  /** @type {Pick<Course, 'key' | 'code' | 'title'> | null} null: several */
  let course = null;
  /** whether it is about students, and not about their attendance */
  let ofStudents = false;

  /**
   * @param {Pick<Course, 'key' | 'code' | 'title'> | null} of
   * @param {boolean} [students]
   */
  function opening(of, students = false) {
    course = of;
    ofStudents = students;
    setText(byId('export-title'), t(students ? 'export.students_title' : 'export.title'));
    setText(byId('export-what'), t(students ? 'export.students_what' : 'export.what'));
    problem('');
    setText(byId('export-line'), of ? courseTitle(of) : '');
    setHidden(byId('export-line'), of === null);
    setHidden(byId('export-shape'), of === null || students);
    setHidden(byId('export-which'), of !== null || students);
    setHidden(byId('export-busy'), true);
    if (of === null && !students) listCourses();
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
    const chosen = new FormData(choices);
    setHidden(byId('export-separators'), chosen.get('file') !== 'csv');
    setHidden(byId('export-list'), chosen.get('which') !== 'some');
  }

  async function download() {
    problem('');
    const chosen = new FormData(choices);
    const file = String(chosen.get('file'));
    const courses = chosen.get('which') === 'some' ? chosen.getAll('course').join(',') : '';
    if (!course && !ofStudents && chosen.get('which') === 'some' && courses === '') {
      problem(t('export.choose_one'));
      return;
    }
    setHidden(byId('export-busy'), false);
    try {
      const separator = file === 'csv' ? String(chosen.get('separator')) : '';
      const shape = String(chosen.get('form'));
      const { data, headers } = await got(file, { form: shape, separator, courses });
      saveFile(data, fileNameOf(headers.get('Content-Disposition')) ?? `export.${file}`);
      dialog.close();
      page.said(t('export.done'));
    } catch (error) {
      problem(asProblem(error).detail);
    }
    setHidden(byId('export-busy'), true);
  }

  /**
   * @param {string} file the ending
   * @param {{ form: string, separator: string, courses: string }} chosen
   */
  function got(file, { form, separator, courses }) {
    const get = (/** @type {string} */ path, /** @type {Record<string, string>} */ query) =>
      page.api.get(path, { query, as: 'blob', timeout: TIMEOUT_MS });
    if (ofStudents) return get(`/roster.${file}`, { course: course?.key ?? '', separator });
    if (course) return get(`/courses/${encodeURIComponent(course.key)}/register.${file}`, { form, separator });
    return get(`/reports/registers.${file}`, { courses, separator });
  }

  /** @param {string} sentence */
  function problem(sentence) {
    setText(byId('export-problem'), sentence);
    setHidden(byId('export-problem'), sentence === '');
  }

  choices.addEventListener('change', choose);
  choices.addEventListener('submit', (event) => {
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
    /** @param {Pick<Course, 'key' | 'code' | 'title'> | null} of null: the site */
    openStudents(of) {
      dialog.showModal();
      opening(of, true);
    },
  };
}
