import assert from 'node:assert/strict';
import test from 'node:test';

import { nameAndId } from '../../static/js/logic/names.js';

test('a name and its ID', () => {
  assert.equal(nameAndId({ name: 'Ann Lee', student_id: '001' }), 'Ann Lee (001)');
});

test('a name written from right to left does not draw its ID apart', () => {
  assert.equal(nameAndId({ name: 'محمد علي', student_id: '2026/AR-3' }), '\u2068محمد علي\u2069 (2026/AR-3)');
  assert.equal(nameAndId({ name: 'Dana', student_id: 'א-7' }), 'Dana (\u2068א-7\u2069)');
});
