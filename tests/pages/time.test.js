import assert from 'node:assert/strict';
import test from 'node:test';

import './support/english.js';
import { momentIn } from '../../static/js/logic/time.js';

test('a moment is shown in the site’s time, also by a browser that does not know its zone', () => {
  const at = Date.UTC(2026, 9, 12, 8, 5, 9);
  assert.equal(momentIn(at, 'Europe/Warsaw'), '2026-10-12 10:05:09');
  assert.match(momentIn(at, 'Mars/Olympus'), /^2026-10-1\d \d\d:05:09$/);
});
