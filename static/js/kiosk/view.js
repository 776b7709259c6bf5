// Draws the kiosk's state. Safe to call at any time, with the same state as often as one likes.

import { byId, setText, setHidden, setAttribute, setMove, refill, make, icon, announce } from '../dom.js';
import { hintFor, instruction, stepsOf } from '../logic/words.js';
import { arrivalWords, noticeWords, troubleWords } from '../logic/kiosk_words.js';

const SCREENS = ['starting', 'pairing', 'ready', 'checking', 'greeted', 'trouble', 'away', 'history'];
const SHOWN_AS = { opening: 'checking', identifying: 'checking' };
const FOCUS = { pairing: 'pairing-title', ready: 'check-in', checking: 'instruction', greeted: 'hello', trouble: 'trouble-title', away: 'away-title' };
const HINT_PAUSE_MS = 2500;

export function createKioskView() {
  const main = byId('kiosk');
  const sections = Object.fromEntries(SCREENS.map((name) => [name, byId(`screen-${name}`)]));
  let shown = 'starting';
  let spoken = '';
  let hintSpokenAt = 0;

  function render(state, now) {
    const screen = SHOWN_AS[state.screen] ?? state.screen;
    const contact = state.health?.contact ?? 'your lecturer';
    renderFrame(state, contact);
    setAttribute(main, 'data-screen', state.screen);
    for (const name of SCREENS) setHidden(sections[name], name !== screen);
    PAINT[screen]?.(state, contact, now);
    speak(state, contact);
    if (screen !== shown) moveFocus(screen, shown);
    shown = screen;
  }

  function moveFocus(screen, before) {
    // The first screen keeps the focus where the browser put it: nothing has happened that would move it.
    if (before === 'starting' || !(screen in FOCUS)) return;
    byId(FOCUS[screen]).focus({ preventScroll: false });
  }

  /** Screen readers hear each sentence once; hints at most every few seconds. */
  function speak(state, contact) {
    const sentence = sentenceFor(state, contact);
    if (sentence && sentence !== spoken) {
      spoken = sentence;
      announce(byId('live'), sentence);
      return;
    }
    const words = state.screen === 'checking' ? hintFor(state.challenge) : '';
    if (words && Date.now() - hintSpokenAt > HINT_PAUSE_MS) {
      hintSpokenAt = Date.now();
      announce(byId('live'), words);
    }
  }

  return { render };
}

function sentenceFor(state, contact) {
  switch (state.screen) {
    case 'opening': return 'Opening the camera.';
    case 'checking': return instruction(state.challenge).text;
    case 'identifying': return 'Thank you. One moment.';
    case 'greeted': return Object.values(arrivalWords(state.arrival)).join(' ');
    case 'trouble': return `${troubleWords(state.trouble, contact).title}.`;
    case 'pairing': return state.code ? `This kiosk is not paired. Its code is ${[...state.code].join(' ')}.` : '';
    case 'away': return 'We cannot reach the server. Checking in goes on by itself as soon as it answers.';
    case 'ready': return state.said?.text ?? (state.arrival ? '' : 'Ready for the next check-in.');
    default: return '';
  }
}

function renderFrame(state, contact) {
  const name = state.health?.site_name ?? 'Secure-Attend';
  setText(byId('site'), name);
  setText(byId('notice'), noticeWords(contact));
  setHidden(byId('demo'), !state.health?.demo);
}

const PAINT = {
  pairing({ code, health }) {
    setText(byId('pairing-code'), code ? `${code.slice(0, 3)} ${code.slice(3)}` : '··· ···');
    setHidden(byId('pairing-here'), !health?.this_computer);
  },

  ready(state) {
    const { arrival, said } = state;
    setHidden(byId('recent'), !arrival);
    if (arrival) {
      setText(byId('recent-text'), `${arrival.name}, ${arrival.already ? 'checked in already' : 'checked in'} ${arrival.time}`);
      byId('recent-not-me').disabled = Boolean(arrival.cancelling);
    }
    setHidden(byId('said'), !said);
    setText(byId('said'), said?.text ?? '');
    setText(byId('ready-title'), arrival || said ? 'Next, please' : 'Welcome');
  },

  checking(state) {
    const challenge = state.challenge ?? { state: 'neutral', accepted: [], total: 0 };
    const identifying = state.screen === 'identifying';
    const { text, picture } = identifying ? { text: 'Thank you. One moment…', picture: 'done' } : instruction(challenge);
    setText(byId('instruction'), text);
    setMove(byId('move'), picture);
    setAttribute(byId('screen-checking'), 'data-action', asked(challenge));
    setHidden(byId('opening'), state.screen !== 'opening');
    const words = identifying ? '' : hintFor(challenge);
    setText(byId('hint'), words);
    setHidden(byId('hint'), words === '');
    renderSteps(challenge);
    const share = challenge.total ? (100 * challenge.accepted.length) / challenge.total : 0;
    setAttribute(byId('ring'), 'stroke-dasharray', `${share} 100`);
    setAttribute(byId('ring'), 'opacity', share > 0 ? '1' : '0');
  },

  greeted({ arrival }) {
    const { hello, fact } = arrivalWords(arrival);
    setText(byId('hello'), hello);
    setText(byId('fact'), fact);
    byId('not-me').disabled = Boolean(arrival.cancelling);
  },

  trouble({ trouble }, contact, now) {
    const { title, detail, canRetry } = troubleWords(trouble, contact);
    const wait = trouble.waitUntil === null ? 0 : Math.ceil((trouble.waitUntil - now) / 1000);
    setText(byId('trouble-title'), title);
    setText(byId('trouble-text'), detail);
    setHidden(byId('again'), !canRetry);
    if (!trouble.claim) byId('claimed-id').value = '';
    setHidden(byId('claim-form'), !trouble.claim);
    byId('again').disabled = wait > 0;
    setText(byId('again'), wait > 0 ? `Try again in ${wait} s` : 'Try again');
  },
};

/** What the page asks for now, as one word for the stylesheet and for tests that play the person. */
function asked(challenge) {
  if (challenge.returning || challenge.state !== 'step') return 'look_straight';
  return challenge.action ?? 'look_straight';
}

function renderSteps(challenge) {
  const steps = stepsOf(challenge);
  refill(byId('steps'), JSON.stringify(steps), () => steps.map(({ done, text }) => make(
    'li',
    { className: `badge text-base px-4 py-2 ${done ? 'badge-good' : 'badge-plain'}` },
    [icon(done ? 'check' : 'circle'), text],
  )));
}
