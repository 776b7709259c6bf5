import assert from 'node:assert/strict';
import test from 'node:test';

import './support/english.js';
import { elementOf, everyPart } from './support/page.js';
import { serverAway } from '../../static/js/logic/problems.js';
import { createOwnCourses } from '../../static/js/own/own_courses.js';

const OWN = {
  student: { student_id: '002', name: 'Jane Smith' },
  courses: [
    {
      key: 'c',
      code: 'STAT110',
      title: 'Statistics',
      may_ask: true,
      percentage: {
        percent: null,
        formula: '',
        may_miss: null,
        counts: { present: 0, late: 0, excused: 0, absent: 1 },
      },
      classes: [{ key: 'm', title: 'Lecture', starts: '2026-10-12T10:00', ends: '', status: 'absent', planned: false }],
    },
  ],
  requests: [],
  asks: ['present', 'excused'],
  code_issued: null,
};

/** A student's courses, with what was sent; `post` answers requests. */
async function courses(box, post) {
  const sent = [];
  const said = [];
  const ended = [];
  const api = {
    get: async () => ({ data: OWN }),
    post: (...request) => {
      sent.push(request);
      return post();
    },
    async remove(...request) {
      sent.push(request);
      throw serverAway();
    },
  };
  const how = { api, texts: true, active() {}, ended: () => ended.push(true), said: (words) => said.push(words) };
  const own = createOwnCourses(box, how);
  await own.show('pass');
  return { own, sent, said, ended };
}

const find = (box, name) => everyPart(box).find((one) => name in (one.attributes ?? {}));
const textarea = (box) => everyPart(box).find((one) => one.attributes?.id === 'own-text');

async function typed(box, text) {
  await find(box, 'aria-expanded').happens('click');
  textarea(box).value = text;
  await textarea(box).happens('input');
}

test('the text of a request outlasts a failure, and is not left to another class', async () => {
  const box = elementOf('fails');
  const { sent } = await courses(box, async () => {
    throw serverAway();
  });
  await typed(box, 'I was there.');
  await find(box, 'data-asks').happens('click');
  assert.equal(textarea(box).value, 'I was there.');
  await find(box, 'data-asks').happens('click');
  assert.deepEqual(
    sent.map(([, { json }]) => json.text),
    ['I was there.', 'I was there.'],
  );
  await find(box, 'aria-expanded').happens('click');
  await find(box, 'aria-expanded').happens('click');
  assert.equal(textarea(box).value, '');
});

test('a request is sent once, however often it is pressed', async () => {
  const box = elementOf('twice');
  let answer = () => {};
  const { sent } = await courses(box, () => new Promise((done) => (answer = done)));
  await typed(box, '');
  const pressed = find(box, 'data-asks').happens('click');
  find(box, 'data-asks').happens('click');
  assert.equal(sent.length, 1);
  answer();
  await pressed;
});

test('what is cleared ends its pass on the server, and hears nothing of what it asked', async () => {
  const box = elementOf('clears');
  let refuse = () => {};
  const { own, sent, said, ended } = await courses(box, () => new Promise((_, fail) => (refuse = fail)));
  await typed(box, '');
  const pressed = find(box, 'data-asks').happens('click');
  own.clear();
  own.clear();
  assert.deepEqual(sent.slice(1), [['/own/pass', { secret: 'pass' }]]);
  refuse({ code: 'not_logged_in', detail: 'Your pass has ended.' });
  await pressed;
  assert.deepEqual([said, ended, box.children], [[], [], []]);
});
