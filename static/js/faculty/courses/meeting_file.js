// A file of classes into a course, from a calendar or from Moodle: first what it would add, then adding exactly that, and
// undoing it until the next change.

import { byId, make, setHidden, setText, whileBusy } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { createTurns } from '../../lib/turns.js';
import { fileType } from '../../logic/faculty/file_choices.js';
import { dayOf, meetingTimes, meetingTitle } from '../../logic/faculty/meetings.js';
import { asProblem, sentences } from '../../logic/problems.js';
import { dayInWords } from '../../logic/time.js';
import { createFileChoices } from '../file_choices.js';

const TIMEOUT_MS = 60000;
/** More than these are only counted. */
const SHOWN = 40;

/**
 * @param {FacultyPage} page
 * @param {{ course: () => Course | null, imported: () => Promise<void> }} site
 * @returns {{ showUndo: () => void }} offers to undo the import that was made last, in its course
 */
export function wireMeetingFile(page, { course, imported }) {
  const dialog = byId('meeting-file-dialog');
  const input = byId('meeting-file');
  const go = byId('meeting-file-go');
  /** @type {{ file: File, plan: MeetingPlan } | null} */
  let planned = null;
  /** @type {{ path: string, plan: MeetingPlan } | null} */
  let undoable = null;
  const turns = createTurns();

  const choices = createFileChoices(byId('meeting-file-choices'), () => look());

  input.addEventListener('change', () => {
    choices.clear();
    look();
  });

  async function look() {
    const file = input.files?.[0];
    forget();
    if (!file) return;
    const wanted = turns.take();
    try {
      const plan = /** @type {MeetingPlan} */ ((await send(file, { dry_run: '1' })).data);
      if (!wanted()) return;
      planned = { file, plan };
      render(plan);
    } catch (error) {
      if (wanted() && !choices.ask(error)) problem(error);
    }
  }

  go.addEventListener('click', () => whileBusy(go, apply));
  dialog.addEventListener('close', () => {
    forget();
    choices.clear();
    input.value = '';
  });

  /** @param {MeetingPlan} plan */
  function render({ added, already, meetings, skipped, unknown_rooms: rooms, warning }) {
    setText(byId('meeting-file-words'), t('classes.plan', { added, already }));
    const warnings = [
      ...skipped.map(({ title, when, why }) => t('classes.skipped', { title, when, why: t(`skipped.${why}`) })),
      ...(rooms.length > 0 ? [t('classes.unknown_rooms', { rooms: rooms.join(', ') })] : []),
      ...(warning ? [warning] : []),
    ];
    byId('meeting-file-warnings').replaceChildren(...warnings.map((text) => make('li', { text })));
    const more = meetings.length - SHOWN;
    byId('meeting-file-list').replaceChildren(
      ...meetings.slice(0, SHOWN).map((meeting) => make('li', { className: 'px-4 py-2', text: lineOf(meeting) })),
      ...(more > 0 ? [make('li', { className: 'px-4 py-2 text-soft', text: t('rules.more', { count: more }) })] : []),
    );
    setHidden(byId('meeting-file-plan'), false);
    go.disabled = added === 0;
    byId('meeting-file-words').focus();
  }

  async function apply() {
    if (!planned) return;
    const { file, plan } = planned;
    try {
      const done = /** @type {MeetingPlan} */ ((await send(file, { plan: plan.digest })).data);
      undoable = { path: path(), plan: done };
      dialog.close();
      page.said(t('classes.added'));
      await imported();
    } catch (error) {
      forget();
      problem(error);
    }
  }

  byId('classes-undo-go').addEventListener('click', () => whileBusy(byId('classes-undo-go'), undo));

  async function undo() {
    if (!undoable) return;
    const { path: of, plan } = undoable;
    const added = { meetings: plan.meetings.map(({ key }) => key), written: plan.written };
    undoable = null;
    try {
      await page.api.post(`${of}/undo`, { json: added });
      page.said(t('classes.undone'));
    } catch (error) {
      page.wentWrong(t('members.not_undone'), error);
    }
    await imported();
    byId('classes-file').focus();
  }

  function showUndo() {
    const last = undoable?.path === path() ? undoable.plan : null;
    setHidden(byId('classes-undo'), last === null);
    setText(byId('classes-undo-text'), last ? t('classes.undoable', { count: last.added }) : '');
  }

  function path() {
    return `/courses/${encodeURIComponent(course()?.key ?? '')}/meetings/import`;
  }

  /**
   * @param {File} file
   * @param {Record<string, string>} query
   */
  function send(file, query) {
    return page.api.post(path(), {
      body: file,
      type: fileType(file),
      query: { ...choices.chosen, ...query },
      timeout: TIMEOUT_MS,
    });
  }

  function forget() {
    turns.end();
    planned = null;
    go.disabled = true;
    setHidden(byId('meeting-file-plan'), true);
    setHidden(byId('meeting-file-problem'), true);
  }

  /** @param {unknown} error */
  function problem(error) {
    const box = byId('meeting-file-problem');
    box.replaceChildren(...sentences(asProblem(error)).map((text) => make('p', { text })));
    setHidden(box, false);
    box.focus();
  }

  return { showUndo };
}

/** @param {Meeting} meeting */
function lineOf(meeting) {
  return `${dayInWords(dayOf(meeting.starts))}, ${meetingTimes(meeting)} · ${meetingTitle(meeting)}`;
}
