// The list of students: fetched, kept up to date, searched, and what its rows' buttons do.

import { byId, closestTo, whileBusy } from '../../lib/dom.js';
import { sleep } from '../../lib/sleep.js';
import { backoffSeconds } from '../../logic/frames.js';
import * as roster from '../../logic/faculty/roster.js';
import { asProblem } from '../../logic/problems.js';
import { confirmThen, QUESTIONS } from '../confirm.js';
import { quietly, said, wentWrong } from '../messages.js';
import { focusPlaceHeading } from '../shell/place_heading.js';
import { renderConnection } from '../status.js';
import { everyStudent, everyStudentIfChanged } from './roster_source.js';
import { createRosterView } from './roster_view.js';
import { setOff } from '../../logic/names.js';

const TELL_AFTER_MS = 800;

/**
 * `zone` is the site's time zone, once it is known; `drawn` is told after each change, with all students.
 * @param {{ api: Api, zone: () => string | undefined, drawn: (students: Student[]) => void }} site
 * @returns {StudentList}
 */
export function createStudentList({ api, zone, drawn }) {
  const view = createRosterView();
  let state = roster.initial;
  /** @type {FetchedPage[]} */
  let fetched = [];
  let edits = 0; // changes made here: a list fetched meanwhile may be from before them
  /** @type {Promise<void> | null} */
  let refreshing = null;

  /** @param {RosterEvent} event */
  function dispatch(event) {
    if (['student', 'changed', 'gone'].includes(event.type)) edits += 1;
    state = roster.next(state, event);
    view.render(state, zone());
    drawn(state.students);
  }

  /**
   * Brings the list up to date; `cheap` asks only whether anything changed. One at a time.
   * @param {boolean} cheap
   */
  function refresh(cheap) {
    refreshing = (refreshing ?? Promise.resolve())
      .catch(() => {})
      .then(async () => {
        dispatch({ type: 'refreshing' });
        try {
          const answer = await fetchList(cheap);
          if (answer === null) dispatch({ type: 'unchanged', now: Date.now() });
          else {
            fetched = answer.etags;
            dispatch({ type: 'listed', students: answer.students, date: answer.date, now: Date.now() });
          }
          renderConnection(true);
        } catch (error) {
          dispatch({ type: 'refresh_failed' });
          throw error;
        }
      });
    return refreshing;
  }

  /**
   * @param {boolean} cheap
   * @returns {Promise<StudentListing | null>}
   */
  async function fetchList(cheap) {
    const before = edits;
    const answer = await (cheap ? everyStudentIfChanged(api, fetched) : everyStudent(api));
    return edits === before ? answer : fetchList(false);
  }

  async function watch() {
    for (let tries = 0; ;) {
      try {
        if (!document.hidden) await refresh(true);
        tries = 0;
        await sleep(1000 * roster.pollSeconds(fetched.length));
      } catch (error) {
        renderConnection(asProblem(error).code !== 'server_away');
        await sleep(1000 * backoffSeconds(tries));
        tries += 1;
      }
    }
  }

  /** @param {Student} student */
  async function checkInByHand(student) {
    const { data } = await api.post(`/students/${encodeURIComponent(student.key)}/check-ins`, { json: {} });
    said(
      data.already
        ? `${setOff(student.name)} is checked in already.`
        : `${setOff(student.name)} is checked in by hand.`,
    );
    return reload(student);
  }

  /**
   * Resolves to the student once the cancellation was confirmed and is done.
   * @param {Student} student
   * @param {Today} today
   * @returns {Promise<Student>}
   */
  function cancelCheckIn(student, today) {
    return new Promise((done) => {
      confirmThen({
        ...QUESTIONS.cancelCheckIn(student),
        act: async () => {
          await api.post(`/check-ins/${encodeURIComponent(today.record_id)}/cancel`, { json: {} });
          const changed = await reload(student);
          said(`The check-in of ${setOff(student.name)} is cancelled.`);
          done(changed);
        },
      });
    });
  }

  /**
   * @param {Student} student
   * @returns {Promise<Student>}
   */
  async function reload(student) {
    const { data } = await api.get(`/students/${encodeURIComponent(student.key)}`);
    dispatch({ type: 'student', student: data });
    return data;
  }

  return {
    get state() {
      return state;
    },
    dispatch,
    refresh: () => refresh(false),
    watch,
    checkInByHand,
    cancelCheckIn,
  };
}

/**
 * Lets the search, the filters and the rows' buttons work.
 * @param {FacultyPage} page
 */
export function wireStudentList(page) {
  /** @type {ReturnType<typeof setTimeout> | undefined} the timer until a search's outcome is told */
  let telling;

  /**
   * A search or filter; who cannot see how many it leaves is told, once the typing pauses.
   * @param {RosterEvent} event
   */
  function choose(event) {
    page.dispatch(event);
    clearTimeout(telling);
    telling = setTimeout(() => quietly(roster.matchWords(page.state)), TELL_AFTER_MS);
  }

  /** @type {Record<string, (student: Student, button: HTMLElement) => void>} */
  const acts = {
    register: (student) => page.register(student),
    more: (student) => page.openStudent(student),
    hand(student, button) {
      if (student.today) page.cancelCheckIn(student, student.today);
      else {
        whileBusy(button, () =>
          page.checkInByHand(student).catch((error) => wentWrong(`${setOff(student.name)} was not checked in`, error)),
        );
      }
    },
  };

  byId('rows').addEventListener('click', (event) => {
    const button = closestTo(event, '[data-act]');
    const key = closestTo(event, '[data-key]')?.dataset.key;
    const student = page.state.students.find((one) => one.key === key);
    if (button && student) acts[button.dataset.act ?? ''](student, button);
  });
  byId('register-next').addEventListener('click', () => {
    const student = roster.nextUnregistered(page.state.students);
    if (student) page.register(student);
  });
  byId('refresh').addEventListener('click', async () => {
    try {
      await page.refresh();
      quietly('The student list is up to date.');
    } catch (error) {
      wentWrong('The list was not refreshed', error);
    }
  });
  byId('search').addEventListener('input', () => choose({ type: 'search', text: byId('search').value }));
  byId('filters').addEventListener('change', (event) =>
    choose({ type: 'filter', filter: /** @type {HTMLInputElement} */ (event.target).value }),
  );
  byId('more').addEventListener('click', () => {
    const shown = byId('rows').children.length;
    page.dispatch({ type: 'more' });
    byId('rows').children[shown]?.querySelector('button')?.focus(); // the first new one: the button below may be gone
  });
  byId('show-all').addEventListener('click', () => {
    byId('search').value = '';
    /** @type {HTMLInputElement} */ (byId('filters').querySelector('[value="all"]')).checked = true;
    page.dispatch({ type: 'search', text: '' });
    page.dispatch({ type: 'filter', filter: 'all' });
    byId('search').focus();
  });
}

/**
 * The focus to the row of a student, or to what is nearest.
 * @param {string} [key]
 */
export function focusRow(key) {
  /** @type {HTMLElement | null} */
  const row = key ? document.querySelector(`[data-key="${CSS.escape(key)}"] button`) : null;
  const upcoming = byId('register-next');
  if (row?.checkVisibility()) row.focus();
  else if (upcoming.checkVisibility() && !upcoming.disabled) upcoming.focus();
  else focusPlaceHeading();
}
