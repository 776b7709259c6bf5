// Draws the field trial: what is declared, the try itself as at the kiosk, and the counts.

import { announce, byId, icon, make, refill, setAttribute, setHidden, setText, screenSection } from '../lib/dom.js';
import { caption, silent } from '../logic/kiosk/captions.js';
import { percent, rateName, resultWords } from '../logic/kiosk/trial.js';
import { checkingCaption, paintChecking } from './checking_view.js';

const SCREENS = ['starting', 'locked', 'trial', 'checking'];
/** @type {Record<string, string>} */
const SHOWN_AS = { opening: 'checking', counting: 'checking' };
/** @type {Record<string, keyof PageElements>} */
const FOCUS = { locked: 'locked-title', trial: 'trial-title', checking: 'video' };

export function createTrialView() {
  let shown = 'starting';
  let said = silent;

  /**
   * @param {TrialState} state
   * @param {number} now
   */
  function render(state, now) {
    const screen = SHOWN_AS[state.screen] ?? state.screen;
    for (const name of SCREENS) setHidden(screenSection(name), name !== screen);
    renderTrial(state);
    if (screen === 'checking') renderChecking(state, now);
    else said = silent;
    if (screen !== shown && screen in FOCUS) {
      byId(FOCUS[screen]).focus({ preventScroll: true });
      screenSection(screen).scrollIntoView({ block: 'nearest' });
    }
    if (screen !== shown && screen === 'trial') announceEnd(state);
    shown = screen;
  }

  /** @param {TrialState} state */
  function announceEnd(state) {
    if (state.stopped) announce(byId('live'), byId('stopped-ask').textContent);
    else announce(byId('live'), resultWords(state)?.text ?? '');
  }

  /**
   * @param {TrialState} state
   * @param {number} now
   */
  function renderChecking(state, now) {
    const as = { ...state, screen: state.screen === 'counting' ? 'identifying' : state.screen };
    said = caption(said, { ...checkingCaption(as), now });
    if (said.say) announce(byId('live'), said.say);
    paintChecking(as, said.hint);
  }

  /**
   * What the supervisor says the next try is.
   * @returns {Declared}
   */
  function declared() {
    const honest = byId('presentation').value === 'bona fide';
    return {
      presentation: byId('presentation').value,
      medium: honest ? 'none' : byId('medium').value,
      person: Number.parseInt(byId('person').value, 10) || 1,
      without_turning: byId('still').checked,
    };
  }

  byId('try-form').addEventListener('change', () =>
    setHidden(byId('medium-field'), byId('presentation').value === 'bona fide'),
  );

  return { render, declared };
}

/** @param {TrialState} state */
function renderTrial(state) {
  const { trial, stopped, problem } = state;
  if (!trial) return;
  const choose = byId('presentation');
  refill(choose, JSON.stringify(trial.presentations), () =>
    trial.presentations.map(
      ({ key, words }) =>
        new Option(
          key === 'bona fide' ? `Bona fide: ${words}` : `Attack${key.length === 1 ? ` ${key}` : ''}: ${words}`,
          key,
        ),
    ),
  );
  const held = byId('stopped').contains(document.activeElement);
  setHidden(byId('stopped'), !stopped);
  byId('start-try').disabled = stopped;
  if (held && !stopped) byId('start-try').focus();
  setText(byId('trial-problem'), problem);
  setHidden(byId('trial-problem'), problem === '');
  renderResult(resultWords(state));
  setHidden(byId('no-tries'), trial.sections.length > 0);
  setHidden(byId('take-away'), trial.sections.length === 0);
  refill(byId('tables'), JSON.stringify(trial.sections), () => trial.sections.map(tableOf));
}

/** @param {{ good: boolean, text: string } | null} words */
function renderResult(words) {
  const box = byId('result');
  setHidden(box, words === null);
  if (words === null) return;
  setAttribute(box, 'class', `note mt-4 flex items-center gap-3 font-medium ${words.good ? 'note-good' : 'note-bad'}`);
  refill(box, JSON.stringify(words), () => [icon(words.good ? 'check' : 'alert'), make('span', { text: words.text })]);
}

const COLUMNS = ['Species', 'Tries', 'Hits', 'Rate', '95 % upper bound', 'Steps accepted', 'What it is'];

/** @param {TrialSection} section */
function tableOf({ setting, rows }) {
  const title = setting.replaceAll('`', '');
  const head = make(
    'tr',
    {},
    COLUMNS.map((name) => make('th', { className: 'px-3 py-2 font-medium', scope: 'col', text: name })),
  );
  const table = make('table', { className: 'w-full text-left text-sm tabular' }, [
    make('caption', { className: 'px-3 py-2 text-left font-semibold', text: title }),
    make('thead', { className: 'bg-sunk' }, [head]),
    make('tbody', {}, rows.map(rowOf)),
  ]);
  return make('div', { className: 'card overflow-x-auto', tabindex: '0', role: 'region', 'aria-label': title }, [
    table,
  ]);
}

/** @param {TrialRow} row */
function rowOf(row) {
  const rate = `${rateName(row.species)} ${percent(row.rate)}`;
  const cells = [String(row.tries), String(row.hits), rate, percent(row.upper_95), String(row.steps), row.note];
  return make('tr', { className: 'border-t border-line' }, [
    make('th', { className: 'px-3 py-2 font-medium whitespace-nowrap', scope: 'row', text: row.species }),
    ...cells.map((text) =>
      make('td', { className: 'px-3 py-2 nth-[n+7]:min-w-48 not-nth-[n+7]:whitespace-nowrap', text }),
    ),
  ]);
}
