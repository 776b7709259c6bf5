// Draws the page where a student registers at a kiosk.

import { announce, byId, setAttribute, setHidden, setText, screenSection } from '../lib/dom.js';
import { hintFor, instruction } from '../logic/instructions.js';
import { contactOf, troubleWords } from '../logic/kiosk/words.js';
import { t } from '../lib/messages.js';
import { warningSeconds } from '../logic/kiosk/left_alone.js';
import { otherWays } from '../logic/kiosk/self_register.js';
import { paintLeaving } from './leaving_view.js';
import { closeOtherWays, paintOtherWays } from './other_ways_view.js';
import { setMove } from '../lib/moves.js';

const SCREENS = ['starting', 'id', 'consent', 'capture', 'done', 'trouble'];
/** @type {Record<string, string>} */
const SHOWN_AS = { opening: 'capture', running: 'capture', saving: 'capture', over: 'starting' };
/** @type {Record<string, keyof PageElements>} */
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

  /**
   * @param {SelfRegistration} state
   * @param {number} now
   */
  function render(state, now) {
    const screen = SHOWN_AS[state.screen] ?? state.screen;
    setAttribute(byId('self-register'), 'data-screen', state.screen);
    for (const name of SCREENS) setHidden(screenSection(name), name !== screen);
    setText(byId('site'), state.health?.site_name ?? 'Secure-Attend');
    setHidden(byId('demo'), !state.health?.demo);
    PAINT[screen]?.(state);
    for (const name of /** @type {const} */ (['id', 'consent'])) {
      paintLeaving(name, screen === name ? warningSeconds(state.until, now) : null);
    }
    paintWays(state, now);
    speak(state);
    if (screen !== shown && screen in FOCUS) byId(FOCUS[screen]).focus();
    shown = screen;
  }

  /** @param {SelfRegistration} state */
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

/**
 * @param {SelfRegistration} state
 * @param {number} now
 */
function paintWays(state, now) {
  const wish = [state.withoutTurning && t('register.straight'), state.moreTime && t('register.more_time')];
  const words = wish.filter(Boolean).join(' ');
  for (const id of /** @type {const} */ (['id-wish', 'consent-wish'])) {
    setText(byId(id), words);
    setHidden(byId(id), words === '');
  }
  if (state.ways === null) {
    closeOtherWays();
    return;
  }
  const { help, ...ways } = otherWays(state);
  paintOtherWays(ways, t(help, { contact: contactOf(state.health) }), warningSeconds(state.ways, now));
}

/**
 * The heading of a screen gets the focus and is read for that; the rest is said.
 * @param {SelfRegistration} state
 */
function sentenceFor(state) {
  if (state.screen === 'running') return state.challenge ? instruction(state.challenge).text : '';
  if (state.screen !== 'trouble') return '';
  const { cause, detail } = troubleOf(state);
  return [cause, detail].filter(Boolean).join(' ');
}

/** @param {Pick<SelfRegistration, 'trouble' | 'health'>} state */
function troubleOf({ trouble, health }) {
  return troubleWords(trouble ?? { code: '' }, contactOf(health), t('register.not_registered'));
}

/** @type {Record<string, (state: SelfRegistration) => void>} */
const PAINT = {
  starting() {
    byId('student-id').value = '';
  },

  id({ health }) {
    setText(byId('id-text'), t('register.text', { contact: contactOf(health) }));
  },

  consent({ text, studentId, health }) {
    setText(byId('consent-text'), text?.words ?? '');
    setText(byId('consent-id'), studentId);
    setText(byId('consent-questions'), t('register.questions', { contact: contactOf(health) }));
  },

  capture(state) {
    const { text, picture } =
      state.screen === 'saving'
        ? { text: t('checking.thanks'), picture: 'done' }
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
    const total = state.challenge?.total ?? 0;
    const done = state.challenge?.accepted.length ?? 0;
    setText(byId('count'), total ? t('register.count', { done, total }) : '');
    byId('meter').max = Math.max(1, total);
    byId('meter').value = done;
  },

  done({ number, health }) {
    setText(byId('number'), number);
    setText(byId('done-tell'), t('register.tell', { contact: contactOf(health) }));
    byId('student-id').value = '';
    setMove(byId('done-move'), 'done');
  },

  trouble(state) {
    const { title, detail, cause } = troubleOf(state);
    setText(byId('trouble-title'), title);
    setText(byId('trouble-cause'), cause);
    setHidden(byId('trouble-cause'), cause === '');
    setText(byId('trouble-text'), detail);
    setHidden(byId('again'), state.studentId === '');
  },
};
