// The attendance in a student's dialog: check-ins, cancellations, marks and excuses, the newest first, some at a time.

import { byId, icon, make, setHidden } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { createTurns } from '../../lib/turns.js';
import { may } from '../../logic/faculty/rights.js';
import { markedFor } from '../../logic/marked_for.js';
import { setOff } from '../../logic/names.js';
import { dayInWords } from '../../logic/time.js';

const RECORDS = 10;

/**
 * `isShown` says whether the dialog is still about this student, `failed` is told what the server refuses.
 * @param {FacultyPage} page
 * @param {{ isShown: (student: Student) => boolean, failed: (error: unknown) => void }} dialog
 */
export function createStudentRecords(page, { isShown, failed }) {
  const turns = createTurns();

  /**
   * @param {Student} student
   * @param {string} [after]
   */
  async function load(student, after) {
    const wanted = turns.take();
    if (!after) byId('attendance-list').replaceChildren();
    setHidden(byId('attendance-busy'), false);
    setHidden(byId('attendance-empty'), true);
    setHidden(byId('attendance-more'), true);
    try {
      const { data } = await page.api.get(`/students/${encodeURIComponent(student.key)}/attendance`, {
        query: { limit: RECORDS, after },
      });
      if (wanted() && isShown(student)) show(data, may(page.me, 'POST /students/{key}/excuses'));
    } catch (error) {
      if (wanted() && isShown(student)) failed(error);
    } finally {
      if (wanted()) setHidden(byId('attendance-busy'), true);
    }
  }

  return { load };
}

/**
 * @param {AttendancePage} page
 * @param {boolean} reads
 */
function show({ records, next }, reads) {
  const list = byId('attendance-list');
  const items = records.map((record) => itemOf(record, reads));
  const further = list.children.length > 0;
  list.append(...items);
  setHidden(list, list.children.length === 0);
  setHidden(byId('attendance-empty'), list.children.length > 0);
  const more = byId('attendance-more');
  more.dataset.after = next ?? '';
  setHidden(more, !next);
  if (further) items[0]?.focus(); // the button may be gone
}

/**
 * `reads`: whether the reader may see why a registrar excused somebody.
 * @param {AttendanceRecord} record
 * @param {boolean} reads
 */
function itemOf(record, reads) {
  const how = record.mark ? t('history.mark', { status: record.mark.status, by: record.by }) : howCheckedIn(record);
  const line = make(
    'li',
    { className: 'flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 text-sm tabular', tabindex: '-1' },
    [
      make('span', { className: 'font-medium', text: `${dayInWords(record.date)}, ${record.local_time}` }),
      make('span', { className: 'text-soft', text: how }),
    ],
  );
  if (record.mark) line.append(...detailsOf(record.mark));
  if (record.method === 'excuse' && record.mark?.course === null && !reads) {
    line.append(make('span', { text: t('excuse.approved') }));
  }
  if (record.cancelled) {
    const words = record.mark ? t('history.replaced') : 'Cancelled';
    line.append(make('span', { className: 'badge badge-warn' }, [icon('cross'), words]));
  }
  return line;
}

/** @param {MarkSaid} mark */
function detailsOf(mark) {
  const place = markedFor(mark).join(', ');
  const texts = [mark.reason, mark.note].filter((text) => text !== null);
  const why = make('details', { className: 'w-full' }, [
    make('summary', { className: 'min-h-6 w-fit cursor-pointer text-brand underline', text: t('excuse.why') }),
    ...texts.map((text) => make('p', { className: 'wrap-anywhere', dir: 'auto', text })),
  ]);
  return [
    ...(place ? [make('span', { className: 'wrap-anywhere', text: place })] : []),
    ...(texts.length > 0 ? [why] : []),
  ];
}

/** @param {AttendanceRecord} record */
function howCheckedIn(record) {
  const how = {
    kiosk: record.kiosk ? `at ${setOff(record.kiosk)}` : 'at a kiosk',
    by_hand: 'by hand',
    cancellation: 'a check-in was cancelled',
    mark: 'a mark',
    excuse: 'an excuse',
  }[record.method];
  return `${how}${record.by ? `, by ${setOff(record.by)}` : ''}`;
}
