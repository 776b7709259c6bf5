import assert from 'node:assert/strict';
import test from 'node:test';

import { columnsChosen, fileType, questionOf, widthOf } from '../../../static/js/logic/faculty/file_choices.js';
import { Problem } from '../../../static/js/logic/problems.js';

test('a file is sent as what its name says', () => {
  assert.equal(
    fileType(new File([], 'Roster.XLSX')),
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  );
  assert.equal(fileType(new File([], 'term.ics')), 'text/calendar');
  assert.equal(fileType(new File([], 'roster')), 'text/csv');
  assert.equal(fileType(new Blob()), 'text/csv');
});

test('a refusal that asks for something is a question', () => {
  const rows = [
    { line: 1, cells: ['Kennung', 'Wer', 'Ort'] },
    { line: 2, cells: ['1', 'Ines'] },
  ];
  const facts = { header: 1, columns: { student_id: 1, email: 3 }, rows };
  const question = questionOf(new Problem({ code: 'columns_needed', detail: '', facts }));
  assert.deepEqual(question, { ask: 'columns', header: 1, rows, roles: { 1: 'student_id', 3: 'email' } });
  assert.equal(widthOf(rows), 3);
  const encodings = [{ encoding: 'windows-1254', label: 'Turkish', lines: [[2, 'Şükrü']] }];
  const asked = questionOf(new Problem({ code: 'encoding_needed', detail: '', facts: { encodings } }));
  assert.deepEqual(asked, { ask: 'encoding', encodings });
  assert.equal(questionOf(new Problem({ code: 'roster_rejected', detail: '' })), null);
});

test('columns are chosen once each, with an ID and a name', () => {
  assert.deepEqual(columnsChosen(['student_id', '', 'name'], 1), { columns: 'student_id:1,name:3,header:1' });
  const parts = columnsChosen(['last_name', 'first_name', 'student_id'], 0);
  assert.deepEqual(parts, { columns: 'last_name:1,first_name:2,student_id:3,header:0' });
  assert.deepEqual(columnsChosen(['student_id', 'name', 'name'], 1), { wrong: 'twice' });
  assert.deepEqual(columnsChosen(['', 'name'], 1), { wrong: 'no_id' });
  assert.deepEqual(columnsChosen(['student_id', 'first_name'], 1), { wrong: 'no_name' });
});
