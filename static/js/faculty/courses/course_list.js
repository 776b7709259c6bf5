// My courses, and making a new one.

import { byId, make, refill, setHidden } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { courseLine, courseTitle, nextWords } from '../../logic/faculty/courses.js';
import { addressOf, writePlace } from '../../logic/faculty/places.js';
import { Problem } from '../../logic/problems.js';
import { clearFaults, showFaults } from '../messages.js';

/**
 * @param {FacultyPage} page
 */
export function createCourseList(page) {
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

  byId('course-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    clearFaults(box, fields);
    try {
      throwIfMissing(fields);
      const { room, minutes, ...texts } = valuesOf(fields);
      const json = { ...texts, minutes: Number(minutes), room: room || null };
      const { data } = await page.api.post('/courses', { json });
      dialog.close();
      byId('course-form').reset();
      page.said(t('courses.made', { code: data.code }));
      await page.go(addressOf('courses', { course: data.key, tab: 'students' }));
    } catch (error) {
      showFaults(box, error, fields);
    }
  });
  dialog.addEventListener('close', () => clearFaults(box, fields));

  return {
    /** Fetch the courses and show them. */
    async show() {
      /** @type {CourseOfList[]} */
      const courses = (await page.api.get('/courses')).data.courses;
      setHidden(byId('courses-none'), courses.length > 0);
      setHidden(byId('courses-list'), courses.length === 0);
      refill(byId('courses-list'), JSON.stringify(courses), () => courses.map(itemOf));
    },
  };
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

/** @param {CourseOfList} course */
function itemOf(course) {
  const href = writePlace(addressOf('courses', { course: course.key, tab: 'classes' }));
  return make('li', { className: 'card entry' }, [
    make('div', { className: 'min-w-0' }, [
      make('h2', { className: 'leading-snug font-semibold break-words' }, [
        make('a', { href, text: courseTitle(course) }),
      ]),
      make('p', { className: 'mt-1 text-sm text-soft tabular', text: courseLine(course) }),
      make('p', { className: 'text-sm text-soft tabular', text: nextWords(course) }),
    ]),
  ]);
}
