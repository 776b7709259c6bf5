import assert from 'node:assert/strict';
import test from 'node:test';

import './support/english.js';
import { plain } from '../../static/js/logic/names.js';
import { codeIssuedWords, formulaShown, mayMissWords, percentInWords } from '../../static/js/logic/own.js';

/**
 * @param {Partial<OwnCourse['percentage']>} found
 * @param {number} toCome
 * @returns {OwnCourse}
 */
function course(found, toCome = 4) {
  const counts = { held: 8, present: 7, late: 0, excused: 0, absent: 1, to_come: toCome };
  const percentage = { percent: 87.5, formula: '7 / 8', may_miss: 2, counts, ...found };
  return { key: 'c', code: 'STAT110', title: 'Statistics', may_ask: true, percentage, classes: [] };
}

test('a percentage has its formula beside it', () => {
  assert.deepEqual([percentInWords(course({})), formulaShown(course({}))], ['87.5 % attended', '7 / 8']);
  const none = course({ percent: null, formula: '0 / 0' });
  assert.deepEqual([percentInWords(none), formulaShown(none)], ['No percentage yet', '']);
});

test('a student may miss classes only while some are to come', () => {
  assert.equal(mayMissWords(course({})), 'You may miss 2 more classes');
  assert.equal(mayMissWords(course({ may_miss: 1 })), 'You may miss 1 more class');
  assert.equal(mayMissWords(course({ may_miss: 0 })), 'You may miss no more classes');
  assert.equal(mayMissWords(course({ may_miss: null })), '', 'the course has no limit');
  assert.equal(mayMissWords(course({ may_miss: 0 }, 0)), '', 'the course is over');
});

test('a student reads who issued the code, where that is known', () => {
  assert.equal(codeIssuedWords({ code_issued: null }), '');
  assert.equal(
    plain(codeIssuedWords({ code_issued: { by: 'Ada', on: '2026-03-03' } })),
    'Your code was issued by Ada on Tue, 3 Mar 2026. If you did not ask for it, tell the registrar.',
  );
});
