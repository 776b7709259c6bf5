// One screen to enter a sheet that was signed on paper: names in its order, one key each, saved in one call.

import { byId, closestTo, make, setAttribute, setHidden, setText, whileBusy } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { addressOf } from '../../logic/faculty/places.js';
import { statusWords } from '../../logic/faculty/meeting_register.js';
import { entryAct, filledUp, marksOf } from '../../logic/faculty/sheets.js';
import { sendMarks } from '../today/send_marks.js';

/** @type {GivenStatus[]} */
const GIVEN = ['present', 'late', 'excused', 'absent'];

/**
 * `reload` asks for the sheet again, for marks that somebody else made meanwhile.
 * @param {FacultyPage} page
 * @param {MarkChooser} choose
 * @param {() => Promise<void>} reload
 */
export function createSheetEntry(page, choose, reload) {
  const body = byId('entry-rows');
  /** @type {ClassSheet | null} */
  let sheet = null;
  /** @type {EnteredMarks} what was entered stays if the sheet is loaded again */
  let entered = {};

  /** @param {ClassSheet} shown */
  function show(shown) {
    if (sheet?.meeting.key !== shown.meeting.key) entered = {};
    sheet = shown;
    body.replaceChildren(...shown.rows.map(lineOf));
    const first = /** @type {HTMLElement | null} */ (body.querySelector('tr'));
    if (first) first.tabIndex = 0;
    setHidden(byId('entry-save'), !shown.may_mark);
    setHidden(byId('entry-rest'), !shown.may_mark);
    render();
  }

  /**
   * @param {ClassSheetRow} row
   * @param {number} place
   */
  function lineOf({ student, status }, place) {
    const buttons = GIVEN.map((given) => {
      const words = { letter: t(`letter.${given}`), status: statusWords(given), name: student.name };
      const label = t('register.mark_as', words);
      const text = t(`letter.${given}`);
      return make('button', { type: 'button', className: 'mark', 'data-mark': given, 'aria-label': label, text });
    });
    return make('tr', { role: 'row', tabindex: '-1', 'data-key': student.key }, [
      make('td', { role: 'gridcell', className: 'tabular text-soft', text: String(place + 1) }),
      make('th', { role: 'rowheader', scope: 'row', className: 'font-normal' }, [
        make('span', { className: 'font-medium wrap-anywhere', text: student.name, dir: 'auto', translate: 'no' }),
        ' ',
        make('span', {
          className: 'font-mono text-sm text-soft break-all',
          text: student.student_id,
          dir: 'auto',
          translate: 'no',
        }),
      ]),
      make('td', { role: 'gridcell', className: 'text-sm text-soft', text: statusWords(status) }),
      make('td', { role: 'gridcell', className: 'marks' }, buttons),
    ]);
  }

  function render() {
    for (const line of lines()) {
      for (const button of line.querySelectorAll('button')) {
        setAttribute(button, 'aria-pressed', String(button.dataset.mark === entered[line.dataset.key ?? '']));
        button.tabIndex = line.tabIndex;
        setAttribute(button, 'aria-disabled', sheet?.may_mark ? null : 'true');
      }
    }
    const count = Object.keys(entered).length;
    setText(byId('entry-count'), t('entry_sheet.count', { count, of: sheet?.rows.length ?? 0 }));
    setAttribute(byId('entry-save'), 'aria-disabled', count === 0 ? 'true' : null);
  }

  /** @returns {HTMLElement[]} */
  function lines() {
    return [.../** @type {NodeListOf<HTMLElement>} */ (body.querySelectorAll('tr'))];
  }

  /**
   * @param {HTMLElement} line
   * @param {GivenStatus | null} status
   */
  function enter(line, status) {
    const key = line.dataset.key ?? '';
    const others = Object.entries(entered).filter(([student]) => student !== key);
    entered = Object.fromEntries(status ? [...others, [key, status]] : others);
    render();
  }

  /**
   * @param {HTMLElement} line
   * @param {-1 | 1} by
   */
  function moveFrom(line, by) {
    const all = lines();
    const to = all[all.indexOf(line) + by];
    if (to) to.focus();
    else if (by === 1) byId('entry-save').focus();
  }

  async function save() {
    if (!sheet || Object.keys(entered).length === 0) return;
    const { meeting, course, rows } = sheet;
    const marks = marksOf(rows, entered);
    try {
      await sendMarks(page, choose, meeting.key, marks);
      entered = {};
      page.said(t('entry_sheet.saved', { count: marks.length }));
      await page.go(addressOf('courses', { course: course.key, tab: 'classes', meeting: meeting.key }));
    } catch (error) {
      page.wentWrong(t('entry_sheet.not_saved'), error);
      await reload();
    }
  }

  body.addEventListener('keydown', (event) => {
    const line = closestTo(event, 'tr');
    const act = event.ctrlKey || event.metaKey || event.altKey || !line ? null : entryAct(event.key);
    if (!act || !line) return;
    event.preventDefault();
    if ('move' in act) moveFrom(line, act.move);
    else if (!sheet?.may_mark) return;
    else if ('clear' in act) enter(line, null);
    else {
      enter(line, act.status);
      moveFrom(line, 1);
    }
  });
  body.addEventListener('click', (event) => {
    const line = closestTo(event, 'tr');
    const given = /** @type {GivenStatus | undefined} */ (closestTo(event, '[data-mark]')?.dataset.mark);
    if (line && given && sheet?.may_mark) enter(line, entered[line.dataset.key ?? ''] === given ? null : given);
  });
  body.addEventListener('focusin', (event) => {
    const here = closestTo(event, 'tr');
    for (const line of lines()) line.tabIndex = line === here ? 0 : -1;
    render();
  });
  byId('entry-save').addEventListener('click', () => {
    if (Object.keys(entered).length > 0) whileBusy(byId('entry-save'), save);
  });
  byId('entry-rest').addEventListener('click', () => {
    if (sheet) entered = filledUp(sheet.rows, entered, 'absent');
    render();
    byId('entry-save').focus();
  });

  return { show };
}
