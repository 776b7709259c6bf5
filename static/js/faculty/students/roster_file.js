// Uploading a roster: the file, the progress, and the report.

import { byId, icon, make, saveFile, setAttribute, setHidden, setText, whileBusy } from '../../lib/dom.js';
import { fileType } from '../../logic/faculty/file_choices.js';
import { asProblem } from '../../logic/problems.js';
import { countOf, importShown, rosterReport } from '../../logic/faculty/roster.js';
import { planFacts, renamedLines, sitePlanTitle, warningLines } from '../../logic/faculty/roster_plan.js';
import { createFileChoices } from '../file_choices.js';
import { createPeopleChoices } from '../people_choices.js';

const UPLOAD_TIMEOUT_MS = 300000;
const ASK_EVERY_MS = 500;

/** @param {FacultyPage} page */
export function createRosterFile(page) {
  const dialog = byId('roster-dialog');
  const input = byId('roster-file');

  /** @type {Blob | null} the file that is being read */
  let current = null;
  /** @type {string | null} names what was shown and waits to be confirmed */
  let digest = null;
  const choices = createFileChoices(byId('roster-choices'), () => current && send(current, { dry_run: '1' }));
  const people = createPeopleChoices(byId('roster-people'), () => current && send(current, { dry_run: '1' }));

  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (file) upload(file);
    input.value = '';
  });
  byId('roster-go').addEventListener('click', () =>
    whileBusy(byId('roster-go'), async () => current && digest && send(current, { plan: digest })),
  );
  byId('load-sample').addEventListener('click', loadSample);
  for (const button of document.querySelectorAll('[data-sample]')) button.addEventListener('click', saveSample);
  dialog.addEventListener('close', () => {
    forget();
    setHidden(byId('roster-report'), true);
  });

  /** @param {Blob} bytes */
  function upload(bytes) {
    forget();
    current = bytes;
    return send(bytes, { dry_run: '1' });
  }

  /**
   * Plan what the file would do and show it, or import it as it was planned.
   * @param {Blob} bytes
   * @param {{ dry_run?: '1', plan?: string }} [query]
   * @param {string} [why] it is planned again
   * @returns {Promise<void>}
   */
  async function send(bytes, query = {}, why = '') {
    if (!dialog.open) dialog.showModal();
    setHidden(byId('roster-report'), true);
    setHidden(byId('roster-plan'), true);
    setHidden(byId('roster-busy'), false);
    const name = `page-${Math.random().toString(36).slice(2)}-${Date.now()}`;
    const asking = setInterval(() => ask(name), ASK_EVERY_MS);
    /** @type {import('../../logic/problems.js').Problem | null} */
    let open = null;
    let imported = false;
    showProgress(importShown(null));
    try {
      const { data } = await page.api.post('/roster', {
        body: bytes,
        type: fileType(bytes),
        query: { name, ...choices.chosen, ...people.chosen, ...query },
        timeout: UPLOAD_TIMEOUT_MS,
      });
      if (query.dry_run) {
        showPlan(data, why);
      } else {
        show(taken(data));
        imported = true;
      }
    } catch (error) {
      const problem = asProblem(error);
      if (['people_to_decide', 'plan_changed'].includes(problem.code)) open = problem;
      else if (!choices.ask(error)) show(refused(problem, 'dry_run' in query));
    } finally {
      clearInterval(asking);
      setHidden(byId('roster-busy'), true);
    }
    if (imported) await page.refresh();
    if (open) await send(bytes, { dry_run: '1' }, open.code === 'plan_changed' ? open.detail : '');
  }

  /**
   * @param {RosterPlan & { unchanged: number }} plan
   * @param {string} why
   */
  function showPlan(plan, why) {
    if (people.ask(plan)) return;
    digest = plan.digest;
    setText(byId('roster-words'), sitePlanTitle(plan));
    const lines = [why, ...planFacts(plan), ...renamedLines(plan), ...warningLines(plan)].filter(Boolean);
    byId('roster-facts').replaceChildren(...lines.map((text) => make('li', { className: 'wrap-anywhere', text })));
    setHidden(byId('roster-plan'), false);
    byId('roster-words').focus();
  }

  function forget() {
    choices.clear();
    people.clear();
    digest = null;
    setHidden(byId('roster-plan'), true);
  }

  /** @param {string} name */
  async function ask(name) {
    try {
      const { data } = await page.api.get(`/roster/imports/${name}`);
      showProgress(importShown(data));
    } catch {
      // It has not begun or is over: the upload itself tells how it went.
    }
  }

  async function loadSample() {
    try {
      const { data } = await page.api.get('/roster/sample.csv', { as: 'blob' });
      forget();
      await send(data); // somebody asked for exactly these students
    } catch (error) {
      page.wentWrong('The example was not loaded', error);
    }
  }

  async function saveSample() {
    try {
      const { data } = await page.api.get('/roster/sample.csv', { as: 'blob' });
      saveFile(data, 'roster.csv');
    } catch (error) {
      show([faults('The example was not downloaded.', [{ message: asProblem(error).detail }], 'note note-bad')]);
    }
  }

  return { upload, drop: (/** @type {File[]} */ files) => upload(files[0]) };
}

/** @param {ReturnType<typeof importShown>} progress */
function showProgress({ stage, count, value, max }) {
  setText(byId('roster-stage'), stage);
  setText(byId('roster-count'), count);
  setAttribute(byId('roster-progress'), 'value', value);
  setAttribute(byId('roster-progress'), 'max', max);
}

/** @param {Node[]} children */
function show(children) {
  const report = byId('roster-report');
  report.replaceChildren(...children);
  setHidden(report, false);
  report.focus();
}

/** @param {string} text */
function good(text) {
  return make('p', { className: 'note note-good flex items-center gap-3 font-medium' }, [icon('check'), text]);
}

/** @param {RosterReport} report */
function taken(report) {
  /** @type {HTMLElement[]} */
  const shown = [good(`The roster is imported: ${rosterReport(report)}.`)];
  if (report.ignored_columns.length > 0) {
    shown.push(
      make('p', {
        className: 'text-soft',
        text: `Columns that are not used here: ${report.ignored_columns.join(', ')}.`,
      }),
    );
  }
  if (report.warnings.length > 0) shown.push(faults('Worth a look', report.warnings, 'note note-warn'));
  return shown;
}

/**
 * @param {import('../../logic/problems.js').Problem} problem
 * @param {boolean} planning nothing was to be changed yet
 */
function refused(problem, planning) {
  if (problem.code === 'server_away' && !planning) {
    const again = `${problem.detail} Then upload the file again: students who are on the list already are not added twice.`;
    return [faults('We don’t know whether the roster was imported.', [{ message: again }], 'note note-warn')];
  }
  const rows = problem.code === 'roster_rejected' ? problem.errors : [];
  if (rows.length === 0) return [faults('Nothing was changed.', [{ message: problem.detail }], 'note note-bad')];
  const title = `Nothing was changed. ${countOf(rows.length, 'row')} to fix:`;
  return [
    faults(title, rows, 'note note-bad'),
    make('p', { className: 'text-soft', text: 'Fix the rows in the file and upload it again.' }),
  ];
}

/**
 * @param {string} title
 * @param {LineFault[]} list
 * @param {string} className
 */
function faults(title, list, className) {
  const items = list.map(({ line, message }) =>
    make('li', { className: 'flex gap-3' }, [
      ...(line ? [make('span', { className: 'shrink-0 font-medium tabular', text: `Line ${line}` })] : []),
      make('span', { className: 'min-w-0 break-words', text: message }),
    ]),
  );
  return make('div', { className }, [
    make('h3', { className: 'font-semibold', text: title }),
    make(
      'ul',
      {
        className: 'mt-2 max-h-64 space-y-1.5 overflow-y-auto text-sm',
        tabindex: '0',
        role: 'list',
        'aria-label': title,
      },
      items,
    ),
  ]);
}
