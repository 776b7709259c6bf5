// One class while it is looked at: kept up to date, marked by keys and buttons, undone, opened and closed.

import { byId, closestTo, setHidden, whileBusy } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { changeFor, meetingTitle, withWarning } from '../../logic/faculty/meetings.js';
import * as registers from '../../logic/faculty/meeting_register.js';
import { askCancel } from '../ask_cancel.js';
import { confirmThen } from '../confirm.js';
import { createClassView, markedWords } from './class_view.js';
import { createWatch } from '../watch.js';
import { sendMarks } from './send_marks.js';
import { createVisitDialog } from './visit_dialog.js';
import { setOff } from '../../logic/names.js';

/** Rows are not sorted again while somebody marks. */
const SETTLE_AFTER_MS = 6000;
const ANNOUNCE = 'secure-attend-announce';

/**
 * `changed` is told when the class itself was changed.
 * @param {FacultyPage} page
 * @param {{ choose: MarkChooser, changed: () => void }} site
 */
export function createClassRegister(page, { choose, changed }) {
  const view = createClassView();
  const body = byId('class-rows');
  let state = registers.initial;
  /** @type {string | null} */
  let meeting = null;
  /** @type {string | null} */
  let etag = null;
  /** @type {string | null} */
  let current = null;
  let touchedAt = 0;
  const watch = createWatch(look, (error) => page.wentWrong(t('register.not_loaded'), error));

  const decide = createVisitDialog(page, () => watch.now());

  /** @param {RegisterEvent} event */
  function dispatch(event) {
    state = registers.next(state, event);
    view.render(state, current);
  }

  /**
   * Look once; answers how many seconds to wait.
   * @param {() => boolean} wanted
   */
  async function look(wanted) {
    if (meeting === null) return null;
    const answer = await page.api.get(`${address(meeting)}/register`, { etag });
    if (!wanted()) return null;
    if (answer.status !== 304) {
      const before = state.register;
      etag = answer.etag;
      dispatch({ type: 'listed', register: answer.data });
      announce(registers.arrivals(before, answer.data));
    }
    settle();
    return registers.pollSeconds(state.register?.meeting.phase ?? 'open');
  }

  function settle() {
    const resting = Date.now() - touchedAt > SETTLE_AFTER_MS && !body.contains(document.activeElement);
    if (resting) dispatch({ type: 'settle' });
  }

  /** @param {string[]} names */
  function announce(names) {
    if (names.length > 0 && byId('class-announce').checked) page.quietly(registers.arrivalWords(names));
  }

  /**
   * @param {string[]} students
   * @param {MarkStatus} status
   * @param {Omit<ChosenMark, 'status'>} [more]
   */
  async function mark(students, status, more = {}) {
    const free = students.filter((key) => !(key in state.pending));
    const marks = registers.marksFor(state, free, status).map((one) => ({ ...one, ...more }));
    if (marks.length === 0 || meeting === null) return;
    const before = marks.map(({ student }) => registers.markNow(state, student));
    touchedAt = Date.now();
    dispatch({ type: 'marking', marks });
    try {
      const { marks: sent, records } = await sendMarks(page, choose, meeting, marks);
      dispatch({ type: 'marked', marks: sent, records, before });
      if (state.register) page.quietly(markedWords(state.register, sent));
    } catch (error) {
      dispatch({ type: 'not_marked', marks });
      page.wentWrong(t('register.not_marked'), error);
    }
    await watch.now();
  }

  async function undo() {
    const step = state.undo.at(-1);
    if (!step || meeting === null) {
      page.quietly(t('register.nothing_to_undo'));
      return;
    }
    touchedAt = Date.now();
    dispatch({ type: 'marking', marks: step.back });
    try {
      const { records } = await sendMarks(page, choose, meeting, step.back);
      dispatch({ type: 'undone', step, records });
      page.quietly(t('register.undone'));
    } catch (error) {
      dispatch({ type: 'not_marked', marks: step.back });
      page.wentWrong(t('register.not_undone'), error);
    }
    await watch.now();
  }

  /** @param {MeetingChange} json */
  async function change(json) {
    if (meeting === null) return;
    const { data } = await page.api.post(`${address(meeting)}/changes`, { json });
    page.said(withWarning(t('act.done'), data));
    await watch.now();
    changed();
  }

  /** @param {MeetingAct} act */
  async function asked(act) {
    const shown = state.register?.meeting;
    if (!shown) return;
    if (act === 'cancel' || act === 'restore') await askCancel(shown, change);
    else if (act === 'close') {
      const title = t('close.title', { meeting: meetingTitle(shown) });
      const words = { title, words: t('close.words'), yes: t('close.yes') };
      confirmThen({ ...words, danger: false, act: () => change(changeFor(act)) });
    } else await change(changeFor(act));
  }

  /** @param {number | 'first' | 'last'} by */
  function move(by) {
    const keys = registers.shownRows(state).map(({ student }) => student.key);
    const at = keys.indexOf(current ?? keys[0]);
    const to = by === 'first' ? 0 : by === 'last' ? keys.length - 1 : Math.min(keys.length - 1, Math.max(0, at + by));
    current = keys[to];
    view.render(state, current);
    rowOf(current)?.focus();
  }

  /**
   * @param {string} key
   * @returns {HTMLElement | null}
   */
  function rowOf(key) {
    return body.querySelector(`[data-key="${CSS.escape(key)}"]`);
  }

  body.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = registers.keyAct(event.key);
    const row = closestTo(event, 'tr');
    if (!act || !row?.dataset.key) return;
    event.preventDefault();
    if ('move' in act) move(act.move);
    else if (!state.register?.may_mark) return;
    else if ('undo' in act) undo();
    else mark([row.dataset.key], act.mark);
  });
  body.addEventListener('focusin', (event) => {
    const key = closestTo(event, 'tr')?.dataset.key ?? null;
    if (key === current) return;
    current = key;
    view.render(state, current);
  });
  body.addEventListener('click', (event) => {
    const given = /** @type {GivenStatus | undefined} */ (closestTo(event, '[data-mark]')?.dataset.mark);
    const key = closestTo(event, 'tr')?.dataset.key;
    if (given && key) mark([key], given);
  });
  byId('class-undo-go').addEventListener('click', () => whileBusy(byId('class-undo-go'), undo));
  byId('class-mark-all').addEventListener('click', async () => {
    const keys = registers.shownRows(state).map(({ student }) => student.key);
    const remarks = state.register?.remarks ?? [];
    const chosen = await choose({
      title: t('mark.many', { count: keys.length }),
      line: '',
      why: '',
      status: null,
      remarks,
    });
    if (!chosen) return;
    const { status, ...more } = chosen;
    mark(keys, status, more);
  });
  byId('class-filters').addEventListener('change', (event) =>
    dispatch({ type: 'filter', filter: /** @type {HTMLInputElement} */ (event.target).value }),
  );
  byId('class-search').addEventListener('input', () => dispatch({ type: 'search', text: byId('class-search').value }));
  byId('class-acts').addEventListener('click', (event) => {
    const act = /** @type {MeetingAct | undefined} */ (closestTo(event, '[data-class-act]')?.dataset.classAct);
    if (!act) return;
    closestTo(event, 'details')?.removeAttribute('open');
    asked(act).catch((error) => page.wentWrong(t('act.failed'), error));
  });
  byId('class-visitors-list').addEventListener('click', async (event) => {
    const button = closestTo(event, '[data-visitor-act]');
    const key = closestTo(event, '[data-key]')?.dataset.key;
    const visitor = state.register?.visitors.find(({ student }) => student.key === key);
    if (button && visitor) await whileBusy(button, () => visit(visitor, button.dataset.visitorAct ?? ''));
  });
  byId('class-counts').addEventListener('click', (event) => {
    if (!closestTo(event, '[data-to-visitors]')) return;
    byId('class-visitors').scrollIntoView();
    byId('class-visitors-title').focus({ preventScroll: true });
  });
  byId('class-tools-open').addEventListener('click', () => {
    const open = byId('class-tools').toggleAttribute('data-open');
    byId('class-tools-open').setAttribute('aria-expanded', String(open));
    if (open) byId('class-search').focus();
  });
  byId('class-search').placeholder = t('register.search_hint');
  byId('class-announce').checked = globalThis.localStorage?.getItem(ANNOUNCE) === '1';
  byId('class-announce').addEventListener('change', () =>
    globalThis.localStorage?.setItem(ANNOUNCE, byId('class-announce').checked ? '1' : '0'),
  );

  byId('class-elsewhere').addEventListener('click', async (event) => {
    const button = closestTo(event, '[data-room-act]');
    const there = registers
      .otherRooms(state.register?.visitors ?? [])
      .find(({ room }) => room === button?.dataset.room);
    if (!button || !there) return;
    if (button.dataset.roomAct === 'move') askMove(there.room);
    else await whileBusy(button, () => accept(there.visitors));
  });

  /** @param {string} room */
  function askMove(room) {
    const shown = state.register?.meeting;
    if (!shown) return;
    confirmThen({
      title: t('move_room.title', { meeting: meetingTitle(shown), room: setOff(room) }),
      goes: t('move_room.goes', { room: setOff(room), former: setOff(shown.room ?? '') }),
      stays: t('move_room.stays'),
      yes: t('register.move_class'),
      danger: false,
      act: () => change({ action: 'edit', room }),
    });
  }

  byId('class-accept-all').addEventListener('click', () => whileBusy(byId('class-accept-all'), () => accept(null)));

  /**
   * @param {RegisterVisitor} visitor
   * @param {string} act
   */
  async function visit(visitor, act) {
    if (act === 'accept') return accept([visitor]);
    if (act === 'more') {
      const seen = state.register?.meeting;
      if (seen) await decide(seen, visitor).catch((error) => page.wentWrong(t('register.not_marked'), error));
      return undefined;
    }
    const marks = [{ student: visitor.student.key, status: 'declined', replaces: null }];
    return told(`${address(meeting ?? '')}/marks`, { marks }, t('register.declined', { name: visitor.student.name }));
  }

  /** @param {RegisterVisitor[] | null} visitors null: all */
  function accept(visitors) {
    const chosen = visitors ?? state.register?.visitors ?? [];
    const words =
      chosen.length === 1
        ? t('register.accepted', { name: chosen[0].student.name })
        : t('register.accepted_many', { count: chosen.length });
    const students = chosen.map(({ student }) => student.key);
    return told(`${address(meeting ?? '')}/visitors`, { students }, words);
  }

  /**
   * @param {string} path
   * @param {unknown} json
   * @param {string} words
   */
  async function told(path, json, words) {
    try {
      await page.api.post(path, { json });
      page.said(words);
      byId('class-visitors-title').focus();
    } catch (error) {
      page.wentWrong(t('register.not_marked'), error);
    }
    await watch.now();
  }

  return {
    /**
     * Shows this class and keeps it up to date; null shows none.
     * @param {string | null} key
     */
    show(key) {
      if (key === meeting) return;
      meeting = key;
      etag = null;
      current = null;
      byId('class-search').value = '';
      dispatch({ type: 'left' });
      /** @type {HTMLInputElement} */ (byId('class-filters').querySelector('[value="missing"]')).checked = true;
      setHidden(byId('class-loading'), key === null);
      if (key === null) watch.stop();
      else watch.start();
    },
  };
}

/** @param {string} meeting */
function address(meeting) {
  return `/meetings/${encodeURIComponent(meeting)}`;
}
