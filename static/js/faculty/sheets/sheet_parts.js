// What all sheets have: a head, tables, and a foot that says as of when.

import { make } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { setOff } from '../../logic/names.js';

/**
 * @param {string} title
 * @param {string[]} lines
 */
export function sheetHead(title, lines) {
  return make('header', { className: 'sheet-head' }, [
    make('h2', { text: title, dir: 'auto' }),
    ...lines.map((text) => make('p', { text, dir: 'auto' })),
  ]);
}

/**
 * As of when, and what vouches for it.
 * @param {SheetEvidence} evidence
 */
export function sheetFoot({ local_time: time, log_record: record, log_mac: mac, register_digest: digest }) {
  return make('footer', { className: 'sheet-foot' }, [
    make('p', { text: t('sheet.as_of', { time, record }) }),
    make('p', {
      className: 'break-all',
      text: record > 0 ? t('sheet.evidence', { mac, digest }) : t('sheet.digest', { digest }),
    }),
  ]);
}

/**
 * @param {string} className
 * @param {(HTMLElement | string)[]} heads
 * @param {HTMLTableRowElement[]} rows
 * @param {string} label
 * @param {string} [caption] what stands above the table
 */
export function sheetTable(className, heads, rows, label, caption = '') {
  const head = heads.map((one) => (typeof one === 'string' ? make('th', { scope: 'col', text: one }) : one));
  return make('table', { className: `sheet-table ${className}`, 'aria-label': label }, [
    ...(caption ? [make('caption', { text: caption })] : []),
    make('thead', {}, [make('tr', {}, head)]),
    make('tbody', {}, rows),
  ]);
}

/**
 * A line of a table that begins with a student; with nobody, for somebody to write in.
 * @param {number} number
 * @param {StudentName | null} student
 * @param {HTMLElement[]} cells
 */
export function studentLine(number, student, cells) {
  return make('tr', {}, [
    make('td', { className: 'sheet-number', text: String(number) }),
    student ? make('th', { scope: 'row', text: setOff(student.name) }) : make('td'),
    make('td', { className: 'sheet-id', text: setOff(student?.student_id ?? '') }),
    ...cells,
  ]);
}

/** The headings of the columns that such a line begins with. */
export function studentHeads() {
  return [t('sheet.number'), t('sheet.name'), t('sheet.id')];
}
