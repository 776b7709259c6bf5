import assert from 'node:assert/strict';
import test from 'node:test';

import { nameAndId, setOff, partsOf, plain } from '../../static/js/logic/names.js';

test('a name and its ID, each set off', () => {
  const student = nameAndId({ name: 'محمد علي', student_id: '2026/AR-3' });
  assert.equal(student, '\u2068محمد علي\u2069 (\u20682026/AR-3\u2069)');
  assert.equal(plain(student), 'محمد علي (2026/AR-3)');
});

test('every second part of a sentence is what was set off, and nothing is set off twice', () => {
  assert.deepEqual(partsOf(`Is ${setOff(setOff('Ann'))} here?`), ['Is ', 'Ann', ' here?']);
  assert.deepEqual(partsOf('Nobody is here.'), ['Nobody is here.']);
  assert.equal(setOff(''), '');
});
