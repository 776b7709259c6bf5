// The end of a term: the registers as a file, and the faces of students in no current course, looked at and then erased.

import { byId, make, saveFile, setHidden, setText, whileBusy } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { fileNameOf } from '../../logic/download.js';
import { nameAndId } from '../../logic/names.js';
import { asProblem } from '../../logic/problems.js';
import { confirmThen } from '../confirm.js';

const TIMEOUT_MS = 120000;

/** @param {FacultyPage} page */
export function createTermDialog(page) {
  /** @type {UnneededFaces | null} what is shown, and nothing else is erased */
  let plan = null;

  async function opening() {
    byId('term-title').focus();
    show(null);
    problem('');
    setText(byId('term-count'), t('term.looking'));
    try {
      show((await page.api.get('/faces/unneeded')).data);
    } catch (error) {
      setText(byId('term-count'), '');
      problem(asProblem(error).detail);
    }
  }

  /** @param {UnneededFaces | null} found */
  function show(found) {
    plan = found;
    const students = found?.students ?? [];
    setText(byId('term-count'), found ? t('term.count', { count: students.length }) : '');
    byId('term-list').replaceChildren(
      ...students.map((student) => make('li', { className: 'px-4 py-2 break-words', text: nameAndId(student) })),
    );
    setHidden(byId('term-list'), students.length === 0);
    setHidden(byId('term-erase'), students.length === 0);
  }

  byId('term-erase').addEventListener('click', () => {
    const looked = plan;
    if (!looked) return;
    confirmThen({
      title: t('term.sure', { count: looked.students.length }),
      goes: t('term.goes'),
      stays: t('term.stays'),
      yes: t('term.erase'),
      act: () => erase(looked.digest),
    });
  });

  /** @param {string} digest */
  async function erase(digest) {
    const { data } = await page.api.post('/faces/unneeded/erase', { json: { plan: digest } });
    await opening();
    page.said(t('term.erased', { count: data.erased }));
    await page.refresh();
  }

  byId('term-get').addEventListener('click', () => whileBusy(byId('term-get'), download));

  async function download() {
    problem('');
    try {
      const asked = { as: /** @type {const} */ ('blob'), timeout: TIMEOUT_MS };
      const { data, headers } = await page.api.get('/reports/registers.xlsx', asked);
      saveFile(data, fileNameOf(headers.get('Content-Disposition')) ?? 'registers.xlsx');
      page.said(t('term.saved'));
    } catch (error) {
      problem(asProblem(error).detail);
    }
  }

  return { opening };
}

/** @param {string} sentence */
function problem(sentence) {
  setText(byId('term-problem'), sentence);
  setHidden(byId('term-problem'), sentence === '');
}
