// Many photos at once: planned by name, sent one after another, reported file by file.

import { byId, icon, make, setHidden, setText } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { plan, summary } from '../../logic/faculty/photo_files.js';
import { asProblem } from '../../logic/problems.js';
import { countOf } from '../../logic/faculty/roster.js';
import { listedStudents } from '../students/roster_source.js';
import { createPhotoOffers } from './photo_offers.js';
import { sendPhoto } from './photo_upload.js';
import { setOff } from '../../logic/names.js';

/** @param {FacultyPage} page */
export function createPhotosDialog(page) {
  const dialog = byId('photos-dialog');
  const input = byId('photo-files');
  const offers = createPhotoOffers(run);
  /** @type {PhotoResult[]} */
  let results = [];
  let running = false;
  let stopped = false;

  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    input.value = '';
    if (files.length > 0) send(files);
  });
  byId('photos-stop').addEventListener('click', () => {
    stopped = true;
  });
  dialog.addEventListener('close', () => {
    stopped = true;
  });

  /** @param {File[]} files */
  async function send(files) {
    if (!dialog.open) dialog.showModal();
    if (running) return;
    const names = files.map(({ name }) => name);
    /** @type {Student[]} */
    let students;
    try {
      students = await listedStudents(page);
    } catch (error) {
      page.wentWrong('We could not load the student list', error);
      return;
    }
    const entries = plan(names, students, { replace: byId('photos-replace').checked });
    results = entries.map((entry, place) => ({ ...entry, file: files[place], state: stateOf(entry) }));
    await run(results.filter(({ state }) => state === 'waiting'));
  }

  /**
   * Sends these one after another, and reports all that were chosen.
   * @param {PhotoResult[]} waiting
   */
  async function run(waiting) {
    running = true;
    stopped = false;
    setHidden(byId('photos-report'), true);
    setHidden(byId('photos-progress'), false);
    for (const result of waiting) {
      showProgress(results);
      if (stopped) break;
      if (result.student) await sendOne(result, result.student.key);
    }
    running = false;
    setHidden(byId('photos-progress'), true);
    offers.show(results.filter(({ state }) => state === 'offered'));
    showReport(results);
  }

  /**
   * @param {PhotoResult} result
   * @param {string} key
   */
  async function sendOne(result, key) {
    try {
      const { student, weak } = await sendPhoto(page.api, key, result.file);
      result.state = 'saved';
      result.weak = weak;
      page.dispatch({ type: 'student', student });
    } catch (error) {
      const problem = asProblem(error);
      result.state = 'refused';
      result.problem =
        problem.code === 'face_of_another'
          ? `${problem.detail} If it is right all the same, upload it from “More” in the student’s row.`
          : problem.detail;
      // With the server gone, trying every further photo would only make the wait long.
      if (problem.code === 'server_away') stopped = true;
    }
  }

  return { drop: send };
}

/**
 * @param {PlannedPhoto} entry
 * @returns {PhotoResult['state']}
 */
function stateOf({ problem, asked }) {
  if (problem) return 'refused';
  return asked ? 'offered' : 'waiting';
}

/** @param {PhotoResult[]} results */
function showProgress(results) {
  const { done, total } = summary(results);
  byId('photos-meter').max = total;
  byId('photos-meter').value = done;
  setText(byId('photos-count'), `Photo ${Math.min(done + 1, total)} of ${total}`);
}

/** @param {PhotoResult[]} results */
function showReport(results) {
  const { saved, refused, offered, total } = summary(results);
  const left = total - saved - refused - offered;
  const parts = [`${countOf(saved, 'face')} registered`];
  if (refused > 0) parts.push(`${countOf(refused, 'photo')} not used`);
  if (left > 0) parts.push(`${countOf(left, 'photo')} not sent`);
  if (offered > 0) parts.push(t('photos.offered', { count: offered }));
  setText(byId('photos-summary'), `${parts.join(', ')}.`);
  const told = results.filter(({ state }) => state !== 'offered').sort((a, b) => rank(a) - rank(b));
  byId('photos-list').replaceChildren(...told.map(itemOf));
  setHidden(byId('photos-report'), false);
  byId('photos-report').focus();
}

/** @param {PhotoResult} result */
function rank({ state }) {
  return { refused: 0, waiting: 1, offered: 1, saved: 2 }[state];
}

/** @param {PhotoResult} result */
function itemOf({ name, student, state, problem, weak }) {
  const poor = weak
    ? '. The picture is poor: a sharper, larger one in even light, seen from the front, is recognised more reliably.'
    : '';
  const words = state === 'saved' ? `Registered: ${setOff(student?.name ?? '')}${poor}` : (problem ?? 'Not sent.');
  return make('li', { className: 'flex items-start gap-3 px-4 py-3 text-sm' }, [
    make('span', { className: state === 'saved' ? 'text-good' : 'text-warn' }, [
      icon(state === 'saved' ? 'check' : 'alert'),
    ]),
    make('span', { className: 'min-w-0' }, [
      make('span', { className: 'block font-mono break-all', text: name }),
      make('span', { className: 'block text-soft', text: words }),
    ]),
  ]);
}
