// The site's list of reasons for excuses, and when a reason is needed.

import { byId, closestTo, make, setHidden, whileBusy } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { reasonCode } from '../../logic/faculty/excuses.js';
import { clearFaults, showFaults } from '../messages.js';

/** @param {FacultyPage} page */
export function createReasonsDialog(page) {
  const list = byId('reasons-list');
  const box = byId('reasons-summary');
  const fields = { reason_after_days: byId('reasons-days') };
  /** @type {string[]} the codes that a new reason cannot have */
  let taken = [];

  async function opening() {
    clearFaults(box, fields);
    setHidden(byId('reasons-form'), true);
    setHidden(byId('reasons-loading'), false);
    byId('reasons-title').focus();
    try {
      show((await page.api.get('/attendance-settings')).data);
      setHidden(byId('reasons-form'), false);
    } catch (error) {
      showFaults(byId('reasons-problem'), error, {});
    } finally {
      setHidden(byId('reasons-loading'), true);
    }
  }

  /** @param {AttendanceSettings} settings */
  function show({ reasons, remarks, excused_needs_reason: excused, reason_after_days: days }) {
    setHidden(byId('reasons-problem'), true);
    taken = [...remarks, ...reasons].map(({ code }) => code);
    list.replaceChildren(...reasons.map(reasonRow));
    byId('reasons-excused').checked = excused;
    byId('reasons-old').checked = days !== null;
    byId('reasons-days').value = String(days ?? 14);
    showDays();
  }

  function showDays() {
    setHidden(byId('reasons-days-field'), !byId('reasons-old').checked);
  }

  /** @returns {SiteReason[]} */
  function typed() {
    const inputs = /** @type {NodeListOf<HTMLInputElement>} */ (list.querySelectorAll('input'));
    const used = [...taken];
    return [...inputs]
      .filter(({ value }) => value.trim() !== '')
      .map(({ value, dataset }) => {
        const code = dataset.code || reasonCode(value, used);
        used.push(code);
        return { code, text: value.trim() };
      });
  }

  async function save() {
    clearFaults(box, fields);
    try {
      const json = {
        reasons: typed(),
        excused_needs_reason: byId('reasons-excused').checked,
        reason_after_days: byId('reasons-old').checked ? Number(byId('reasons-days').value) : null,
      };
      show((await page.api.patch('/attendance-settings', json)).data);
      page.said(t('reasons.saved'));
      byId('reasons-title').focus();
    } catch (error) {
      showFaults(box, error, fields);
    }
  }

  byId('reasons-old').addEventListener('change', showDays);
  byId('reasons-add').addEventListener('click', () => {
    const row = reasonRow({ code: '', text: '' });
    list.append(row);
    row.querySelector('input')?.focus();
  });
  list.addEventListener('click', (event) => {
    if (!closestTo(event, 'button')) return;
    closestTo(event, 'li')?.remove();
    byId('reasons-add').focus();
  });
  byId('reasons-form').addEventListener('submit', (event) => {
    event.preventDefault();
    whileBusy(byId('reasons-save'), save);
  });

  return { opening };
}

/** @param {SiteReason} reason */
function reasonRow({ code, text }) {
  const input = make('input', {
    className: 'field min-w-0 flex-1',
    maxlength: '64',
    autocomplete: 'off',
    'aria-label': t('reasons.reason'),
    'data-code': code,
  });
  input.value = text;
  const label = t('members.of', { act: t('reasons.remove'), name: text || t('reasons.new') });
  const remove = make('button', { type: 'button', className: 'btn', 'aria-label': label, text: t('reasons.remove') });
  return make('li', { className: 'flex gap-2' }, [input, remove]);
}
