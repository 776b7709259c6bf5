import assert from 'node:assert/strict';
import test from 'node:test';

import { elementOf } from '../support/page.js';
import { createRateLimits } from '../../../static/js/faculty/settings/rate_limits.js';
import { Problem } from '../../../static/js/logic/problems.js';

/** A site with two waits, of which one is ended by `end`. */
function site(end) {
  const said = [];
  const limits = [{ key: 'login' }, { key: 'codes' }];
  const api = {
    get: async () => ({ data: { limits } }),
    remove: async (path) => {
      if (path === '/limits/login') end();
      limits.splice(0, 1);
    },
  };
  return { said, page: { api, said: (sentence) => said.push(sentence) } };
}

async function lifted({ page }) {
  await createRateLimits(page).show();
  await elementOf('limits-lift').onclick();
}

test('a wait that is over already is no trouble', async () => {
  const of = site(() => {
    throw new Problem({ code: 'unknown_limit', detail: '', status: 404 });
  });
  await lifted(of);
  assert.deepEqual(of.said, ['Nobody has to wait any more.']);
});

test('a wait that may not be ended is told, and nothing else is said', async () => {
  const of = site(() => {
    throw new Problem({ code: 'admins_lift', detail: 'Only admins can lift this waiting time.', status: 403 });
  });
  await lifted(of);
  assert.deepEqual(of.said, []);
  assert.equal(elementOf('limits-text').textContent, 'Only admins can lift this waiting time.');
});
