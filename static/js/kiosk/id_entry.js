// ID and proof at the kiosk: wires their pure core to the server and to its view.

import { byId } from '../lib/dom.js';
import { asProblem } from '../logic/problems.js';
import * as core from '../logic/kiosk/id_entry.js';
import { doneTone } from '../lib/sounds.js';
import { redeem } from './redeem.js';
import { createIdEntryView } from './id_entry_view.js';

/**
 * `dispatch` is told who_closed, checked_in, look_up (the camera is wanted for an ID) and looked_up.
 * @param {{ api: Api, dispatch: KioskDispatch, contact: () => string }} kiosk
 */
export function createIdEntry({ api, dispatch, contact }) {
  const view = createIdEntryView(told, contact, api);
  let state = core.closed;
  let questions = 0;
  let waiting = new AbortController();
  let looked = false; // the camera's answer is here, and the form is being shown again

  /** @param {Untimed<IdEntryEvent>} event */
  function told(event) {
    const before = state;
    state = core.next(state, /** @type {IdEntryEvent} */ ({ now: Date.now(), ...event }));
    if (before.busy && !state.busy) waiting.abort(); // whoever asked has left, or has the answer
    view.render(state, Date.now());
    if (before.open && !state.open) dispatch({ type: 'who_closed' });
  }

  /** @param {'code'} [way] */
  async function ask(way) {
    if (state.busy) return;
    const camera = way !== 'code' && core.byCamera(state);
    questions += 1;
    told({ type: 'ask', question: questions, way });
    if (!state.busy) return;
    waiting = new AbortController();
    if (camera) dispatch({ type: 'look_up', studentId: state.id.trim() });
    else if (state.purpose === 'check_in') checkIn();
    else told(await history(state.step === 'code' ? { code: state.code.trim() } : {}));
  }

  /**
   * What came of asking for the attendance, as an event.
   * @param {{ code?: string, challenge?: string }} proof
   * @returns {Promise<Untimed<IdEntryEvent>>}
   */
  async function history(proof) {
    const id = state.id.trim();
    const answers = state.question;
    try {
      const { data } = await api.post('/history', { json: { student_id: id, ...proof }, signal: waiting.signal });
      return { type: 'shown', answers, answer: data };
    } catch (error) {
      const words = proof.challenge ? core.cameraFailureWords : core.failureWords;
      return { type: 'failed', answers, words: words(asProblem(error), contact(), id) };
    }
  }

  async function checkIn() {
    const { id, code, attempt, question: answers } = state;
    try {
      const answer = await redeem(api, { student_id: id.trim(), code: code.trim(), attempt });
      doneTone();
      dispatch({ type: 'checked_in', answer });
      told({ type: 'close' });
    } catch (error) {
      told({ type: 'failed', answers, words: core.failureWords(asProblem(error), contact(), id) });
    }
  }

  byId('who-form').addEventListener('submit', (event) => {
    event.preventDefault();
    ask();
  });
  byId('who-other').addEventListener('click', () => ask('code'));

  return {
    /** `proof` as in logic/kiosk/id_entry.js. */
    open: (/** @type {IdEntry['purpose']} */ purpose, /** @type {IdEntry['proof']} */ proof) =>
      told({ type: 'open', purpose, proof, attempt: randomWord() }),
    close: () => told({ type: 'close' }),
    /** The session that was passed before the camera shows the attendance of the ID it was opened for. */
    async look(/** @type {string} */ challenge) {
      const { signal } = waiting;
      const outcome = await history({ challenge });
      if (signal.aborted) return; // stopped meanwhile: the kiosk may be looking for somebody else
      looked = true;
      dispatch({ type: 'looked_up' });
      looked = false;
      told(outcome);
    },
    /** The camera showed nothing: `problem` says why, null where somebody stopped it. */
    lookFailed(/** @type {ProblemLike | null} */ problem) {
      if (looked) return;
      const answers = state.question;
      const words = problem && core.cameraFailureWords(problem, contact());
      told(words ? { type: 'failed', answers, words } : { type: 'back', answers });
    },
    tick() {
      if (state.open) told({ type: 'tick' });
    },
  };
}

/** 128 random bits: browsers give randomUUID to secure pages only. */
function randomWord() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
