// Sheets: one to print, or the screen on which a signed one is entered.

import { byId, setHidden, setText } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { addressOf, writePlace } from '../../logic/faculty/places.js';
import { asProblem } from '../../logic/problems.js';
import { blankSheet, filledSheet } from './class_sheet.js';
import { courseSheet } from './course_sheet.js';
import { createSheetEntry } from './sheet_entry.js';
import { statementSheet } from './statement.js';

/** @type {Record<SheetName, (key: string) => string>} */
const ADDRESSES = {
  class: (key) => `/meetings/${key}/sheet`,
  blank: (key) => `/meetings/${key}/sheet`,
  entry: (key) => `/meetings/${key}/sheet`,
  course: (key) => `/courses/${key}/sheet`,
  statement: (key) => `/students/${key}/statement`,
};

/**
 * @param {FacultyPage} page
 * @param {MarkChooser} choose
 * @returns {WatchedPlace}
 */
export function createSheetsPlace(page, choose) {
  /** @type {PlaceAddress | null} */
  let here = null;
  const entry = createSheetEntry(page, choose, refresh);

  /** @param {PlaceAddress} address */
  async function show(address) {
    const { sheet, of } = address;
    if (!sheet || !of) return;
    here = address;
    renderHead(sheet);
    byId('sheet').replaceChildren();
    setHidden(byId('entry-sheet'), true);
    setHidden(byId('sheet-problem'), true);
    setHidden(byId('sheet-loading'), false);
    try {
      const { data } = await page.api.get(ADDRESSES[sheet](encodeURIComponent(of)));
      if (here === address) draw(sheet, data);
    } catch (error) {
      if (here === address) failed(error);
    }
    if (here === address) setHidden(byId('sheet-loading'), true);
  }

  /** @param {SheetName} sheet */
  function renderHead(sheet) {
    setText(byId('sheet-title'), t(`sheet.${sheet}_title`));
    setHidden(byId('sheet-print'), true);
    setHidden(byId('sheet-up'), true);
  }

  /**
   * @param {SheetName} sheet
   * @param {any} data
   */
  function draw(sheet, data) {
    setHidden(byId('entry-sheet'), sheet !== 'entry');
    setHidden(byId('sheet-print'), sheet === 'entry');
    byId('sheet').dataset.sheet = sheet;
    byId('sheet-back').setAttribute('href', writePlace(under(sheet, data)));
    setHidden(byId('sheet-up'), false);
    if (sheet === 'entry') entry.show(data);
    else if (sheet === 'class') byId('sheet').replaceChildren(...filledSheet(data));
    else if (sheet === 'blank') byId('sheet').replaceChildren(...blankSheet(data));
    else if (sheet === 'course') byId('sheet').replaceChildren(...courseSheet(data));
    else byId('sheet').replaceChildren(...statementSheet(data));
  }

  /** @param {unknown} error */
  function failed(error) {
    setText(byId('sheet-problem'), `${t('sheet.not_loaded')} ${asProblem(error).detail}`);
    setHidden(byId('sheet-problem'), false);
  }

  async function refresh() {
    if (here) await show(here);
  }

  byId('sheet-print').addEventListener('click', () => globalThis.print());

  return {
    show,
    leave() {
      here = null;
      byId('sheet').replaceChildren();
    },
    refresh,
  };
}

/**
 * Where a sheet belongs.
 * @param {SheetName} sheet
 * @param {any} data
 */
function under(sheet, data) {
  if (sheet === 'statement') return addressOf('students', { student: data.student.key });
  if (sheet === 'course') return addressOf('courses', { course: data.course.key, tab: 'attendance' });
  return addressOf('courses', { course: data.course.key, tab: 'classes', meeting: data.meeting.key });
}
