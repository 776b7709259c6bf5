// The site's days without teaching: a weekly series has no class on them. A part of the dialog of the site's rules.

import { byId, closestTo, make, whileBusy } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { Problem } from '../../logic/problems.js';
import { clearFaults, showFaults } from '../messages.js';

/** @param {FacultyPage} page */
export function createClosuresForm(page) {
  const list = byId('closures-list');
  const box = byId('closures-summary');

  /** @param {Pick<AttendanceSettings, 'closures'>} settings */
  function show({ closures }) {
    list.replaceChildren(...closures.map(closureRow));
    clearFaults(box, inputs());
  }

  /** The inputs by the fields of the list that is sent. */
  function inputs() {
    const fields = [...list.children].flatMap((row, number) =>
      [...row.querySelectorAll('input')].map((input) => [`${number}.${input.name}`, input]),
    );
    return /** @type {Record<string, HTMLInputElement>} */ (Object.fromEntries(fields));
  }

  /** What was typed. Throws a `Problem` that names the fields that are empty, or out of order. */
  function typed() {
    const fields = inputs();
    const value = (/** @type {string} */ field) => fields[field].value.trim();
    const closures = [...list.children].map((_, number) => ({
      first_day: value(`${number}.first_day`),
      last_day: value(`${number}.last_day`) || value(`${number}.first_day`),
      name: value(`${number}.name`),
    }));
    const errors = closures.flatMap(({ first_day: first, last_day: last, name }, number) => [
      ...(first === '' ? [{ field: `${number}.first_day`, message: t('courses.missing_day') }] : []),
      ...(last < first ? [{ field: `${number}.last_day`, message: t('closures.wrong_order') }] : []),
      ...(name === '' ? [{ field: `${number}.name`, message: t('closures.missing_name') }] : []),
    ]);
    if (errors.length > 0) throw new Problem({ code: 'invalid_input', detail: '', errors });
    return closures;
  }

  async function save() {
    clearFaults(box, inputs());
    try {
      show((await page.api.patch('/attendance-settings', { closures: typed() })).data);
      page.said(t('closures.saved'));
      byId('closures-heading').focus();
    } catch (error) {
      showFaults(box, error, inputs());
    }
  }

  byId('closures-add').addEventListener('click', () => {
    const row = closureRow({ first_day: '', last_day: '', name: '' });
    list.append(row);
    row.querySelector('input')?.focus();
  });
  list.addEventListener('click', (event) => {
    if (!closestTo(event, 'button')) return;
    closestTo(event, 'li')?.remove();
    byId('closures-add').focus();
  });
  byId('closures-form').addEventListener('submit', (event) => {
    event.preventDefault();
    whileBusy(byId('closures-save'), save);
  });

  return { show };
}

let rows = 0;

/** @param {Closure} closure */
function closureRow({ first_day: first, last_day: last, name }) {
  rows += 1;
  const field = (/** @type {string} */ named, /** @type {string} */ words, /** @type {string} */ type, value = '') => {
    const id = `closure-${rows}-${named}`;
    const input = make('input', { id, name: named, type, className: 'field', maxlength: '64', autocomplete: 'off' });
    input.value = value;
    return make('div', {}, [make('label', { className: 'field-label', for: id, text: words }), input]);
  };
  const label = t('members.of', { act: t('reasons.remove'), name: name || t('closures.new') });
  return make('li', { className: 'grid items-end gap-3 sm:grid-cols-[10rem_10rem_1fr_auto]' }, [
    field('first_day', t('closures.first'), 'date', first),
    field('last_day', t('closures.last'), 'date', last),
    field('name', t('closures.name'), 'text', name),
    make('button', { type: 'button', className: 'btn', 'aria-label': label, text: t('reasons.remove') }),
  ]);
}
