// Draws the page where a student registers at a kiosk.

import { announce, byId, setAttribute, setHidden, setText } from '../lib/dom.js';
import { progressOf, troubleWords } from '../logic/faculty/enrol.js';
import { CAMERA_TROUBLES, hintFor, instruction } from '../logic/instructions.js';
import { setMove } from '../lib/moves.js';

const SCREENS = ['starting', 'id', 'consent', 'capture', 'done', 'trouble'];
const SHOWN_AS = { opening: 'capture', running: 'capture', saving: 'capture', over: 'starting' };
const FOCUS = {
  id: 'student-id',
  consent: 'consent-title',
  capture: 'instruction',
  done: 'done-title',
  trouble: 'trouble-title',
};
const HINT_PAUSE_MS = 2500;

export function createSelfRegisterView() {
  let shown = 'starting';
  let spoken = '';
  let hintSpokenAt = 0;

  function render(state) {
    const screen = SHOWN_AS[state.screen] ?? state.screen;
    setAttribute(byId('self-register'), 'data-screen', state.screen);
    for (const name of SCREENS) setHidden(byId(`screen-${name}`), name !== screen);
    setText(byId('site'), state.health?.site_name ?? 'Secure-Attend');
    setHidden(byId('demo'), !state.health?.demo);
    PAINT[screen]?.(state);
    speak(state);
    if (screen !== shown && screen in FOCUS) byId(FOCUS[screen]).focus();
    shown = screen;
  }

  function speak(state) {
    const sentence = sentenceFor(state);
    if (sentence && sentence !== spoken) {
      spoken = sentence;
      announce(byId('live'), sentence);
      return;
    }
    const words = state.screen === 'running' ? hintFor(state.challenge) : '';
    if (words && Date.now() - hintSpokenAt > HINT_PAUSE_MS) {
      hintSpokenAt = Date.now();
      announce(byId('live'), words);
    }
  }

  return { render };
}

/** The heading of a screen gets the focus and is read for that; the rest is said. */
function sentenceFor(state) {
  if (state.screen === 'running') return instruction(state.challenge).text;
  return state.screen === 'trouble' ? troubleOf(state.trouble).detail : '';
}

function troubleOf(trouble) {
  return CAMERA_TROUBLES[trouble.code] ?? troubleWords(trouble);
}

const PAINT = {
  starting() {
    byId('student-id').value = '';
  },

  consent({ text, studentId, health }) {
    setText(byId('consent-text'), text.words);
    setText(byId('consent-id'), studentId);
    setText(byId('consent-contact'), health?.contact ?? 'your lecturer');
  },

  capture(state) {
    const { text, picture } =
      state.screen === 'saving'
        ? { text: 'Thank you. One moment…', picture: 'done' }
        : instruction(state.challenge ?? { state: 'neutral', accepted: [] });
    setText(byId('instruction'), text);
    setMove(byId('move'), picture);
    setAttribute(
      byId('screen-capture'),
      'data-action',
      state.screen === 'running' ? (state.challenge?.action ?? 'look_straight') : '',
    );
    setHidden(byId('opening'), state.screen !== 'opening');
    const words = state.screen === 'running' ? hintFor(state.challenge) : '';
    setText(byId('hint'), words);
    setHidden(byId('hint'), words === '');
    const { done, total, text: count } = progressOf(state.challenge);
    setText(byId('count'), count);
    byId('meter').max = Math.max(1, total);
    byId('meter').value = done;
  },

  done({ number, health }) {
    setText(byId('number'), number);
    setText(byId('done-contact'), health?.contact ?? 'your lecturer');
    byId('student-id').value = '';
    setMove(byId('done-move'), 'done');
  },

  trouble({ trouble, studentId }) {
    const { title, detail } = troubleOf(trouble);
    setText(byId('trouble-title'), title);
    setText(byId('trouble-text'), detail);
    setHidden(byId('again'), studentId === '');
  },
};
