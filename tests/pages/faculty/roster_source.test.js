import assert from 'node:assert/strict';
import test from 'node:test';

import '../support/english.js';
import { everyStudent, everyStudentIfChanged } from '../../../static/js/faculty/students/roster_source.js';
import { Problem } from '../../../static/js/logic/problems.js';

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

/** Answers 304 while a page still has its tag. */
const tagged = (...pages) => {
  const asked = [];
  const get = async (_path, { query, etag }) => {
    asked.push(query.after);
    const page = pages.find(({ after }) => after === query.after);
    if (!page) throw new Problem({ code: 'list_changed', detail: '', status: 409 });
    if (page.etag === etag) return { status: 304, data: null, etag };
    return { status: 200, data: { date: '2026-11-22', ...page }, etag: page.etag };
  };
  return { get, asked };
};
const first = { after: null, etag: '"1"', students: [ann, bob], next: 'bob' };
const second = { after: 'bob', etag: '"2"', students: [cem], next: null };
const fetched = [first, second].map(({ after, etag }) => ({ after, etag }));

test('a list that did not change is not fetched again', async () => {
  const api = tagged(first, second);
  assert.equal(await everyStudentIfChanged(api, fetched), null);
  assert.deepEqual(api.asked, [null, 'bob']);
});

test('a list with a changed page, or fetched never before, is fetched whole', async () => {
  const api = tagged(first, { ...second, etag: '"3"' });
  assert.deepEqual((await everyStudentIfChanged(api, fetched)).students, [ann, bob, cem]);
  assert.deepEqual((await everyStudentIfChanged(api, [])).students, [ann, bob, cem]);
});

test('it is fetched whole, too, when whoever a page begins after was erased', async () => {
  const api = tagged(first, second);
  const gone = [fetched[0], { after: 'dora', etag: '"4"' }];
  assert.deepEqual((await everyStudentIfChanged(api, gone)).students, [ann, bob, cem]);
});
