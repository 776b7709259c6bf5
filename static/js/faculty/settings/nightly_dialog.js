// The file of all courses that a timer usually sends: what it would change is shown, and then exactly that is done.

import { byId, make, setAttribute, setHidden, setText, whileBusy } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { nightlyFacts, nightlyLeaving, nightlyOpen, nightlyWarnings } from '../../logic/faculty/roster_plan.js';
import { importShown } from '../../logic/faculty/roster.js';
import { asProblem, sentences } from '../../logic/problems.js';

const TIMEOUT_MS = 600000;
const ASK_EVERY_MS = 500;

/** @param {FacultyPage} page */
export function createNightlyDialog(page) {
  const input = byId('nightly-file');
  const go = byId('nightly-go');
  const agreed = byId('nightly-agreed');
  /** @type {{ file: File, report: NightlyReport } | null} what was shown and waits to be confirmed */
  let planned = null;

  input.addEventListener('change', look);
  agreed.addEventListener('change', allow);
  go.addEventListener('click', () => whileBusy(go, apply));

  function opening() {
    input.value = '';
    forget();
  }

  function forget() {
    planned = null;
    for (const id of /** @type {const} */ (['nightly-plan', 'nightly-problem', 'nightly-done'])) {
      setHidden(byId(id), true);
    }
    allow();
  }

  /** A plan that leaves open who is who can't be confirmed; one that lets many leave needs a tick. */
  function allow() {
    const report = planned?.report;
    go.disabled = !report || nightlyOpen(report).length > 0 || (report.asks && !agreed.checked);
  }

  async function look() {
    const file = input.files?.[0];
    forget();
    if (!file) return;
    const report = await sent(file, { dry_run: '1' });
    if (!report || input.files?.[0] !== file) return;
    planned = { file, report };
    show(report);
  }

  async function apply() {
    if (!planned) return;
    const { file, report } = planned;
    forget();
    const done = await sent(file, { plan: report.digest });
    if (!done) return;
    setText(byId('nightly-done'), [t('nightly.done'), ...nightlyFacts(done)].join(' '));
    setHidden(byId('nightly-done'), false);
    byId('nightly-done').focus();
    await page.refresh();
  }

  /** @param {NightlyReport} report */
  function show(report) {
    const open = nightlyOpen(report);
    fill('nightly-facts', nightlyFacts(report));
    fill('nightly-open-list', open);
    setHidden(byId('nightly-open'), open.length === 0);
    byId('nightly-leaving').replaceChildren(...nightlyLeaving(report).map(leavingCourse));
    agreed.checked = false;
    setHidden(byId('nightly-asks'), !report.asks);
    setHidden(byId('nightly-left-out'), report.warnings.length === 0);
    setText(byId('nightly-left-out-title'), t('nightly.left_out', { count: report.left_out }));
    fill('nightly-left-out-list', nightlyWarnings(report));
    setHidden(byId('nightly-plan'), false);
    allow();
    byId('nightly-plan-title').focus();
  }

  /**
   * Send the file, with its progress shown. Return null if it was refused, which is shown too.
   * @param {File} file
   * @param {Record<string, string>} query
   * @returns {Promise<NightlyReport | null>}
   */
  async function sent(file, query) {
    const name = `page-${Math.random().toString(36).slice(2)}-${Date.now()}`;
    const asking = setInterval(() => ask(name), ASK_EVERY_MS);
    progress(null);
    setHidden(byId('nightly-busy'), false);
    try {
      const whole = { name, ...query };
      return (
        await page.api.post('/imports/nightly', {
          body: file,
          type: 'application/zip',
          query: whole,
          timeout: TIMEOUT_MS,
        })
      ).data;
    } catch (error) {
      const box = byId('nightly-problem');
      box.replaceChildren(
        ...sentences(asProblem(error)).map((text) => make('p', { className: 'wrap-anywhere', text })),
      );
      setHidden(box, false);
      box.focus();
      return null;
    } finally {
      clearInterval(asking);
      setHidden(byId('nightly-busy'), true);
    }
  }

  /** @param {string} name */
  async function ask(name) {
    try {
      progress((await page.api.get(`/roster/imports/${name}`)).data);
    } catch {
      // It has not begun or is over: the upload itself tells how it went.
    }
  }

  return { opening };
}

/** @param {Importing | null} importing */
function progress(importing) {
  const { stage, count, value, max } = importShown(importing);
  setText(byId('nightly-stage'), stage);
  setText(byId('nightly-count'), count);
  setAttribute(byId('nightly-progress'), 'value', value);
  setAttribute(byId('nightly-progress'), 'max', max);
}

/**
 * @param {'nightly-facts' | 'nightly-open-list' | 'nightly-left-out-list'} id
 * @param {string[]} lines
 */
function fill(id, lines) {
  byId(id).replaceChildren(...lines.map(line));
}

/** @param {string} text */
function line(text) {
  return make('li', { className: 'wrap-anywhere', dir: 'auto', text });
}

/** @param {{ title: string, names: string[] }} course */
function leavingCourse({ title, names }) {
  return make('details', { className: 'note note-warn' }, [
    make('summary', { className: 'min-h-11 cursor-pointer py-2 font-medium wrap-anywhere', text: title }),
    make(
      'ul',
      { className: 'max-h-48 overflow-y-auto pb-2 text-sm', tabindex: '0', role: 'list', 'aria-label': title },
      [...names.map(line)],
    ),
  ]);
}
