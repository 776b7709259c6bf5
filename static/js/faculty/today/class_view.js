// Draws one class: what it is, its numbers, its visitors and its register.

import { fillBadge } from '../../lib/badge.js';
import { byId, copyOf, everyElement, make, part, refill, setAttribute, setHidden, setText } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import {
  barParts,
  countsInWords,
  filterCounts,
  otherRooms,
  shownRows,
  statusWords,
  whyWords,
} from '../../logic/faculty/meeting_register.js';
import { actsFor, clockOf, meetingLine, meetingTitle, phaseBadge } from '../../logic/faculty/meetings.js';
import { addressOf, writePlace } from '../../logic/faculty/places.js';
import { createKeyedRows } from '../keyed_rows.js';
import { setOff } from '../../logic/names.js';

/** @type {GivenStatus[]} */
const GIVEN = ['present', 'late', 'excused', 'absent'];
/** @type {Record<string, Badge['kind']>} */
const KINDS = { present: 'good', late: 'warn', excused: 'now', absent: 'bad' };
/** @type {Record<string, string>} */
const ICONS = { present: 'check', late: 'clock', excused: 'shield', absent: 'cross' };

export function createClassView() {
  const rows = createKeyedRows(byId('class-rows'), {
    key: (/** @type {DrawnRow} */ row) => row.student.key,
    make: () => copyOf('class-row'),
    fill: fillRow,
  });

  /**
   * `current` is the student whose row the keyboard is at.
   * @param {RegisterState} state
   * @param {string | null} current
   */
  function render(state, current) {
    const { register } = state;
    setHidden(byId('class'), register === null);
    if (!register) return;
    const shown = shownRows(state);
    const here = shown.some(({ student }) => student.key === current) ? current : (shown[0]?.student.key ?? null);
    renderHead(register);
    renderVisitors(register);
    renderSheets(register);
    renderFilters(state, register);
    setHidden(byId('class-loading'), true);
    setHidden(byId('class-table'), shown.length === 0);
    setHidden(byId('class-keys'), shown.length === 0 || !register.may_mark);
    setHidden(byId('class-empty'), shown.length > 0);
    const nobody = state.filter === 'missing' && state.search.trim() === '';
    setText(byId('class-empty'), t(nobody ? 'register.nobody_missing' : 'register.no_match'));
    rows.render(shown.map((row) => ({ ...row, here: row.student.key === here, mayMark: register.may_mark })));
  }

  return { render };
}

/** @param {MeetingRegister} register */
function renderHead({ meeting, counts, rows, may_mark: mayMark }) {
  setText(byId('class-title'), meetingTitle(meeting));
  setText(byId('class-line'), meetingLine(meeting));
  fillBadge(byId('class-phase'), phaseBadge(meeting));
  const words = countsInWords(counts);
  setAttribute(byId('class-bar'), 'aria-label', words);
  const parts = barParts(counts);
  refill(byId('class-bar'), words, () =>
    parts.map(({ name, share }) => {
      const piece = make('span', { className: `tone-${name}` });
      piece.style.width = `${share}%`; // set by script: the policy of the page lets no markup do it
      return piece;
    }),
  );
  refill(byId('class-counts'), `${words}${counts.visitors}`, () => [
    ...parts.map(({ name, count }) => countItem(name, t(`count.${name}`, { count }))),
    countItem(null, t('count.of', { of: counts.of })),
    ...(counts.visitors > 0 ? [visitorsItem(counts.visitors)] : []),
  ]);
  const common = rows.every(({ status }) => status === rows[0].status) ? (rows[0]?.status ?? null) : null;
  const acts = mayMark ? actsFor(meeting, common) : [];
  setHidden(byId('class-acts'), acts.length === 0);
  refill(byId('class-acts'), acts.join(), () => actButtons(acts));
}

/** @param {MeetingRegister} register */
function renderSheets({ meeting, may_mark: mayMark }) {
  setHidden(byId('class-sheets'), !mayMark);
  for (const sheet of /** @type {const} */ (['class', 'blank', 'entry'])) {
    setAttribute(byId(`class-sheet-${sheet}`), 'href', writePlace(addressOf('sheets', { sheet, of: meeting.key })));
  }
}

/**
 * @param {AttendanceStatus | null} name
 * @param {string} text
 */
function countItem(name, text) {
  const dot = name ? [make('span', { className: `tone-dot tone-${name}` })] : [];
  return make('li', {}, [...dot, text]);
}

/** @param {number} count */
function visitorsItem(count) {
  const text = t('register.visitors_count', { count });
  return make('li', {}, [
    make('button', { type: 'button', className: 'underline underline-offset-4', 'data-to-visitors': '', text }),
  ]);
}

/**
 * The likeliest as a button; the others in a menu.
 * @param {MeetingAct[]} acts
 */
function actButtons([first, ...others]) {
  const button = (/** @type {MeetingAct} */ act, /** @type {string} */ className) =>
    make('button', { type: 'button', className, 'data-class-act': act, text: t(`act.${act}`) });
  const main = button(first, first === 'cancel' || first === 'reopen' ? 'btn' : 'btn btn-primary');
  if (others.length === 0) return [main];
  const items = others.map((act) => make('li', {}, [button(act, 'btn btn-quiet w-full justify-start')]));
  const menu = make('details', { className: 'menu' }, [
    make('summary', { className: 'btn', text: t('act.more') }),
    make('ul', { className: 'card' }, items),
  ]);
  return [main, menu];
}

/** @param {MeetingRegister} register */
function renderVisitors({ visitors, may_mark: mayMark }) {
  setHidden(byId('class-visitors'), visitors.length === 0);
  setHidden(byId('class-accept-all'), !mayMark || visitors.length < 2);
  const elsewhere = otherRooms(visitors);
  refill(byId('class-elsewhere'), JSON.stringify([elsewhere, mayMark]), () =>
    elsewhere.map(({ room, visitors: there }) => roomItem(room, there.length, mayMark)),
  );
  refill(byId('class-visitors-list'), JSON.stringify([visitors, mayMark]), () =>
    visitors.map((visitor) => visitorItem(visitor, mayMark)),
  );
}

/**
 * @param {string} room
 * @param {number} count
 * @param {boolean} mayMark
 */
function roomItem(room, count, mayMark) {
  const act = (/** @type {string} */ name, /** @type {string} */ text) =>
    make('button', { type: 'button', className: 'btn', 'data-room-act': name, 'data-room': room }, [
      text,
      make('span', { className: 'sr-only', text: ` ${setOff(room)}` }),
    ]);
  return make('li', { className: 'note flex flex-wrap items-center gap-3' }, [
    make('p', { className: 'min-w-40 flex-1', text: t('register.elsewhere', { count, room: setOff(room) }) }),
    ...(mayMark ? [act('accept', t('register.accept_all')), act('move', t('register.move_class'))] : []),
  ]);
}

/**
 * @param {RegisterVisitor} visitor
 * @param {boolean} mayMark
 */
function visitorItem({ student, kind, time, kiosk }, mayMark) {
  const why = t(`visitor.${kind}`);
  const clock = clockOf(time);
  const line = kiosk
    ? t('visitor.line_at', { kind: why, time: clock, kiosk })
    : t('visitor.line', { kind: why, time: clock });
  const act = (/** @type {string} */ name, /** @type {string} */ text) =>
    make('button', { type: 'button', className: 'btn', 'data-visitor-act': name }, [
      text,
      make('span', { className: 'sr-only', text: ` ${setOff(student.name)}` }),
    ]);
  return make('li', { className: 'flex flex-wrap items-center gap-3 py-2', 'data-key': student.key }, [
    make('p', { className: 'min-w-40 flex-1' }, [
      make('span', { className: 'block font-medium wrap-anywhere', text: student.name, dir: 'auto', translate: 'no' }),
      make('span', { className: 'block text-sm text-soft tabular', text: `${setOff(student.student_id)} · ${line}` }),
    ]),
    ...(mayMark
      ? [
          act('accept', t('register.accept')),
          act('declined', t('register.decline')),
          act('more', t('register.otherwise')),
        ]
      : []),
  ]);
}

/**
 * @param {RegisterState} state
 * @param {MeetingRegister} register
 */
function renderFilters(state, register) {
  const counts = filterCounts(register);
  for (const element of everyElement('[data-class-count]')) {
    setText(element, String(counts[element.dataset.classCount ?? '']));
  }
  setHidden(byId('class-mark-all'), !register.may_mark || state.order.length === 0);
  const last = state.undo.at(-1);
  setHidden(byId('class-undo'), !last);
  setText(byId('class-undo-text'), last ? markedWords(register, last.marks) : '');
}

/**
 * What was marked, in a sentence.
 * @param {MeetingRegister} register
 * @param {Mark[]} marks
 */
export function markedWords(register, marks) {
  const status = wordsOfMark(marks[0].status);
  if (marks.length > 1) return t('register.marked_many', { count: marks.length, status });
  const one = register.rows.find(({ student }) => student.key === marks[0].student);
  return t('register.marked', { name: one?.student.name ?? '', status });
}

/** @param {MarkStatus} status */
function wordsOfMark(status) {
  if (status === 'as_recorded') return t('register.as_recorded');
  return status === 'declined' ? t('register.decline') : statusWords(status);
}

/**
 * @param {HTMLElement} element
 * @param {DrawnRow} row
 */
function fillRow(element, row) {
  const { student, status, why, pending, here, mayMark } = row;
  element.tabIndex = here ? 0 : -1;
  setAttribute(element, 'data-pending', pending);
  setText(part(element, 'name'), student.name);
  setText(part(element, 'id'), student.student_id);
  setText(part(element, 'why'), pending ? t('register.saving') : whyWords(why));
  setAttribute(part(element, 'why'), 'data-said', !pending && ['not_yet', 'planned'].includes(why.code) ? '' : null);
  fillBadge(part(element, 'status'), statusBadge(status));
  const marks = part(element, 'marks');
  refill(marks, String(mayMark), () => (mayMark ? GIVEN.map((given) => markButton(given)) : []));
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (marks.querySelectorAll('button'))) {
    const given = /** @type {GivenStatus} */ (button.dataset.mark);
    const words = { letter: t(`letter.${given}`), status: statusWords(given), name: student.name };
    setAttribute(button, 'aria-label', t('register.mark_as', words));
    setAttribute(button, 'aria-pressed', String(given === (pending ?? status)));
    button.tabIndex = here ? 0 : -1;
  }
}

/** @param {GivenStatus} given */
function markButton(given) {
  return make('button', { type: 'button', className: 'mark', 'data-mark': given, text: t(`letter.${given}`) });
}

/**
 * @param {AttendanceStatus | null} status
 * @returns {Badge}
 */
function statusBadge(status) {
  const name = status ?? '';
  return { kind: KINDS[name] ?? 'plain', icon: ICONS[name] ?? 'circle', text: statusWords(status), detail: '' };
}
