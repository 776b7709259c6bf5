import assert from 'node:assert/strict';
import test from 'node:test';

import { elementOf, settled } from '../support/page.js';
import { confirmThen } from '../../../static/js/faculty/confirm.js';
import { Problem } from '../../../static/js/logic/problems.js';

const dialog = elementOf('confirm');
const yes = elementOf('confirm-yes');

/** A question whose act ends when the test says so. */
function asked(title) {
  const question = { title, yes: title, acts: 0 };
  const act = () => {
    question.acts += 1;
    return new Promise((end, fail) => {
      Object.assign(question, { end, fail });
    });
  };
  confirmThen({ title, yes: title, act });
  return question;
}

test('a question closes once it has acted, and acts once', async () => {
  const question = asked('Close?');
  yes.onclick();
  yes.onclick();
  assert.deepEqual([question.acts, yes.getAttribute('aria-disabled')], [1, 'true']);
  question.end();
  await settled();
  assert.equal(dialog.open, false);
});

test('what goes wrong leaves the question open, to be tried again', async () => {
  const question = asked('Erase?');
  yes.onclick();
  question.fail(new Problem({ code: 'on_hold', detail: 'There is a hold.' }));
  await settled();
  assert.deepEqual([dialog.open, elementOf('confirm-problem').textContent], [true, 'There is a hold.']);
  yes.onclick();
  assert.equal(question.acts, 2);
});

test('a question that was left while it acted touches no other one', async () => {
  const first = asked('First?');
  yes.onclick();
  dialog.close();
  const second = asked('Second?');
  yes.onclick();
  first.end();
  await settled();
  assert.deepEqual([dialog.open, yes.textContent, yes.getAttribute('aria-disabled')], [true, 'One moment…', 'true']);
  yes.onclick();
  second.end();
  await settled();
  assert.deepEqual([dialog.open, second.acts], [false, 1]);
});

test('what goes wrong after a question was left is told on the page', async () => {
  const question = asked('Remove?');
  yes.onclick();
  dialog.close();
  question.fail(new Problem({ code: 'server_away', detail: 'No server.' }));
  await settled();
  assert.equal(elementOf('alert-title').textContent, 'Remove?');
});
