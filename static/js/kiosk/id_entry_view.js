// Draws "My attendance" and the check-in by ID and code, and turns their keys and buttons into events.

import { announce, byId, icon, make, refill, setAttribute, setHidden, setText } from '../lib/dom.js';
import { t } from '../lib/messages.js';
import { secondsLeft, idEntryWords } from '../logic/kiosk/id_entry.js';
import { createOwnCourses } from '../own/own_courses.js';
import { warningSeconds } from '../logic/kiosk/left_alone.js';
import { createKeypad } from '../lib/keypad.js';
import { paintLeaving } from './leaving_view.js';
import { nameAndId } from '../logic/names.js';
import { asProblem } from '../logic/problems.js';
import { markedFor } from '../logic/marked_for.js';
import { dayInWords } from '../logic/time.js';

/**
 * @param {IdEntryDispatch} dispatch
 * @param {() => string} contact
 * @param {Api} api
 */
export function createIdEntryView(dispatch, contact, api) {
  const courses = createOwnCourses(byId('own-courses'), {
    api,
    texts: false,
    active: () => dispatch({ type: 'longer' }),
    ended: () => dispatch({ type: 'close' }),
    said: (sentence) => announce(byId('live'), sentence),
  });
  const input = byId('student-id');
  /** @type {Partial<IdEntry>} */
  let before = { open: false, shown: null };

  const keypad = createKeypad(byId('pad'), [input]);
  input.addEventListener('input', () => dispatch({ type: 'typed', text: input.value }));
  for (const id of /** @type {const} */ (['history-longer', 'who-longer'])) {
    byId(id).addEventListener('click', () => dispatch({ type: 'longer' }));
  }
  byId('screen-who').addEventListener('keydown', ({ key }) => {
    if (key === 'Escape' && !byId('who-back').disabled) dispatch({ type: 'close' });
  });
  for (const button of document.querySelectorAll('[data-done]')) {
    button.addEventListener('click', () => dispatch({ type: 'close' }));
  }

  /**
   * @param {IdEntry} state
   * @param {number} now
   */
  function render(state, now) {
    const { title, label, hint, submit, other } = idEntryWords(state, contact());
    const typed = state[state.step];
    const wanted = state.step === 'code' ? 'password' : 'text';
    if (input.type !== wanted) {
      input.type = wanted;
      keypad.use(input);
    }
    if (input.value !== typed) input.value = typed;
    setText(byId('who-title'), title);
    setText(byId('who-label'), label);
    setText(byId('who-hint'), hint);
    setHidden(byId('who-hint'), hint === '');
    setHidden(byId('who-form'), state.shown !== null);
    setHidden(byId('history-shown'), state.shown === null);
    setText(byId('who-problem'), state.problem ?? '');
    setHidden(byId('who-problem'), !state.problem);
    setAttribute(input, 'aria-invalid', state.problem ? 'true' : null);
    byId('who-submit').disabled = state.busy;
    setText(byId('who-submit'), submit);
    byId('who-other').disabled = state.busy;
    setHidden(byId('who-other'), other === null);
    setText(byId('who-other'), other ?? '');
    // A check-in that was sent is greeted: nobody has to wonder whether it counted.
    byId('who-back').disabled = state.busy && state.purpose === 'check_in';
    setText(byId('history-closes'), t('history.closes', { seconds: secondsLeft(state, now) }));
    paintLeaving('who', isAsking(state) ? warningSeconds(state.closesAt, now) : null);
    renderRecords(state.shown);
    if (state.shown !== before.shown) showCourses(state.shown);
    moveFocus(state);
    before = state;
  }

  /** @param {IdEntry['shown']} shown */
  function showCourses(shown) {
    const token = shown?.token ?? null;
    if (token === null) courses.clear();
    else courses.show(token).catch((error) => announce(byId('live'), asProblem(error).detail));
  }

  /** @param {IdEntry} state */
  function moveFocus(state) {
    if (state.open && !before.open) {
      input.focus();
    } else if (state.shown && !before.shown) {
      byId('who-title').focus();
    } else if (state.step !== before.step && state.open) {
      input.focus();
      // The field is the same one and has the focus already: who cannot see its new label is told.
      if (state.step === 'code') announce(byId('live'), byId('who-label').textContent);
    } else if (before.busy && !state.busy && state.open) {
      input.focus();
    }
  }

  return { render };
}

/** @param {History | null} answer */
function renderRecords(answer) {
  const records = answer?.records ?? [];
  const count = answer?.total ?? records.length;
  const summary = answer ? t('history.summary', { student: nameAndId(answer.student), count }) : '';
  setText(byId('history-who'), summary);
  setHidden(byId('history-empty'), records.length > 0);
  setHidden(byId('history-scroll'), records.length === 0);
  refill(byId('history-rows'), JSON.stringify(records), () => records.map(rowOf));
  const marks = answer?.marks ?? [];
  setHidden(byId('history-marked'), marks.length === 0);
  refill(byId('history-marks'), JSON.stringify(marks), () => marks.map(markOf));
}

/** @param {HistoryMark} mark */
function markOf(mark) {
  return make('li', {}, [
    make('p', { className: 'font-medium', text: t('history.mark', { status: mark.status, by: mark.by }) }),
    make('p', { className: 'text-soft', text: [dayInWords(mark.date), ...markedFor(mark)].join(', ') }),
    ...[mark.reason, mark.note].filter((text) => text !== null).map((text) => make('p', { text })),
  ]);
}

/** @param {HistoryRecord} record */
function rowOf(record) {
  const cell = (/** @type {string} */ text) => make('td', { className: 'px-3 py-3 whitespace-nowrap sm:px-4', text });
  const how = record.method === 'by_hand' ? t('history.by_hand') : t('history.at_kiosk');
  const row = make('tr', { className: 'border-t border-line tabular' }, [
    make('td', { className: 'px-3 py-3 sm:px-4 sm:whitespace-nowrap', text: dayInWords(record.date) }),
    cell(record.time),
  ]);
  if (!record.cancelled) {
    row.append(cell(how));
    return row;
  }
  row.append(
    make('td', { className: 'px-3 py-2 sm:px-4' }, [
      make('span', { className: 'badge badge-warn' }, [icon('cross'), t('history.cancelled')]),
    ]),
  );
  return row;
}

/** @param {IdEntry} state */
function isAsking({ open, shown, busy }) {
  return open && !shown && !busy;
}
