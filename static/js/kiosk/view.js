// Draws the kiosk's state. Safe to call at any time, with the same state as often as one likes.

import { announce, byId, make, screenSection, setAttribute, setHidden, setText } from '../lib/dom.js';
import { caption, silent } from '../logic/kiosk/captions.js';
import { classLines, closedNow } from '../logic/kiosk/classes.js';
import { facesHere } from '../logic/kiosk/faces_here.js';
import { cameraFailed, otherWays, troubleEnds, watching } from '../logic/kiosk/kiosk.js';
import { warningSeconds } from '../logic/kiosk/left_alone.js';
import { arrivalWords, contactOf, readyWords, recentWords, troubleWords } from '../logic/kiosk/words.js';
import { t } from '../lib/messages.js';
import { setMove } from '../lib/moves.js';
import { say } from '../lib/speech.js';
import { checkingCaption, paintChecking } from './checking_view.js';
import { paintLeaving } from './leaving_view.js';
import { closeOtherWays, paintOtherWays } from './other_ways_view.js';
import { linkHere } from './pairing.js';

const SCREENS = ['starting', 'pairing', 'ready', 'checking', 'greeted', 'trouble', 'away', 'who'];
/** @type {Record<string, string>} */
const SHOWN_AS = { opening: 'checking', identifying: 'checking' };
/** @type {Record<string, keyof PageElements>} */
const FOCUS = {
  pairing: 'pairing-title',
  ready: 'check-in', // or, where no face is used, the button for ID and code
  checking: 'video',
  greeted: 'hello',
  trouble: 'trouble-title',
  away: 'away-title',
};

export function createKioskView() {
  const main = byId('kiosk');
  const sections = Object.fromEntries(SCREENS.map((name) => [name, screenSection(name)]));
  let shown = 'starting';
  let said = silent;

  setMove(byId('ready-move'), 'look_straight');
  setMove(byId('greeted-move'), 'done');

  /**
   * @param {KioskState} state
   * @param {number} now
   */
  function render(state, now) {
    const screen = SHOWN_AS[state.screen] ?? state.screen;
    const contact = contactOf(state.health);
    renderFrame(state, contact);
    setAttribute(main, 'data-screen', state.screen);
    for (const name of SCREENS) setHidden(sections[name], name !== screen);
    if (!state.trouble?.claim) forgetClaim(state.screen);
    said = caption(said, { ...captionFor(state, contact), now });
    if (screen === 'checking') paintChecking(state, said.hint);
    PAINT[screen]?.(state, contact, now);
    paintWays(state, contact, now);
    if (said.say) announce(byId('live'), said.say);
    if (said.aloud) say(said.aloud);
    if (screen !== shown) moveFocus(screen, shown, state);
    shown = screen;
  }

  /**
   * @param {string} screen
   * @param {string} before
   * @param {KioskState} state
   */
  function moveFocus(screen, before, state) {
    // The first screen keeps the focus where the browser put it: nothing has happened that would move it.
    if (before === 'starting' || !(screen in FOCUS)) return;
    byId(focused(screen, state)).focus({ preventScroll: true });
    sections[screen].scrollIntoView({ block: 'nearest' });
  }

  return { render };
}

/**
 * What has the focus on a new screen.
 * @param {string} screen
 * @param {KioskState} state
 */
function focused(screen, state) {
  if (screen === 'ready') return mainButton(state);
  return screen === 'trouble' && state.trouble?.otherWay ? 'use-code' : FOCUS[screen];
}

/**
 * The next must not find what was typed; while it is being looked at, the ID waits for a code that was mistyped.
 * @param {string} screen
 */
function forgetClaim(screen) {
  byId('claimed-code').value = '';
  if (screen !== 'identifying') byId('claimed-id').value = '';
  missing('claimed-id', false);
  missing('claimed-code', false);
}

/**
 * Says beside a field that it is empty, or no longer.
 * @param {'claimed-id' | 'claimed-code'} id
 * @param {boolean} empty
 */
export function missing(id, empty) {
  setHidden(byId(/** @type {'claimed-id-problem'} */ (`${id}-problem`)), !empty);
  setAttribute(byId(id), 'aria-invalid', empty ? 'true' : null);
}

/**
 * @param {KioskState} state
 * @param {string} contact
 */
function captionFor(state, contact) {
  if (state.screen in SHOWN_AS || state.screen === 'checking') return checkingCaption(state);
  const { heading = '', rest = '', quiet = '' } = sentences(state, contact);
  const aloud = [heading, rest].filter(Boolean).join(' ');
  return { key: `${state.screen} ${aloud}`, sentence: [rest, quiet].filter(Boolean).join(' '), aloud };
}

/**
 * The heading gets the focus and is read for that; the rest is for the live region, and what is quiet for that alone.
 * @param {KioskState} state
 * @param {string} contact
 * @returns {{ heading?: string, rest?: string, quiet?: string }}
 */
function sentences(state, contact) {
  switch (state.screen) {
    case 'greeted': {
      if (!state.arrival) return {};
      const { hello, fact, note } = arrivalWords(state.arrival);
      return { heading: hello, rest: fact, quiet: note };
    }
    case 'trouble': {
      if (!state.trouble) return {};
      const { title, detail, cause } = troubleWords(state.trouble, contact);
      const heading = t('spoken.sentence', { text: title });
      const rest = [cause, detail].filter(Boolean).join(' ');
      // Where a button has the focus, the heading is not read for that.
      return state.trouble.otherWay ? { rest: `${heading} ${rest}` } : { heading, rest };
    }
    case 'pairing':
      return state.code ? { rest: t('pairing.spoken', { code: [...state.code].join(' ') }) } : {};
    case 'away':
      return { heading: t('spoken.sentence', { text: t('away.title') }), rest: t('away.text') };
    case 'ready':
      return { rest: state.said?.text ?? (state.arrival ? '' : t('ready.spoken')) };
    default:
      return {};
  }
}

/**
 * @param {KioskState} state
 * @param {string} contact
 */
function renderFrame(state, contact) {
  const name = state.health?.site_name ?? 'Secure-Attend';
  setText(byId('site'), name);
  const faces = facesHere(state);
  setAttribute(document.documentElement, 'data-faces', faces ? null : 'off');
  setText(byId('notice'), t(faces ? 'ready.notice' : 'ready.notice_code', { contact }));
  setHidden(byId('demo'), !state.health?.demo);
  setHidden(byId('register-myself'), !state.health?.self_registration);
}

/**
 * What somebody presses to check in.
 * @param {KioskState} state
 */
function mainButton(state) {
  return facesHere(state) ? 'check-in' : 'check-in-code';
}

/** How the button for ID and code looks where it is the main one. */
const MAIN = ['btn-primary', 'sm:col-span-2', 'min-h-20', 'text-2xl', 'font-semibold'];

/**
 * Not `disabled`, which would take the focus from somebody who pressed it by keyboard; a second press does nothing.
 * @param {HTMLElement} button
 * @param {boolean | undefined} working
 */
function busy(button, working) {
  setAttribute(button, 'aria-disabled', working ? 'true' : null);
}

/**
 * The list is drawn again only if it says something else: this runs four times a second.
 * @param {KioskState} state
 */
function paintClasses(state) {
  const list = byId('classes');
  const lines = classLines(state.place);
  const words = JSON.stringify(lines);
  byId('check-in').classList.toggle('btn-primary', !closedNow(state));
  if (list.dataset.shown === words) return;
  list.dataset.shown = words;
  setHidden(list, lines.length === 0);
  list.replaceChildren(
    ...lines.map(({ name, when, until, open }) =>
      make('li', { className: `note ${open ? 'note-good' : ''} text-left` }, [
        make('span', { className: 'block text-xl font-semibold wrap-anywhere', text: name }),
        make('span', { className: 'flex flex-wrap justify-between gap-x-4 text-lg tabular' }, [
          make('span', { text: when }),
          make('span', { className: 'font-medium', text: until }),
        ]),
      ]),
    ),
  );
}

/**
 * The other ways to check in, and what each needs: those that are left.
 * @param {KioskState} state
 * @param {string} contact
 * @param {number} now
 */
function paintWays(state, contact, now) {
  if (state.ways === null) {
    closeOtherWays();
    return;
  }
  const { help, ...ways } = otherWays(state);
  paintOtherWays(ways, t(help, { contact }), warningSeconds(state.ways, now));
}

/**
 * Makes this the first of its buttons, for the eye and for the keyboard. One that is first already keeps the focus.
 * @param {HTMLElement} button
 */
function putFirst(button) {
  if (button.previousElementSibling) button.parentElement?.prepend(button);
}

/** @param {KioskState} state */
function paintWatched(state) {
  setHidden(byId('watched'), !watching(state));
  setText(byId('watched-text'), t(state.cameraFault ? `ready.${state.cameraFault}` : 'ready.watching'));
}

/** @type {Record<string, (state: KioskState, contact: string, now: number) => void>} */
const PAINT = {
  pairing({ code, health }) {
    setText(byId('pairing-code'), code ? `${code.slice(0, 3)} ${code.slice(3)}` : '··· ···');
    setHidden(byId('pairing-here'), !health?.this_computer || !linkHere());
  },

  ready(state, contact) {
    const { arrival, said } = state;
    const held = byId('recent').contains(document.activeElement);
    setHidden(byId('recent'), !arrival);
    if (held && !arrival) byId(mainButton(state)).focus();
    if (arrival) {
      setText(byId('recent-text'), recentWords(arrival));
      busy(byId('recent-not-me'), arrival.cancelling);
    }
    setHidden(byId('said'), !said);
    setText(byId('said'), said?.text ?? '');
    const faces = facesHere(state);
    const broken = faces && state.health !== null && !state.health.faces.ready;
    for (const name of MAIN) byId('check-in-code').classList.toggle(name, !faces);
    byId('my-attendance').classList.toggle('sm:col-span-2', !faces);
    const { title, detail } = readyWords(state);
    setText(byId('ready-title'), title);
    setText(byId('ready-text'), detail);
    paintClasses(state);
    setHidden(byId('ready-text'), broken && !closedNow(state));
    paintWatched(state);
    setHidden(byId('cannot-check-in'), !broken);
    setText(byId('cannot-check-in'), broken ? t('ready.not_working', { contact }) : '');
  },

  checking({ screen, looking, challenge }) {
    const identifying = screen === 'identifying';
    setHidden(byId('other-way'), identifying || looking !== null || !challenge?.other_way);
  },

  greeted({ arrival }) {
    if (!arrival) return;
    const { hello, shown, more } = arrivalWords(arrival);
    setText(byId('hello'), hello);
    setText(byId('fact'), shown);
    setText(byId('standing'), more);
    setHidden(byId('standing'), more === '');
    busy(byId('not-me'), arrival.cancelling);
  },

  trouble({ trouble, moreTime }, contact, now) {
    if (!trouble) return;
    const { title, detail, cause, help, canRetry } = troubleWords(trouble, contact);
    const wait = trouble.waitUntil === null ? 0 : Math.ceil((trouble.waitUntil - now) / 1000);
    setText(byId('trouble-title'), title);
    setText(byId('trouble-cause'), cause);
    setHidden(byId('trouble-cause'), cause === '');
    setText(byId('trouble-text'), detail);
    setText(byId('trouble-help'), help);
    setHidden(byId('trouble-help'), help === '');
    setHidden(byId('again'), !canRetry);
    byId('again').classList.toggle('btn-primary', !trouble.claim && !trouble.otherWay); // one main button on a screen
    byId('use-code').classList.toggle('btn-primary', trouble.otherWay);
    putFirst(byId(trouble.otherWay ? 'use-code' : 'again'));
    if (!cameraFailed({ trouble })) setHidden(byId('trouble-camera-field'), true);
    const ends = troubleEnds(trouble);
    paintLeaving('claim', trouble.claim ? warningSeconds(ends, now) : null, ends < trouble.until || !moreTime);
    setHidden(byId('claim-form'), !trouble.claim);
    setHidden(byId('use-code'), Boolean(trouble.claim));
    setHidden(byId('claimed-code-field'), !trouble.wantsCode);
    byId('again').disabled = wait > 0;
    setText(byId('again'), wait > 0 ? t('student.try_again_in', { seconds: wait }) : t('student.try_again'));
  },
};
