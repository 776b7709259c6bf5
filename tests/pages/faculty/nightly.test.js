import assert from 'node:assert/strict';
import test from 'node:test';

import {
  nightlyFacts,
  nightlyLeaving,
  nightlyOpen,
  nightlyWarnings,
} from '../../../static/js/logic/faculty/roster_plan.js';
import '../support/english.js';

const NOTHING = {
  applied: false,
  digest: '',
  asks: false,
  added: 0,
  updated: 0,
  restored: 0,
  new_courses: 0,
  changed_courses: 0,
  joining: 0,
  moving: 0,
  leaving: 0,
  new_staff: 0,
  left_out: 0,
  courses: [],
  handed: [],
  damaged: [],
  warnings: [],
};

test('each number that is not zero is a sentence', () => {
  assert.deepEqual(nightlyFacts({ ...NOTHING, new_courses: 1, joining: 20 }), [
    '1 course is new.',
    '20 students join a course.',
  ]);
  assert.deepEqual(nightlyFacts(NOTHING), ['Nothing. The site already matches the file.']);
});

test('who leaves is named by course, and those beyond the answer are counted', () => {
  const course = { code: 'A', term: 'T', leaving: 2, of: 9, leaving_students: [{ student_id: '007', name: 'Ann' }] };
  const [left, ...none] = nightlyLeaving({ ...NOTHING, courses: [course, { ...course, leaving: 0 }] });
  assert.equal(left.title, 'A (T): 2 of 9 students leave');
  assert.equal(left.names.length, 2);
  assert.match(left.names[0], /Ann.*007/);
  assert.deepEqual(none, []);
});

test('lines are named with their file, and what stops it with who it is about', () => {
  const warnings = [
    { file: 'users.csv', line: 3, message: 'M.' },
    { file: 'courses.csv', line: 0, message: 'N.' },
  ];
  assert.deepEqual(nightlyWarnings({ ...NOTHING, warnings }), ['users.csv, line 3: M.', 'courses.csv: N.']);
  const handed = [{ student_id: '1', name: 'Tom', before: 'Ann', line: 2, key: 'k', face: false }];
  const damaged = [{ student_id: '2', name: 'Bo', listed: '002', why: 'W.', line: 3 }];
  assert.deepEqual(nightlyOpen({ ...NOTHING, handed, damaged }), [
    'The ID 1 is Ann’s, and Tom’s in the file.',
    '2, Bo, is listed as 002. W.',
  ]);
});
