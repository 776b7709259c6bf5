// Who has not agreed yet, and recording it for many at once: paper consents of a whole class.

import { byId, make, setHidden, setText, whileBusy } from '../../lib/dom.js';
import { consentWords, toAsk } from '../../logic/faculty/consent.js';
import { asProblem } from '../../logic/problems.js';
import { countOf, matchesSearch } from '../../logic/faculty/roster.js';
import { consentText, recordConsents } from './consent_source.js';
import { listedStudents } from './roster_source.js';
import { setOff } from '../../logic/names.js';

/** @param {FacultyPage} page */
export function createConsentsDialog(page) {
  const list = byId('consents-list');
  /** @type {Set<string>} */
  const marked = new Set();

  byId('consents-search').addEventListener('input', show);
  byId('consents-all').addEventListener('change', () => {
    for (const { key } of shown()) {
      if (byId('consents-all').checked) marked.add(key);
      else marked.delete(key);
    }
    show();
  });
  list.addEventListener('change', (event) => {
    const target = /** @type {HTMLInputElement} */ (event.target);
    if (target.checked) marked.add(target.value);
    else marked.delete(target.value);
    showCount();
  });
  /** @type {Map<AskedWay, HTMLButtonElement>} */
  const ways = new Map([
    ['on_paper', byId('consents-paper')],
    ['in_person', byId('consents-person')],
  ]);
  for (const [way, button] of ways) {
    button.addEventListener('click', () => whileBusy(button, () => record(way)));
  }

  async function opening() {
    marked.clear();
    byId('consents-search').value = '';
    problem('');
    setHidden(byId('consents-empty'), true);
    setHidden(byId('consents-form'), true);
    setHidden(byId('consents-wait'), page.state.loaded);
    byId('consents-title').focus();
    try {
      await listedStudents(page);
      show();
      const { words, version } = await consentText(page.api);
      setText(byId('consents-text'), words);
      setText(byId('consents-version'), version);
    } catch (error) {
      problem(asProblem(error).detail);
    } finally {
      setHidden(byId('consents-wait'), true);
    }
  }

  function shown() {
    return toAsk(page.state.students, (student) => matchesSearch(student, byId('consents-search').value));
  }

  function show() {
    const waiting = toAsk(page.state.students);
    setHidden(byId('consents-empty'), waiting.length > 0);
    setHidden(byId('consents-form'), waiting.length === 0);
    list.replaceChildren(...shown().map(itemOf));
    showCount();
  }

  function showCount() {
    const known = shown();
    byId('consents-all').checked = known.length > 0 && known.every(({ key }) => marked.has(key));
    setText(byId('consents-count'), marked.size > 0 ? `${countOf(marked.size, 'student')} marked` : '');
    for (const button of ways.values()) button.disabled = marked.size === 0;
  }

  /** @param {Student} student */
  function itemOf(student) {
    const box = make('input', { type: 'checkbox', value: student.key, className: 'size-5 shrink-0 accent-brand' });
    box.checked = marked.has(student.key);
    return make('li', {}, [
      make('label', { className: 'flex min-h-11 cursor-pointer items-center gap-4 px-4 py-2.5' }, [
        box,
        make('span', { className: 'min-w-0' }, [
          make('span', {
            className: 'block font-medium break-words',
            text: student.name,
            dir: 'auto',
            translate: 'no',
          }),
          make('span', {
            className: 'block text-sm text-soft break-words',
            text: `${setOff(student.student_id)} · ${consentWords(student)}`,
          }),
        ]),
      ]),
    ]);
  }

  /** @param {AskedWay} way */
  async function record(way) {
    problem('');
    const keys = [...marked];
    setText(byId('consents-count'), 'Recording…');
    try {
      page.dispatch({ type: 'changed', students: await recordConsents(page.api, keys, way) });
      page.said(`The consent of ${countOf(keys.length, 'student')} is recorded.`);
      await opening();
    } catch (error) {
      showCount();
      problem(asProblem(error).detail);
      byId('consents-problem').focus();
    }
  }

  return { opening };
}

/** @param {string} sentence */
function problem(sentence) {
  setText(byId('consents-problem'), sentence);
  setHidden(byId('consents-problem'), sentence === '');
}
