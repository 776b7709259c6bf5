// Asks which mark to make: for one cell, with why it is what it is, or for many students at once.

import { byId, make, setHidden, setText } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';

/** @returns {MarkChooser} */
export function createMarkDialog() {
  const dialog = byId('mark-dialog');
  /** @type {(chosen: ChosenMark | null) => void} */
  let answer = () => {};

  byId('mark-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const status = /** @type {MarkStatus | null} */ (chosenStatus());
    setText(byId('mark-problem'), t('mark.choose'));
    setHidden(byId('mark-problem'), status !== null);
    if (status === null) return;
    const remark = byId('mark-remark').value;
    const at = byId('mark-at-field').hidden ? '' : byId('mark-at').value;
    answer({ status, ...(remark && { remark }), ...(at && { at }) });
    dialog.close();
  });
  /** @type {MarkRemark[]} */
  let offered = [];
  /** @type {SiteReason[]} */
  let forExcused = [];
  byId('mark-remark').addEventListener('change', showTime);
  byId('mark-status').addEventListener('change', offer);

  function chosenStatus() {
    return new FormData(byId('mark-form')).get('mark-status');
  }

  /** List the remarks, and the reasons that only an E can have. */
  function offer() {
    const before = byId('mark-remark').value;
    const listed = [...offered, ...(chosenStatus() === 'excused' ? forExcused : [])];
    setHidden(byId('mark-remark-field'), listed.length === 0);
    byId('mark-remark').replaceChildren(
      make('option', { value: '', text: t('mark.no_remark') }),
      ...listed.map(({ code, text }) => make('option', { value: code, text })),
    );
    byId('mark-remark').value = listed.some(({ code }) => code === before) ? before : '';
    showTime();
  }

  function showTime() {
    const remark = offered.find(({ code }) => code === byId('mark-remark').value);
    setHidden(byId('mark-at-field'), !remark?.time);
  }

  dialog.addEventListener('close', () => answer(null));

  return ({ title, line, why, status, remarks, reasons = [] }) => {
    setText(byId('mark-title'), title);
    setText(byId('mark-line'), line);
    setText(byId('mark-why'), why);
    setHidden(byId('mark-why'), why === '');
    setHidden(byId('mark-problem'), true);
    byId('mark-form').reset();
    const choice = byId('mark-status').querySelector(`[value="${status}"]`);
    if (choice) /** @type {HTMLInputElement} */ (choice).checked = true;
    offered = remarks;
    forExcused = reasons;
    offer();
    dialog.showModal();
    byId('mark-title').focus();
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
}
