import assert from 'node:assert/strict';
import { test } from 'node:test';

import '../support/english.js';
import {
  changesInWords,
  factsInWords,
  stateInWords,
  whoInWords,
  whomInWords,
} from '../../../static/js/logic/faculty/audit.js';
import { plain, setOff } from '../../../static/js/logic/names.js';

test('facts that say nothing are left out', () => {
  const facts = { role: null, disabled: false, password: false, unheard_of: 3 };
  assert.deepEqual(factsInWords({ action: 'change_account', facts }), ['enabled']);
  assert.deepEqual(factsInWords({ action: 'list_students', facts: { removed: true, part: false } }), [
    'with those removed',
  ]);
  assert.deepEqual(factsInWords({ action: 'change_student', facts: { removed: true, name: true } }), [
    'taken off the list',
    'the name',
  ]);
  assert.deepEqual(factsInWords({ action: 'register_face', facts: { faces: 1 } }), ['1 picture']);
  assert.deepEqual(factsInWords({ action: 'rotate_key', facts: { sealed: 2 } }), ['2 faces sealed again']);
  assert.deepEqual(factsInWords({ action: 'record_consent', facts: { way: 'on_paper', version: 'x' } }), [
    'signed on paper',
  ]);
  assert.deepEqual(factsInWords({ action: 'forget_by_age', facts: { records: 2, faces: 3 } }), [
    '2 records without a name now',
    'faces of 3 students',
  ]);
  assert.deepEqual(factsInWords({ action: 'faces_again', facts: { people: 12, profiles: 'bundled' } }), [
    '12 people register again',
    'faces of bundled',
  ]);
});

test('what was refused says why, what was done says nothing', () => {
  assert.equal(stateInWords({ state: 'done', facts: {} }), '');
  assert.equal(stateInWords({ state: 'asked', facts: {} }), 'Begun');
  assert.equal(stateInWords({ state: 'refused', facts: { why: 'student_exists' } }), 'Refused: student exists');
});

test('who it was has a name, or a word', () => {
  assert.equal(plain(whoInWords({ key: 'account:1', name: 'Ada' })), 'Ada');
  assert.equal(plain(whoInWords({ key: 'terminal', name: 'root' })), 'root, at the server\u2019s terminal');
  assert.equal(whoInWords({ key: 'nobody', name: null }), 'Somebody not logged in');
});

test('an erased student has no name', () => {
  assert.equal(whomInWords({ key: 'student:1', name: null }), 'a student who was erased');
  assert.equal(whomInWords({ key: 'student:1', name: 'Jo (1)' }), setOff('Jo (1)'));
  assert.equal(whomInWords({ key: 'kiosk:1', name: null }), null);
});

test('a change says both values, with names for keys', () => {
  const names = new Map([
    ['0123456789abcdef', 'Ann Lee (1001)'],
    ['fedcba9876543210', 'Ada'],
  ]);
  const lines = (facts) => changesInWords({ facts }, names);
  assert.deepEqual(lines({ before: '', after: '..2026-11-30', lock: 'x' }), ['Before: nothing', 'After: ..2026-11-30']);
  assert.deepEqual(lines({ title_before: 'Statistics', title: 'Statistics II' }), [
    'title: Statistics → Statistics II',
  ]);
  assert.deepEqual(
    lines({ members_before: 'none: 0123456789abcdef', members_after: '2026-11-23..: 0123456789abcdef' }),
    ['members: none: Ann Lee (1001) → 2026-11-23..: Ann Lee (1001)'],
  );
  assert.deepEqual(lines({ before: 'account:fedcba9876543210 lecturer ..' }), ['Before: Ada lecturer ..']);
  assert.deepEqual(lines({ after: 'account:0000000000000000 viewer ..' }), [
    'After: account:0000000000000000 viewer ..',
  ]);
  assert.deepEqual(lines({ roles: 'admin', roles_before: 'faculty' }), [], 'said with the other facts');
  const unlocked = factsInWords({ action: 'unlock_attendance', facts: { reason: 'Two marks', digest: 'abc' } });
  assert.deepEqual(unlocked, ['reason: Two marks', 'digest abc']);
});
