import assert from 'node:assert/strict';
import test from 'node:test';

import '../support/english.js';
import { elementOf, settled } from '../support/page.js';
import { createCourseList } from '../../../static/js/faculty/courses/course_list.js';
import { createCoursePlace } from '../../../static/js/faculty/courses/course_place.js';
import { addressOf } from '../../../static/js/logic/faculty/places.js';

const courseOf = (key) => ({ key, code: key, title: key, term: '', role: 'lecturer', staff: [], groups: [] });

/** The place of courses on a server whose answers come when the test says so. */
function courses() {
  const waiting = new Map();
  const asked = [];
  const get = (path) => {
    asked.push(path);
    return new Promise((answer) => {
      waiting.set(path, answer);
    });
  };
  const page = { api: { get }, me: { roles: ['lecturer'] } };
  const shown = [];
  const tab = { show: async ({ key }) => shown.push(key), leave() {} };
  const tabs = { classes: tab, attendance: tab, students: tab, rules: tab };
  const place = createCoursePlace(page, createCourseList(page), tabs);
  const answer = (path, data) => waiting.get(path)({ data });
  return { place, asked, shown, answer };
}

test('a late answer puts no other course in the place of the one that is shown', async () => {
  const { place, asked, shown, answer } = courses();
  place.show(addressOf('courses', { course: 'one', tab: 'classes' }));
  place.show(addressOf('courses', { course: 'two', tab: 'classes' }));
  answer('/courses/two', courseOf('two'));
  await settled();
  answer('/courses/one', courseOf('one'));
  await settled();
  assert.deepEqual(shown, ['two']);
  elementOf('course-staff').happens('click');
  assert.equal(asked.at(-1), '/courses/two/staff');
});

test('a list of courses that comes late is not shown under a course', async () => {
  const { place, answer } = courses();
  place.show(addressOf('courses'));
  place.show(addressOf('courses', { course: 'one', tab: 'classes' }));
  elementOf('courses-list').hidden = true;
  answer('/courses', { courses: [] });
  await settled();
  assert.equal(elementOf('courses-none').hidden, true);
  assert.equal(elementOf('courses-list').children.length, 0);
});
