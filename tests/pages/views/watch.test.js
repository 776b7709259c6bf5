import assert from 'node:assert/strict';
import test from 'node:test';

import '../support/english.js';
import { settled } from '../support/page.js';
import { createTodayPlace } from '../../../static/js/faculty/today/today_place.js';
import { createWatch } from '../../../static/js/faculty/watch.js';
import { Problem } from '../../../static/js/logic/problems.js';

/** A look whose answer comes when the test says so. */
function slowLook() {
  const wanted = [];
  const answers = [];
  const look = (still) => {
    wanted.push(still);
    return new Promise((answer, refuse) => {
      answers.push({ answer, refuse });
    });
  };
  return { look, wanted, answers };
}

test('a look is told whether its answer is still wanted', async () => {
  const { look, wanted, answers } = slowLook();
  const watch = createWatch(look, assert.fail);
  watch.start();
  watch.now();
  assert.deepEqual([wanted[0](), wanted[1]()], [false, true]);
  watch.stop();
  assert.equal(wanted[1](), false);
  answers[1].refuse(new Problem({ code: 'forbidden', detail: '', status: 403 }));
  await settled();
});

test('nothing is looked at before it is watched, and nothing after', async () => {
  const { look, wanted } = slowLook();
  const watch = createWatch(look, assert.fail);
  await watch.now();
  watch.start();
  watch.stop();
  await watch.now();
  assert.equal(wanted.length, 1);
});

/** Today with two classes of which the second is asked for while the first answer is under way. */
function today() {
  const waiting = [];
  const shown = [];
  const get = (path) =>
    new Promise((answer) => {
      const data = path === '/today' ? { date: '2026-10-12', meetings: [] } : { courses: [] };
      waiting.push(() => answer({ data }));
    });
  const place = createTodayPlace({ api: { get } }, { show: (key) => shown.push(key) });
  return { place, shown, answer: () => waiting.splice(0).forEach((each) => each()) };
}

test('an answer after somebody left Today opens no register', async () => {
  const { place, shown, answer } = today();
  place.show({ meeting: 'm1' });
  place.leave();
  assert.deepEqual(shown, ['m1', null]);
  answer();
  await settled();
  assert.deepEqual(shown, ['m1', null]);
});

test('a class that changes under Courses opens no register of Today', async () => {
  const { place, shown, answer } = today();
  await Promise.race([place.refresh(), settled()]);
  answer();
  await settled();
  assert.deepEqual(shown, []);
});
