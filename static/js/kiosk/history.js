// "My attendance": wires its pure core to the server and to its view.

import { byId } from '../dom.js';
import * as history from '../logic/history.js';
import { asProblem } from '../logic/problems.js';
import { createHistoryView } from './history_view.js';

/** `onClosed` is called when it closes; `contact` says whom to ask. */
export function createHistory({ api, onClosed, contact }) {
  const view = createHistoryView(dispatch);
  let state = history.closed;

  function dispatch(event) {
    const before = state;
    state = history.next(state, { now: Date.now(), ...event });
    view.render(state, Date.now());
    if (before.open && !state.open) onClosed();
  }

  async function show(event) {
    event.preventDefault();
    dispatch({ type: 'ask' });
    if (!state.busy) return;
    const id = state.id.trim();
    try {
      const code = state.wantsCode ? { code: state.code.trim() } : {};
      const { data } = await api.post('/history', { json: { student_id: id, ...code } });
      dispatch({ type: 'shown', answer: data });
    } catch (error) {
      dispatch({ type: 'failed', words: history.failureWords(asProblem(error), id, contact()) });
    }
  }

  byId('history-form').addEventListener('submit', show);

  return {
    open: (wantsCode) => dispatch({ type: 'open', wantsCode }),
    tick() {
      if (state.open) dispatch({ type: 'tick' });
    },
  };
}
