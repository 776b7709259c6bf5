// Courses: the list of mine, or one of them with what its address names of it.

import { byId, everyElement, setAttribute, setHidden, setText } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { courseLine, courseTitle, mayTeach } from '../../logic/faculty/courses.js';
import { addressOf, writePlace } from '../../logic/faculty/places.js';
import { asProblem } from '../../logic/problems.js';
import { wireCourseForm } from './course_form.js';
import { wireStaffDialog } from './staff_dialog.js';

/**
 * `tabs` show what a course is asked for, and stop when they are left.
 * @param {FacultyPage} page
 * @param {{ show: (wanted: () => boolean) => Promise<void> }} list
 * @param {Record<CourseTab, CourseTabView>} tabs
 * @returns {WatchedPlace}
 */
export function createCoursePlace(page, list, tabs) {
  /** @type {PlaceAddress | null} */
  let here = null;
  /** @type {Course | null} */
  let course = null;

  /** @param {PlaceAddress} address */
  async function show(address) {
    here = address;
    if (course?.key !== address.course) course = null;
    render(address);
    try {
      const shown = address.course === null ? null : await courseOf(address.course);
      if (here !== address) return;
      course = shown;
      if (shown === null) await list.show(() => here === address);
      if (here !== address) return;
      render(address);
      setHidden(byId('courses-loading'), true);
      if (course && address.tab) await tabs[address.tab].show(course, address);
    } catch (error) {
      if (here === address) failed(error);
    }
  }

  /** @param {PlaceAddress} address */
  function render({ course: key, tab }) {
    const one = key !== null;
    setText(byId('courses-title'), titleOf(one));
    setHidden(byId('course-up'), !one);
    setHidden(byId('course-new'), one);
    renderHead();
    setHidden(byId('course-tabs'), !one);
    setHidden(byId('courses-problem'), true);
    setHidden(byId('courses-loading'), one && course !== null);
    if (one) for (const id of /** @type {const} */ (['courses-list', 'courses-none'])) setHidden(byId(id), true);
    for (const element of everyElement('[data-tab]')) setHidden(element, !course || element.dataset.tab !== tab);
    for (const link of everyElement('[data-course-tab]')) {
      const named = /** @type {CourseTab} */ (link.dataset.courseTab);
      link.setAttribute('href', writePlace(addressOf('courses', { course: key, tab: named })));
      setAttribute(link, 'aria-current', named === tab ? 'page' : null);
    }
    for (const [name, view] of Object.entries(tabs)) if (!one || name !== tab) view.leave();
  }

  /**
   * @param {string} key
   * @returns {Promise<Course>}
   */
  async function courseOf(key) {
    return (await page.api.get(`/courses/${encodeURIComponent(key)}`)).data;
  }

  /** What the course is, and what can be done with it as a whole. */
  function renderHead() {
    const line = course ? [courseLine(course), course.archived ? t('courses.archived') : ''] : [];
    setText(byId('course-line'), line.filter(Boolean).join(' · '));
    setHidden(byId('course-line'), !course);
    setHidden(byId('course-staff'), !course);
    setHidden(byId('course-edit'), !course || !mayTeach(course, page.me?.roles ?? []));
  }

  /** @param {boolean} one */
  function titleOf(one) {
    if (!one) return t('places.courses');
    return course ? courseTitle(course) : t('today.course');
  }

  /** @param {unknown} error */
  function failed(error) {
    setHidden(byId('courses-loading'), true);
    setText(byId('courses-problem'), `${t('course.not_found')}. ${asProblem(error).detail}`);
    setHidden(byId('courses-problem'), false);
  }

  async function refresh() {
    if (here) await show(here);
  }

  wireCourseForm(page, { course: () => course, saved: refresh });
  wireStaffDialog(page, () => course);

  return {
    show,
    leave() {
      here = null;
      for (const view of Object.values(tabs)) view.leave();
    },
    refresh,
  };
}
