import assert from 'node:assert/strict';
import test from 'node:test';

import './support/english.js';
import { everyStudent } from '../../static/js/faculty/students/roster_source.js';
import { Problem } from '../../static/js/logic/problems.js';

/** Answers one page after the other; a problem is thrown. */
const answering = (...pages) => {
  const asked = [];
  const get = async (_path, { query }) => {
    asked.push(query.after);
    const page = pages.shift();
    if (page instanceof Problem) throw page;
    return { status: 200, data: { date: '2026-11-22', ...page }, etag: `"${asked.length}"` };
  };
  return { get, asked };
};
const [ann, bob, cem] = ['ann', 'bob', 'cem'].map((key) => ({ key }));

test('the list is fetched page by page', async () => {
  const api = answering({ students: [ann, bob], next: 'bob' }, { students: [cem], next: null });
  assert.deepEqual((await everyStudent(api)).students, [ann, bob, cem]);
  assert.deepEqual(api.asked, [null, 'bob']);
});

test('it is fetched again from the beginning when whoever a page begins after was erased', async () => {
  const changed = new Problem({ code: 'list_changed', detail: '', status: 409 });
  const api = answering({ students: [ann, bob], next: 'bob' }, changed, { students: [ann, cem], next: null });
  const { students, etags } = await everyStudent(api);
  assert.deepEqual(students, [ann, cem]);
  assert.deepEqual(api.asked, [null, 'bob', null]);
  assert.deepEqual(etags, [{ after: null, etag: '"3"' }]);
});

test('what else goes wrong is for the page to say', async () => {
  const api = answering(new Problem({ code: 'server_away', detail: '' }));
  await assert.rejects(everyStudent(api), { code: 'server_away' });
});
