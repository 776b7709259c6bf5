// A course's term as a grid: students by classes. The cell that has the focus says why it is what it is, and is marked there.

import { byId, closestTo, make, setHidden, setText } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { gridMove, mayTeach } from '../../logic/faculty/courses.js';
import { keyAct, markOf, statusWords, whyWords } from '../../logic/faculty/meeting_register.js';
import { clockOf, dayOf, meetingTitle } from '../../logic/faculty/meetings.js';
import { addressOf, writePlace } from '../../logic/faculty/places.js';
import { explained, percentWords, shownRows, takesMark } from '../../logic/faculty/percentages.js';
import { setOff } from '../../logic/names.js';
import { dayInWords } from '../../logic/time.js';
import { sendMarks } from '../today/send_marks.js';

/** The column of percentages, before those of classes. */
const PERCENTAGE = -1;
/** @type {MarkStatus[]} */
const GIVEN = ['present', 'late', 'excused', 'absent', 'as_recorded'];

/**
 * @param {FacultyPage} page
 * @param {MarkChooser} choose
 * @param {ExcusesDialog} excuses
 * @param {(course: Course) => void} exportIt
 * @returns {CourseTabView}
 */
export function createAttendanceTab(page, choose, excuses, exportIt) {
  const body = byId('grid-rows');
  const onlyLow = byId('grid-only-low');
  const order = byId('grid-order');
  /** @type {Course | null} */
  let course = null;
  /** @type {CourseRegister | null} */
  let register = null;
  /** @type {GridRow[]} those of the register that are shown, in their order */
  let rows = [];
  /** @type {[number, number]} row and column of the cell that the keyboard is at */
  let at = [0, 0];

  /** Whether nothing of the course has been drawn yet. */
  let fresh = true;

  /** @param {Course} of */
  async function show(of) {
    if (course?.key !== of.key) {
      at = [0, 0];
      fresh = true;
      for (const id of /** @type {const} */ (['grid-cell', 'grid-scroll', 'grid-none'])) setHidden(byId(id), true);
    }
    course = of;
    setHidden(byId('grid-tools'), !mayTeach(of, page.me?.roles ?? []));
    byId('grid-print').setAttribute('href', writePlace(addressOf('sheets', { sheet: 'course', of: of.key })));
    await load();
  }

  async function load() {
    const asked = course;
    if (asked === null) return;
    setHidden(byId('grid-busy'), !fresh);
    try {
      const { data } = await page.api.get(`/courses/${encodeURIComponent(asked.key)}/register`);
      if (asked !== course) return;
      register = data;
      draw(data);
    } finally {
      if (asked === course) setHidden(byId('grid-busy'), true);
    }
  }

  /** @param {CourseRegister} grid */
  function draw(grid) {
    const { meetings, may_mark: mayMark } = grid;
    chooseRows(grid, meetings.length > 0);
    const hadFocus = body.contains(document.activeElement);
    setHidden(byId('grid-none'), meetings.length > 0);
    setHidden(byId('grid-scroll'), meetings.length === 0 || rows.length === 0);
    const first = [headOf(t('grid.student')), headOf(t('percentage.column'))];
    byId('grid-head').replaceChildren(...first, ...meetings.map((one) => headOf(shortDay(one), one)));
    body.replaceChildren(...rows.map(rowOf));
    const cell = cellAt(at);
    if (cell) cell.tabIndex = 0;
    if (hadFocus) cell?.focus({ preventScroll: true });
    if (fresh) showLatest(meetings);
    fresh = false;
    const mayExcuse = course !== null && mayTeach(course, page.me?.roles ?? []);
    byId('grid-cell-marks').replaceChildren(
      ...(mayMark ? [...GIVEN.map(markButton), cellButton('remark', t('grid.remark'))] : []),
      ...(mayExcuse ? [cellButton('excuses', t('excuse.open'))] : []),
    );
    if (!byId('grid-cell').hidden) tell();
  }

  /**
   * @param {CourseRegister} grid
   * @param {boolean} held whether there is a class
   */
  function chooseRows(grid, held) {
    rows = shownRows(grid, { onlyLow: onlyLow.checked, lowestFirst: order.value === 'lowest' });
    at[0] = Math.max(0, Math.min(rows.length - 1, at[0]));
    setText(byId('grid-low-count'), String(grid.rows.filter(({ percentage }) => percentage.low.length > 0).length));
    setHidden(byId('grid-filters'), !held);
    setHidden(byId('grid-none-low'), !held || rows.length > 0 || !onlyLow.checked);
  }

  /**
   * Scroll to the last class that began, and let the keyboard start there.
   * @param {Meeting[]} meetings
   */
  function showLatest(meetings) {
    const latest = meetings.findLastIndex(({ phase }) => phase !== 'planned');
    const cell = cellAt([0, latest]);
    if (!cell) return;
    setTabStop([0, latest]);
    const scroll = byId('grid-scroll');
    scroll.scrollLeft = cell.offsetLeft + 2 * cell.offsetWidth - scroll.clientWidth;
  }

  /** @param {[number, number]} to */
  function setTabStop(to) {
    const before = cellAt(at);
    if (before) before.tabIndex = -1;
    const cell = cellAt(to);
    if (cell) cell.tabIndex = 0;
    at = to;
  }

  /**
   * @param {GridRow} row
   * @param {number} line
   */
  function rowOf({ student, cells, percentage }, line) {
    const name = make('th', { scope: 'row', role: 'rowheader' }, [
      make('span', { className: 'block font-medium wrap-anywhere', text: student.name, dir: 'auto', translate: 'no' }),
      make('span', {
        className: 'block font-mono text-xs text-soft break-words',
        text: student.student_id,
        dir: 'auto',
        translate: 'no',
      }),
    ]);
    const shown = cells.map((cell, column) => cellOf(student, cell, line, column));
    const second = percentage ? percentageOf(student, percentage, line) : visitorOf(student, line);
    return make('tr', { role: 'row' }, [name, second, ...shown]);
  }

  /**
   * @param {StudentName} student
   * @param {number} line
   */
  function visitorOf({ name }, line) {
    const shown = { 'data-at': `${line},${PERCENTAGE}`, 'data-percentage': 'visitor' };
    return make('td', { role: 'gridcell', tabindex: '-1', ...shown }, [
      make('span', { className: 'sr-only', text: setOff(name) }),
      make('span', { className: 'block text-xs font-normal', text: t('grid.visitor') }),
    ]);
  }

  /**
   * @param {StudentName} student
   * @param {Percentage} found
   * @param {number} line
   */
  function percentageOf({ name }, found, line) {
    const low = found.low.length > 0;
    const parts = [
      make('span', { className: 'sr-only', text: setOff(name) }),
      make('span', { className: 'block tabular', text: percentWords(found.percent) }),
    ];
    if (found.percent !== null) {
      parts.push(make('span', { className: 'block text-xs font-normal tabular', text: found.formula }));
    }
    if (low) parts.push(make('span', { className: 'block text-xs', text: t('percentage.low') }));
    const shown = { 'data-at': `${line},${PERCENTAGE}`, 'data-percentage': low ? 'low' : 'fine' };
    return make('td', { role: 'gridcell', tabindex: '-1', ...shown }, parts);
  }

  /**
   * @param {StudentName} student
   * @param {RegisterCell} cell
   * @param {number} line
   * @param {number} column
   */
  function cellOf(student, { status }, line, column) {
    const meeting = /** @type {CourseRegister} */ (register).meetings[column];
    const words = { name: student.name, day: shortDay(meeting), status: statusWords(status) };
    return make('td', {
      role: 'gridcell',
      tabindex: '-1',
      'data-at': `${line},${column}`,
      'data-status': status ?? 'none',
      'aria-label': t('grid.cell', words),
      text: t(`letter.${status ?? 'none'}`),
    });
  }

  /**
   * @param {[number, number]} where
   * @returns {HTMLElement | null}
   */
  function cellAt(where) {
    return body.querySelector(`[data-at="${where.join()}"]`);
  }

  function chosen() {
    const row = rows[at[0]];
    const meeting = register?.meetings[at[1]];
    return row && meeting ? { row, student: row.student, cell: row.cells[at[1]], meeting } : null;
  }

  /** @param {MarkStatus} status */
  function markable(status) {
    const here = chosen();
    const open = here !== null && register?.may_mark && !here.meeting.locked;
    return open && takesMark(here.row, here.cell, status) ? here : null;
  }

  /** Say why the cell is what it is. */
  function tell() {
    const here = chosen();
    const ofRow = at[1] === PERCENTAGE ? rows[at[0]] : undefined;
    setHidden(byId('grid-cell'), here === null && !ofRow);
    setHidden(byId('grid-cell-marks'), here === null);
    for (const old of body.querySelectorAll('[data-here]')) old.removeAttribute('data-here');
    cellAt(at)?.setAttribute('data-here', '');
    if (ofRow) tellOfRow(ofRow);
    if (!here) return;
    const { row, student, cell, meeting } = here;
    const day = t('grid.day', { day: dayInWords(dayOf(meeting.starts)), title: meetingTitle(meeting) });
    setText(byId('grid-cell-title'), t('grid.title', { name: student.name, meeting: day }));
    const why = whyWords(cell.why) || statusWords(cell.status);
    setText(byId('grid-cell-why'), meeting.locked ? t('grid.locked', { why }) : why);
    setHidden(byId('grid-cell-marks'), meeting.locked);
    showMarks(row, cell);
  }

  /** @param {GridRow} row */
  function tellOfRow({ student, percentage }) {
    const short = percentage ? percentWords(percentage.percent) : t('grid.visitor');
    const policy = /** @type {CourseRegister} */ (register).policy;
    setText(byId('grid-cell-title'), t('grid.title', { name: student.name, meeting: short }));
    const why = percentage ? explained(percentage, policy).join(' ') : t('grid.visitor_text');
    setText(byId('grid-cell-why'), why);
  }

  /**
   * @param {GridRow} row
   * @param {RegisterCell} cell
   */
  function showMarks(row, cell) {
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (byId('grid-cell-marks').querySelectorAll('button'))) {
      const status = /** @type {MarkStatus | undefined} */ (button.dataset.mark);
      setHidden(button, status ? !takesMark(row, cell, status) : row.percentage === null);
      if (status) button.setAttribute('aria-pressed', String(cell.mark !== null && status === cell.status));
    }
  }

  /**
   * @param {MarkStatus} status
   * @param {Omit<ChosenMark, 'status'>} [more]
   */
  async function mark(status, more = {}) {
    const here = markable(status);
    if (!here) return;
    const { student, cell, meeting } = here;
    const marks = [{ student: student.key, status, replaces: cell.mark, ...more }];
    try {
      await sendMarks(page, choose, meeting.key, marks);
    } catch (error) {
      page.wentWrong(t('register.not_marked'), error);
    }
    await load();
  }

  async function markWithRemark() {
    const here = markable('excused');
    if (!here || !register) return;
    const { student, cell, meeting } = here;
    const answer = await choose({
      title: student.name,
      line: t('grid.day', { day: dayInWords(dayOf(meeting.starts)), title: meetingTitle(meeting) }),
      why: whyWords(cell.why),
      status: markOf(cell),
      remarks: register.remarks,
    });
    if (answer) {
      const { status, ...more } = answer;
      await mark(status, more);
    }
    cellAt(at)?.focus();
  }

  async function openExcuses() {
    const here = chosen();
    if (!here || !course) return;
    const day = dayOf(here.meeting.starts);
    const may = mayTeach(course, page.me?.roles ?? []) && !course.archived;
    if (await excuses.open(here.student, course, { may, day })) await load();
    cellAt(at)?.focus();
  }

  byId('grid-export').addEventListener('click', () => {
    if (course) exportIt(course);
  });
  body.addEventListener('focusin', (event) => {
    const cell = closestTo(event, '[data-at]');
    if (!cell) return;
    const [row, column] = (cell.dataset.at ?? '').split(',').map(Number);
    setTabStop([row, column]);
    tell();
  });
  body.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !register) return;
    const to = gridMove(event.key, at, [rows.length, register.meetings.length], PERCENTAGE);
    const act = keyAct(event.key);
    if (to) cellAt(to)?.focus();
    else if (event.key === 'Enter') markWithRemark();
    else if (act && 'mark' in act) mark(act.mark);
    else return;
    event.preventDefault();
  });
  for (const control of [onlyLow, order]) {
    control.addEventListener('change', () => {
      setHidden(byId('grid-cell'), true);
      if (register) draw(register);
    });
  }
  byId('grid-cell-marks').addEventListener('click', (event) => {
    const button = closestTo(event, 'button');
    if (!button) return;
    if (button.dataset.mark) mark(/** @type {MarkStatus} */ (button.dataset.mark));
    else if (button.dataset.do === 'excuses') openExcuses();
    else markWithRemark();
  });

  return {
    show,
    leave() {
      course = null;
    },
  };
}

/**
 * @param {string} text
 * @param {Meeting} [meeting]
 */
function headOf(text, meeting) {
  const head = make('th', { scope: 'col', role: 'columnheader' }, [make('span', { className: 'block', text })]);
  if (!meeting) return head;
  head.title = meetingTitle(meeting);
  head.append(make('span', { className: 'block text-xs font-normal tabular', text: clockOf(meeting.starts) }));
  return head;
}

/** @param {Meeting} meeting */
function shortDay({ starts }) {
  return dayInWords(dayOf(starts)).replace(/^\S+ |\s\d{4}$/g, ''); // without weekday and year
}

/** @param {MarkStatus} status */
function markButton(status) {
  const letter = status === 'as_recorded' ? t('register.as_recorded') : t(`letter.${status}`);
  const label = status === 'as_recorded' ? letter : `${letter}: ${t(`status.${status}`)}`;
  const className = status === 'as_recorded' ? 'btn px-3 text-sm' : 'mark';
  return make('button', { type: 'button', className, 'data-mark': status, 'aria-label': label, text: letter });
}

/**
 * @param {string} act
 * @param {string} text
 */
function cellButton(act, text) {
  return make('button', { type: 'button', className: 'btn px-3 text-sm', 'data-do': act, text });
}
