import assert from 'node:assert/strict';
import test from 'node:test';

import '../support/english.js';
import { reasonInWords } from '../../../static/js/logic/faculty/reasons.js';

test('a reason is one sentence, with the times that it names', () => {
  const late = { code: 'late', params: { time: '10:14', until: '10:10' } };
  assert.equal(reasonInWords(late), 'Late: checked in at 10:14, on time until 10:10.');
  assert.equal(reasonInWords({ code: 'absent', params: {} }), 'Absent: no check-in counts for this class.');
});
