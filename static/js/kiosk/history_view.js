// Draws "My attendance" and turns its keys and buttons into events.

import { byId, setText, setHidden, setAttribute, refill, make, icon } from '../dom.js';
import { secondsLeft } from '../logic/history.js';
import { dayInWords } from '../logic/time.js';

export function createHistoryView(dispatch) {
  const input = byId('student-id');
  let before = { open: false, shown: null };

  byId('pad').addEventListener('click', ({ target }) => {
    const key = target.closest('[data-key]')?.dataset.key;
    if (key) dispatch({ type: 'key', key });
  });
  byId('erase').addEventListener('click', () => dispatch({ type: 'erase' }));
  byId('letters').addEventListener('click', () => {
    // The pad is enough for most IDs, so a touch screen's own keyboard stays away until it is asked for.
    input.inputMode = 'text';
    input.blur();
    input.focus();
  });
  input.addEventListener('input', () => dispatch({ type: 'typed', text: input.value }));
  byId('history-longer').addEventListener('click', () => dispatch({ type: 'longer' }));
  byId('screen-history').addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') dispatch({ type: 'close' });
  });
  for (const button of document.querySelectorAll('[data-done]')) {
    button.addEventListener('click', () => dispatch({ type: 'close' }));
  }

  function render(state, now) {
    const typed = state[state.step];
    const wanted = state.step === 'code' ? 'password' : 'text';
    if (input.type !== wanted) input.type = wanted;
    if (input.value !== typed) input.value = typed;
    setText(byId('history-label'), state.step === 'code' ? 'Your personal code, six digits' : 'Your student ID');
    byId('letters').classList.toggle('invisible', state.step === 'code'); // its place stays, and 0 in the middle
    setHidden(byId('history-form'), state.shown !== null);
    setHidden(byId('history-shown'), state.shown === null);
    setText(byId('history-problem'), state.problem ?? '');
    setHidden(byId('history-problem'), !state.problem);
    setAttribute(input, 'aria-invalid', state.problem ? 'true' : null);
    byId('show-history').disabled = state.busy;
    setText(byId('show-history'), state.busy ? 'Looking…' : showWords(state));
    setText(byId('history-left'), String(secondsLeft(state, now)));
    renderRecords(state.shown);
    moveFocus(state);
    before = state;
  }

  function moveFocus(state) {
    if (state.open && !before.open) {
      input.inputMode = 'none';
      input.focus();
    } else if (state.step !== before.step && state.open) {
      input.focus();
    } else if (state.shown && !before.shown) byId('history-title').focus();
    else if (state.problem && state.problem !== before.problem) input.focus();
  }

  return { render };
}

function renderRecords(answer) {
  const records = answer?.records ?? [];
  const who = answer ? `${answer.student.name} (${answer.student.student_id}), ${countWords(answer.total ?? records.length)}` : '';
  setText(byId('history-who'), who);
  setHidden(byId('history-empty'), records.length > 0);
  setHidden(byId('history-scroll'), records.length === 0);
  refill(byId('history-rows'), JSON.stringify(records), () => records.map(rowOf));
}

function showWords(state) {
  return state.wantsCode && state.step === 'id' ? 'Next: your code' : 'Show my attendance';
}

function countWords(count) {
  return count === 1 ? '1 check-in' : `${count} check-ins`;
}

function rowOf(record) {
  const cell = (text) => make('td', { className: 'px-3 py-3 whitespace-nowrap sm:px-4', text });
  const how = record.method === 'by_hand' ? 'By hand' : 'By face';
  const row = make('tr', { className: 'border-t border-line tabular' }, [cell(dayInWords(record.date)), cell(record.time)]);
  if (!record.cancelled) {
    row.append(cell(how));
    return row;
  }
  row.append(make('td', { className: 'px-3 py-2 sm:px-4' }, [make('span', { className: 'badge badge-warn' }, [icon('cross'), 'Cancelled'])]));
  return row;
}
