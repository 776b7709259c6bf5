import assert from 'node:assert/strict';
import test from 'node:test';

import '../support/english.js';
import { sendMarks } from '../../../static/js/faculty/today/send_marks.js';
import { Problem } from '../../../static/js/logic/problems.js';

const NEEDED = new Problem({ code: 'reason_needed', detail: 'This site asks for a reason.', errors: [] });

/**
 * A page whose server asks for a remark where `needs` says so, and a chooser that answers with these, in turn.
 * @param {(mark: Mark) => boolean} needs
 * @param {(ChosenMark | null)[]} answers
 */
function site(needs, answers) {
  /** @type {Parameters<MarkChooser>[0][]} */
  const asked = [];
  const api = {
    async get() {
      return { data: { remarks: [], reasons: [] } };
    },
    /**
     * @param {string} address
     * @param {{ json: { marks: Mark[] } }} sent
     */
    async post(address, { json: { marks } }) {
      assert.equal(address, '/meetings/m/marks');
      if (marks.some((mark) => needs(mark) && !mark.remark)) throw NEEDED;
      return { data: { records: marks.map(({ student, status }) => ({ id: student, student, status })) } };
    },
  };
  const page = /** @type {FacultyPage} */ (/** @type {unknown} */ ({ api }));
  /** @type {MarkChooser} */
  const choose = async (question) => {
    asked.push(question);
    return answers.shift() ?? null;
  };
  return { asked, send: (/** @type {Mark[]} */ marks) => sendMarks(page, choose, 'm', marks) };
}

/**
 * A sheet that was signed: who has which status.
 * @param {Record<string, MarkStatus>} entered
 * @returns {Mark[]}
 */
function sheet(entered) {
  return Object.entries(entered).map(([student, status]) => ({ student, status, replaces: null }));
}

test('a reason is asked for once for each status that needs one, and no status becomes another', async () => {
  const marks = sheet({ a: 'present', b: 'excused', c: 'present', d: 'absent' });
  const { asked, send } = site(
    () => true,
    [
      { status: 'excused', remark: 'event' },
      { status: 'present', remark: 'kiosk_failed' },
      { status: 'absent', remark: 'kiosk_failed' },
    ],
  );
  const sent = await send(marks);
  assert.deepEqual(
    asked.map(({ status, title }) => [status, title]),
    [
      ['excused', 'Mark 1 student'],
      ['present', 'Mark 2 students'],
      ['absent', 'Mark 1 student'],
    ],
  );
  assert.deepEqual(
    sent.marks.map(({ student, status, remark }) => [student, status, remark]),
    [
      ['a', 'present', 'kiosk_failed'],
      ['b', 'excused', 'event'],
      ['c', 'present', 'kiosk_failed'],
      ['d', 'absent', 'kiosk_failed'],
    ],
  );
});

test('where only an E needs a reason, nothing else is asked', async () => {
  const { asked, send } = site(({ status }) => status === 'excused', [{ status: 'excused', remark: 'event' }]);
  const { marks } = await send(sheet({ a: 'present', b: 'excused' }));
  assert.equal(asked.length, 1);
  assert.deepEqual(
    marks.map(({ remark }) => remark),
    [undefined, 'event'],
  );
});

test('without an answer nothing is saved', async () => {
  const { send } = site(() => true, [null]);
  await assert.rejects(send(sheet({ a: 'present' })), NEEDED);
});
