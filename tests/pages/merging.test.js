import assert from 'node:assert/strict';
import test from 'node:test';

import { entryLines, mergeQuestions, mergeSentences } from '../../static/js/logic/merging.js';
import { listedName, plain } from '../../static/js/logic/names.js';
import './support/english.js';

const ANN = {
  key: 'k1',
  student_id: '007',
  name: 'Ann Lee',
  registered: true,
  removed: false,
  consent: { state: 'given' },
};
const PLAN = {
  this: { student: ANN, records: 2, code_issued: true },
  other: { student: { ...ANN, key: 'k2', student_id: '0007', registered: false }, records: 0, code_issued: false },
  after: { key: 'k1', student_id: '007', name: 'Ann Lee', known_as: '' },
  notes: [],
};

test('only what differs is asked', () => {
  assert.deepEqual(
    mergeQuestions(PLAN).map(({ name, answers }) => [name, answers]),
    [['id_of', ['007', '0007']]],
  );
  const other = { ...PLAN.other, student: { ...PLAN.other.student, name: 'Anna Lee', registered: true } };
  assert.deepEqual(
    mergeQuestions({ ...PLAN, other }).map(({ name }) => name),
    ['id_of', 'name_of', 'face_of'],
  );
});

test('each entry says what it has', () => {
  assert.deepEqual(entryLines(PLAN.this), [
    'Face registered',
    'Consent given',
    'Personal code issued',
    '2 records of attendance',
  ]);
  assert.deepEqual(
    entryLines({ ...PLAN.other, student: { ...PLAN.other.student, removed: true } }).at(-1),
    'Removed from the list',
  );
});

test('every note of the server has its words', () => {
  const notes = [
    'face_of_other',
    'face_no_longer_used',
    'faces_erased',
    'consent_of_other',
    'code_of_other',
    'code_no_longer_used',
  ];
  const said = mergeSentences({ ...PLAN, notes });
  assert.equal(said.length, notes.length + 2);
  assert.ok(said.every((sentence) => sentence.endsWith('.') && !sentence.includes('merge.')));
});

test('who is known by another name is listed by it', () => {
  assert.equal(listedName({ name: 'Ann Lee', known_as: '' }), 'Ann Lee');
  assert.equal(plain(listedName({ name: 'Ann Lee', known_as: 'Sam Lee' })), 'Sam Lee (Ann Lee)');
  assert.equal(listedName({ name: 'Sam Lee', known_as: 'Sam Lee' }), 'Sam Lee');
});
