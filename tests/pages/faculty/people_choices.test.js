import assert from 'node:assert/strict';
import test from 'node:test';

import {
  damagedWords,
  handedWords,
  leavesOpen,
  peopleChosen,
  retiredLines,
} from '../../../static/js/logic/faculty/roster_plan.js';
import '../support/english.js';

const HANDED = { line: 2, key: 'k1', student_id: '1001', before: 'Adaeze Okoye', name: 'Tomasz Wójcik', face: true };
const DAMAGED = { line: 3, student_id: '12', listed: '0012', name: 'Ann Lee', why: 'Excel drops zeros.' };

test('a plan is open while an ID may be somebody else’s', () => {
  assert.equal(leavesOpen({ handed: [], damaged: [] }), false);
  assert.equal(leavesOpen({ handed: [HANDED], damaged: [] }), true);
  assert.equal(leavesOpen({ handed: [], damaged: [DAMAGED] }), true);
});

test('each line says who had the ID, who has it now, and whether there is a face', () => {
  assert.equal(
    handedWords(HANDED),
    'Line 2: the ID 1001 is Adaeze Okoye’s, and Tomasz Wójcik’s in the file. A face is registered.',
  );
  assert.match(handedWords({ ...HANDED, face: false }), /No face is registered\.$/);
  assert.equal(damagedWords(DAMAGED), 'Line 3: 12, Ann Lee, listed as 0012. Excel drops zeros.');
  const [line] = retiredLines({ retired: [{ student_id: '1001', before: 'Adaeze Okoye', name: 'Tomasz Wójcik' }] });
  assert.match(line, /^The ID 1001 is Tomasz Wójcik’s from now on\. Adaeze Okoye leaves the list/);
});

test('answers are whole or none, and add to those given before', () => {
  const two = { handed: [HANDED, { ...HANDED, key: 'k2' }], damaged: [DAMAGED] };
  /** @param {Record<string, string>} given */
  const from = (given) => (/** @type {string} */ name) => given[name] ?? null;
  assert.equal(peopleChosen(two, from({ k1: 'same', damaged: 'new' })), null);
  assert.equal(peopleChosen(two, from({ k1: 'same', k2: 'another' })), null);
  const answered = { k1: 'same', k2: 'another', damaged: 'listed' };
  assert.deepEqual(peopleChosen(two, from(answered)), { same: 'k1', another: 'k2', damaged: 'listed' });
  const later = { handed: [HANDED], damaged: [] };
  assert.deepEqual(peopleChosen(later, from({ k1: 'same' }), { same: 'k0', damaged: 'new' }), { same: 'k0,k1' });
});
