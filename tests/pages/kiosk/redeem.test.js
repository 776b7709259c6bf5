import assert from 'node:assert/strict';
import test from 'node:test';

import '../support/english.js';
import { redeem } from '../../../static/js/kiosk/redeem.js';
import { Problem } from '../../../static/js/logic/problems.js';

function server(...answers) {
  const asked = [];
  return {
    asked,
    post: async (path, { json }) => {
      asked.push([path, json]);
      const answer = answers[asked.length - 1];
      if (answer instanceof Problem) throw answer;
      return { data: answer };
    },
  };
}

const refusal = (status, retryAfter = 0) => new Problem({ code: 'not_written', detail: '', status, retryAfter });

test('a check-in is asked for again, the same, while the store cannot be written or its disk is full', async () => {
  const api = server(refusal(503), refusal(507), { record: 'one' });
  assert.deepEqual(await redeem(api, { challenge: 'a' }), { record: 'one' });
  assert.deepEqual(api.asked, Array(3).fill(['/check-ins', { challenge: 'a' }]));
});

test('a refusal that does not pass is told at once', async () => {
  for (const status of [409, 422, 500]) {
    const api = server(refusal(status), { record: 'one' });
    await assert.rejects(redeem(api, {}), { status });
    assert.equal(api.asked.length, 1);
  }
});

test('a store that stays away is told in the end', async () => {
  const api = server(...Array(9).fill(refusal(507)));
  await assert.rejects(redeem(api, {}), { status: 507 });
  assert.equal(api.asked.length, 6);
});
