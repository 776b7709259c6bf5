import assert from 'node:assert/strict';
import test from 'node:test';

import '../support/english.js';
import { askWords, consentWords, mustAsk, toAsk } from '../../../static/js/logic/faculty/consent.js';
import { faceWords } from '../../../static/js/logic/faculty/roster.js';

const given = {
  state: 'given',
  given_on: '2026-11-22',
  way: 'on_paper',
  recorded_by: 'Dr Ada Byron',
  withdrawn_on: null,
  withdrawn_by: null,
};
const withdrawn = { ...given, state: 'withdrawn', withdrawn_on: '2026-11-23', withdrawn_by: 'Dr B. Cole' };
const missing = {
  state: 'missing',
  given_on: null,
  way: null,
  recorded_by: null,
  withdrawn_on: null,
  withdrawn_by: null,
};
const outdated = { ...given, state: 'outdated' };
const zoe = (consent, more = {}) => ({
  key: 'z',
  name: 'Zoë',
  consent,
  role: 'lecturer',
  registered: true,
  uses_faces: true,
  paused: false,
  sources: ['camera'],
  alike: [],
  ...more,
});

test('who has to be asked', () => {
  const students = [given, withdrawn, missing, outdated].map((consent) => zoe(consent));
  assert.deepEqual(students.map(mustAsk), [false, true, true, true]);
  assert.equal(toAsk(students).length, 3);
  assert.equal(toAsk(students.map((student) => ({ ...student, uses_faces: false }))).length, 0);
  assert.equal(toAsk(students, ({ consent }) => consent.state === 'missing').length, 1);
});

test('every state is said in words that name the student or the day', () => {
  assert.equal(consentWords(zoe(given)), 'Agreed on paper on Sun, 22 Nov 2026, recorded by Dr Ada Byron.');
  assert.equal(consentWords(zoe(withdrawn)), 'Consent withdrawn on Mon, 23 Nov 2026, recorded by Dr B. Cole.');
  assert.equal(consentWords(zoe(missing)), 'No consent is recorded.');
  assert.match(consentWords(zoe(outdated)), /an earlier text/);
  assert.equal(new Set([withdrawn, missing, outdated].map((consent) => askWords(zoe(consent)))).size, 3);
});

test('a face without consent is shown as such, and as paused', () => {
  assert.deepEqual(faceWords(zoe(given)), { kind: 'good', icon: 'check', text: 'Registered', detail: '' });
  assert.equal(faceWords(zoe(missing)).detail, 'no consent recorded');
  assert.equal(faceWords(zoe(missing, { paused: true })).text, 'Paused');
});
