import assert from 'node:assert/strict';
import test from 'node:test';

import { settled } from '../support/page.js';
import { createPairing } from '../../../static/js/kiosk/pairing.js';
import { Problem, serverAway } from '../../../static/js/logic/problems.js';

const NOT_YET = new Problem({ code: 'not_logged_in', detail: '', status: 401 });

/**
 * A browser that asks to be paired. Each look is answered in turn, and by the last answer from then on.
 * @param {(Problem | null)[]} answers null: the code was typed
 */
function browser(answers) {
  /** @type {string | null} */
  let kept = null;
  const codes = [];
  const looks = [];
  const key = { get: () => kept, set: (secret) => (kept = secret) };
  const api = {
    post: async () => ({ data: { code: String(codes.length + 1), key: `key ${codes.length + 1}`, expires_in: 60 } }),
    async get(_path, { secret }) {
      looks.push(secret);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer) throw answer;
    },
  };
  const dispatch = ({ type, code }) => type === 'code' && codes.push(code);
  return { pairing: createPairing({ api, key, dispatch }), key, codes, looks };
}

/** Let so many seconds pass, one by one. */
async function pass(timers, seconds) {
  for (let second = 0; second < seconds; second += 1) {
    timers.tick(1000);
    await settled();
  }
}

test('a poll that is lost keeps the pairing: the code on the screen still counts', async (context) => {
  const { timers } = context.mock;
  timers.enable({ apis: ['setTimeout', 'Date'] });
  const { pairing, key, codes } = browser([NOT_YET, serverAway(), serverAway(), null]);
  pairing.run();
  await settled();
  await pass(timers, 20);
  assert.deepEqual([codes, key.get()], [['1'], 'key 1']);
});

test('a code that nobody typed in time is followed by a new one', async (context) => {
  const { timers } = context.mock;
  timers.enable({ apis: ['setTimeout', 'Date'] });
  const { pairing, key, codes } = browser([serverAway()]);
  pairing.run();
  await settled();
  await pass(timers, 59);
  assert.deepEqual(codes, ['1']);
  await pass(timers, 20);
  assert.deepEqual([codes, key.get()], [['1', '2'], null]);
});
