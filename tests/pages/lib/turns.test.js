import assert from 'node:assert/strict';
import test from 'node:test';

import { createTurns } from '../../../static/js/lib/turns.js';

test('a turn lasts until the next one, or until it is ended', () => {
  const turns = createTurns();
  const first = turns.take();
  assert.ok(first());
  const second = turns.take();
  assert.deepEqual([first(), second()], [false, true]);
  turns.end();
  assert.equal(second(), false);
});
