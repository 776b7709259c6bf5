import assert from 'node:assert/strict';
import test from 'node:test';

import '../support/english.js';
import { keyOfStudent } from '../../../static/js/faculty/named_student.js';

const LISTED = [
  { key: 'k1', student_id: 'José-1' },
  { key: 'k2', student_id: 'k1' },
];
const asked = [];
const page = {
  state: { students: LISTED },
  api: {
    async get(path, { query }) {
      asked.push([path, query.removed]);
      return { data: { students: [{ key: 'k3', student_id: '003' }], next: null }, etag: null };
    },
  },
};

test('a student is named by a key or an ID, and a key wins', async () => {
  assert.deepEqual(await Promise.all(['José-1', 'Jose\u0301-1', 'k1', 'k2'].map((name) => keyOfStudent(page, name))), [
    'k1',
    'k1',
    'k1',
    'k2',
  ]);
  assert.deepEqual(asked, []);
});

test('a removed student is found; nobody is told, and no address has the ID', async () => {
  assert.equal(await keyOfStudent(page, '003'), 'k3');
  await assert.rejects(keyOfStudent(page, '999'), { code: 'unknown_student', detail: /“999” doesn’t exist/ });
  assert.deepEqual(asked, Array(2).fill(['/students', '1']));
});
