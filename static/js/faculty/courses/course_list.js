// My courses; those that are archived come last.

import { byId, make, refill, setHidden } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { courseLine, courseTitle, nextWords } from '../../logic/faculty/courses.js';
import { addressOf, writePlace } from '../../logic/faculty/places.js';

/**
 * @param {FacultyPage} page
 */
export function createCourseList(page) {
  return {
    /**
     * Fetch the courses and show them, if they are still wanted then.
     * @param {() => boolean} wanted
     */
    async show(wanted) {
      /** @type {CourseOfList[]} */
      const all = (await page.api.get('/courses')).data.courses;
      if (!wanted()) return;
      const courses = all.toSorted((one, two) => Number(one.archived) - Number(two.archived));
      setHidden(byId('courses-none'), courses.length > 0);
      setHidden(byId('courses-list'), courses.length === 0);
      refill(byId('courses-list'), JSON.stringify(courses), () => courses.map(itemOf));
    },
  };
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
      make('p', {
        className: 'text-sm text-soft tabular',
        text: course.archived ? t('courses.archived') : nextWords(course),
      }),
    ]),
  ]);
}
