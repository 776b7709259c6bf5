// Low attendance across courses, and who was contacted.

import { byId, closestTo, copyOf, make, part, setAttribute, setHidden, setText, whileBusy } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { createTurns } from '../../lib/turns.js';
import { contactWords, lowStudentWords } from '../../logic/faculty/percentages.js';
import { asProblem } from '../../logic/problems.js';
import { dayIn } from '../../logic/time.js';

/** Students asked for at once. */
const AT_ONCE = 50;

/** @param {FacultyPage} page */
export function createLowDialog(page) {
  const list = byId('low-list');
  /** @type {LowStudent[]} */
  let rows = [];
  /** @type {string | null} the key to ask for the next ones with */
  let following = null;
  const turns = createTurns();

  async function opening() {
    byId('low-title').focus();
    rows = [];
    list.replaceChildren();
    setText(byId('low-summary'), t('low.looking'));
    setHidden(byId('low-more'), true);
    await load();
  }

  async function load() {
    const wanted = turns.take();
    showProblem('');
    try {
      const after = following !== null && rows.length > 0 ? `&after=${encodeURIComponent(following)}` : '';
      const { data } = await page.api.get(`/low-attendance?limit=${AT_ONCE}${after}`);
      if (!wanted()) return;
      rows = [...rows, ...data.rows];
      following = data.next;
      list.append(...data.rows.map(itemOf));
      setText(byId('low-summary'), t('low.summary', { count: data.total }));
      setHidden(byId('low-more'), following === null);
    } catch (error) {
      if (!wanted()) return;
      setText(byId('low-summary'), '');
      showProblem(asProblem(error).detail);
    }
  }

  /** @param {LowStudent} row */
  function itemOf(row) {
    const item = copyOf('low-row');
    item.dataset.student = row.student.key;
    setText(part(item, 'name'), row.student.name);
    setText(part(item, 'id'), row.student.student_id);
    part(item, 'why').replaceChildren(...lowStudentWords(row).map((text) => make('li', { text })));
    setText(part(item, 'contact'), contactWords(row.contacted));
    setAttribute(part(item, 'open'), 'aria-label', t('low.contact_of', { name: row.student.name }));
    return item;
  }

  /** @param {HTMLElement} item */
  function toggle(item) {
    const form = formOf(item);
    const opens = form.hidden;
    for (const other of /** @type {NodeListOf<HTMLFormElement>} */ (list.querySelectorAll('form'))) {
      setHidden(other, true);
    }
    for (const button of list.querySelectorAll('[data-part="open"]')) button.setAttribute('aria-expanded', 'false');
    setHidden(form, !opens);
    part(item, 'open').setAttribute('aria-expanded', String(opens));
    if (!opens) return;
    inputOf(form, 'on').value ||= dayIn(Date.now(), page.health?.time_zone);
    inputOf(form, 'outcome').focus();
  }

  /** @param {HTMLElement} item */
  async function save(item) {
    const row = rows.find(({ student }) => student.key === item.dataset.student);
    const form = formOf(item);
    if (!row) return;
    const json = { on: inputOf(form, 'on').value, outcome: inputOf(form, 'outcome').value };
    try {
      const { data } = await page.api.post(`/students/${encodeURIComponent(row.student.key)}/contacts`, { json });
      row.contacted = data;
      setText(part(item, 'contact'), contactWords(data));
      form.reset();
      toggle(item);
      setText(part(item, 'problem'), '');
      part(item, 'open').focus();
    } catch (error) {
      setText(part(item, 'problem'), asProblem(error).detail);
    }
  }

  list.addEventListener('click', (event) => {
    const item = closestTo(event, '[data-student]');
    if (item && closestTo(event, '[data-part="open"]')) toggle(item);
  });
  list.addEventListener('submit', (event) => {
    event.preventDefault();
    const item = closestTo(event, '[data-student]');
    if (item) whileBusy(/** @type {HTMLButtonElement} */ (part(item, 'save')), () => save(item));
  });
  byId('low-more').addEventListener('click', () => whileBusy(byId('low-more'), load));

  return { opening };
}

/** @param {HTMLElement} item */
function formOf(item) {
  return /** @type {HTMLFormElement} */ (part(item, 'form'));
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function inputOf(form, name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
}

/** @param {string} sentence */
function showProblem(sentence) {
  setText(byId('low-problem'), sentence);
  setHidden(byId('low-problem'), sentence === '');
}
