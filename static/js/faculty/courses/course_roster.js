// A roster file into a course: first what it would do, then doing exactly that, and undoing it until the next change.

import { byId, make, setHidden, setText, whileBusy } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { createTurns } from '../../lib/turns.js';
import { fileType } from '../../logic/faculty/file_choices.js';
import {
  importedWords,
  joiningLines,
  planFacts,
  planTitle,
  renamedLines,
  undoneWords,
  warningLines,
} from '../../logic/faculty/roster_plan.js';
import { nameAndId } from '../../logic/names.js';
import { asProblem, sentences } from '../../logic/problems.js';
import { createFileChoices } from '../file_choices.js';
import { createPeopleChoices } from '../people_choices.js';

const TIMEOUT_MS = 120000;

/**
 * `showUndo` offers to undo the last import, as long as the server says that it can be undone.
 * @param {FacultyPage} page
 * @param {{ course: () => Course | null, imported: () => Promise<void> }} site
 */
export function wireCourseRoster(page, { course, imported }) {
  const dialog = byId('course-roster-dialog');
  const input = byId('course-roster-file');
  const firstDay = byId('course-roster-first');
  const go = byId('course-roster-go');
  /** @type {{ file: File, plan: RosterPlan } | null} */
  let planned = null;
  /** @type {UndoableImport | null} the last import of the course that is looked at */
  let undoable = null;
  const turns = createTurns();

  const choices = createFileChoices(byId('course-roster-choices'), () => look());
  const people = createPeopleChoices(byId('course-roster-people'), () => look());

  input.addEventListener('change', () => {
    choices.clear();
    people.clear();
    look();
  });
  firstDay.addEventListener('change', look);
  go.addEventListener('click', () => whileBusy(go, apply));
  byId('members-undo-go').addEventListener('click', () => whileBusy(byId('members-undo-go'), undo));
  dialog.addEventListener('close', () => {
    input.value = '';
    firstDay.value = '';
    choices.clear();
    people.clear();
    forget();
  });

  async function look() {
    const file = input.files?.[0];
    forget();
    if (!file) return;
    const wanted = turns.take();
    setHidden(byId('course-roster-busy'), false);
    try {
      const { data } = await send(file, { dry_run: '1' });
      if (wanted() && !people.ask(data)) show(file, data);
    } catch (error) {
      if (wanted() && !choices.ask(error)) problem(error);
    } finally {
      if (wanted()) setHidden(byId('course-roster-busy'), true);
    }
  }

  /**
   * @param {File} file
   * @param {RosterPlan} plan
   */
  function show(file, plan) {
    planned = { file, plan };
    const { joining, renamed, not_listed: missing } = plan;
    setText(byId('course-roster-words'), planTitle(plan));
    fillLines('course-roster-facts', planFacts(plan));
    fillLines('course-roster-warnings', warningLines(plan));
    setHidden(byId('course-roster-joining'), joining.length === 0);
    setText(byId('course-roster-joining-title'), t('members.joining', { count: joining.length }));
    fillLines('course-roster-joining-list', joiningLines(plan));
    setHidden(byId('course-roster-renamed'), renamed.length === 0);
    setText(byId('course-roster-renamed-title'), t('members.renamed', { count: renamed.length }));
    fillLines('course-roster-renamed-list', renamedLines(plan));
    setHidden(byId('course-roster-missing'), missing.length === 0);
    setText(byId('course-roster-leave-text'), t('members.not_listed', { count: missing.length }));
    byId('course-roster-leave').checked = false;
    fillLines('course-roster-left', missing.map(nameAndId));
    setHidden(byId('course-roster-plan'), false);
    go.disabled = false;
    byId('course-roster-words').focus();
  }

  async function apply() {
    if (!planned || !course()) return;
    const { file, plan } = planned;
    setHidden(byId('course-roster-busy'), false);
    try {
      const leave = byId('course-roster-leave').checked ? '1' : null;
      const report = /** @type {RosterPlan} */ ((await send(file, { plan: plan.digest, leave })).data);
      dialog.close();
      page.said(importedWords(report));
      await imported();
    } catch (error) {
      forget();
      problem(error);
    } finally {
      setHidden(byId('course-roster-busy'), true);
    }
  }

  async function undo() {
    const of = course();
    if (!of || !undoable) return;
    try {
      const { data } = await page.api.post('/roster/undo', { json: { course: of.key, plan: undoable.plan } });
      page.said(undoneWords(data));
    } catch (error) {
      page.wentWrong(t('members.not_undone'), error);
    }
    await imported();
  }

  /**
   * @param {File} file
   * @param {Record<string, string | null>} query
   */
  function send(file, query) {
    const whole = { course: course()?.key, first_day: firstDay.value, ...choices.chosen, ...people.chosen, ...query };
    return page.api.post('/roster', { body: file, type: fileType(file), query: whole, timeout: TIMEOUT_MS });
  }

  function forget() {
    turns.end();
    planned = null;
    setHidden(byId('course-roster-busy'), true);
    go.disabled = true;
    setHidden(byId('course-roster-plan'), true);
    setHidden(byId('course-roster-problem'), true);
  }

  /** @param {unknown} error */
  function problem(error) {
    const box = byId('course-roster-problem');
    box.replaceChildren(...sentences(asProblem(error)).map((text) => make('p', { text })));
    setHidden(box, false);
    box.focus();
  }

  return {
    /** @param {UndoableImport | null} last */
    showUndo(last) {
      undoable = last;
      setHidden(byId('members-undo'), last === null);
      setText(byId('members-undo-text'), last ? t('members.undoable', { count: last.students }) : '');
    },
  };
}

/**
 * @param {'course-roster-facts' | 'course-roster-warnings' | 'course-roster-joining-list' | 'course-roster-renamed-list'
 *   | 'course-roster-left'} id
 * @param {string[]} lines
 */
function fillLines(id, lines) {
  byId(id).replaceChildren(...lines.map((text) => make('li', { className: 'wrap-anywhere' }, [make('bdi', { text })])));
}
