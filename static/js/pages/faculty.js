// The faculty page: wires the list, the dialogs and the server together.

import { apiAddress, createApi } from '../lib/api.js';
import { loadMessages } from '../lib/catalogue.js';
import { byId, closestTo, everyElement, setHidden, setText, whileBusy } from '../lib/dom.js';
import { createAccountDialog } from '../faculty/settings/account_dialog.js';
import { createAccountsDialog } from '../faculty/settings/accounts_dialog.js';
import { createAddDialog } from '../faculty/students/add_dialog.js';
import { createAuditDialog } from '../faculty/settings/audit_dialog.js';
import { confirmThen, QUESTIONS } from '../faculty/confirm.js';
import { createConsentsDialog } from '../faculty/students/consents_dialog.js';
import { createSignIn } from '../faculty/sign_in.js';
import { wireDragAndDrop } from '../faculty/drag_and_drop.js';
import { createFacesDialog } from '../faculty/settings/faces_dialog.js';
import { createKiosksDialog } from '../faculty/settings/kiosks_dialog.js';
import { quietly, said, wentWrong, wireMessages } from '../faculty/messages.js';
import { createPhotosDialog } from '../faculty/students/photos_dialog.js';
import { wireFocusReturn } from '../faculty/focus_return.js';
import { createRefusalsDialog } from '../faculty/settings/refusals_dialog.js';
import { createRegisterFaces } from '../faculty/students/register_faces.js';
import { createRemovedDialog } from '../faculty/students/removed_dialog.js';
import { createReportDialog } from '../faculty/report_dialog.js';
import { createRequests } from '../faculty/students/requests.js';
import { createRosterFile } from '../faculty/students/roster_file.js';
import { everyStudent, everyStudentIfChanged } from '../faculty/students/roster_source.js';
import { createRosterView } from '../faculty/students/roster_view.js';
import { renderConnection, renderHealth } from '../faculty/status.js';
import { createStudentDialog } from '../faculty/students/student_dialog.js';
import { backoffSeconds } from '../logic/frames.js';
import { asProblem } from '../logic/problems.js';
import * as roster from '../logic/faculty/roster.js';
import { createSecret } from '../lib/secrets.js';

const HEALTH_EVERY_S = 15;
const TELL_AFTER_MS = 800;

await loadMessages();

const token = createSecret(() => globalThis.sessionStorage, 'secure-attend-token');
const parting = createSecret(() => globalThis.sessionStorage, 'secure-attend-parting');
const api = createApi(apiAddress(document), undefined, {
  secret: token.get,
  refused: () => session.leave('Your log-in has ended. Please log in again.'),
});
/** @type {FacultySession} */
const session = {
  me: null,
  enter(loggedIn) {
    token.set(loggedIn.token);
    session.me = loggedIn.me;
  },
  /** Loads the page anew, so that nothing about anybody stays in it. */
  leave(words) {
    token.set(null);
    parting.set(words);
    globalThis.location.reload();
  },
};
const view = createRosterView();
let state = roster.initial;
/** @type {Health | null} */
let health = null;
/** @type {FetchedPage[]} */
let fetched = [];
let edits = 0; // changes made here: a list fetched meanwhile may be from before them
/** @type {Promise<void> | null} */
let refreshing = null;
/** @type {ReturnType<typeof setTimeout> | undefined} the timer until a search's outcome is told */
let telling;

/** @param {RosterEvent} event */
function dispatch(event) {
  if (['student', 'changed', 'gone'].includes(event.type)) edits += 1;
  state = roster.next(state, event);
  view.render(state, health?.time_zone);
  requests.render(state.students);
}

/** @type {FacultyPage} */
const page = {
  api,
  dispatch,
  said,
  wentWrong,
  quietly,
  get state() {
    return state;
  },
  get health() {
    return health;
  },
  refresh: () => refresh(false),
  register: (student) => register.open(student),
  checkInByHand,
  cancelCheckIn,
  focusRow,
};

const register = createRegisterFaces(page);
const requests = createRequests(page);
const studentDialog = createStudentDialog(page);
const rosterFile = createRosterFile(page);
const photos = createPhotosDialog(page);
/** @type {Record<string, () => void>} the dialogs that are filled when they open */
const openings = {
  'report-dialog': createReportDialog(page).opening,
  'consents-dialog': createConsentsDialog(page).opening,
  'faces-dialog': createFacesDialog(page).opening,
  'refusals-dialog': createRefusalsDialog(page).opening,
  'removed-dialog': createRemovedDialog(page).opening,
  'account-dialog': createAccountDialog(page, session).opening,
  'accounts-dialog': createAccountsDialog(page).opening,
  'audit-dialog': createAuditDialog(page).opening,
  'kiosks-dialog': createKiosksDialog(page).opening,
};
createAddDialog(page);

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

async function watchList() {
  for (let tries = 0; ;) {
    try {
      if (!document.hidden) await refresh(true);
      tries = 0;
      await sleep(roster.pollSeconds(fetched.length));
    } catch (error) {
      renderConnection(asProblem(error).code !== 'server_away');
      await sleep(backoffSeconds(tries));
      tries += 1;
    }
  }
}

async function fetchHealth() {
  /** @type {Health} */
  const now = (await api.get('/health', { timeout: 8000 })).data;
  health = now;
  renderHealth(now);
  return now;
}

async function watchHealth() {
  for (;;) {
    try {
      await fetchHealth();
    } catch {
      // The list is asked for more often and shows that the server is away.
    }
    await sleep(HEALTH_EVERY_S);
  }
}

/** @param {Student} student */
async function checkInByHand(student) {
  const { data } = await api.post(`/students/${encodeURIComponent(student.key)}/check-ins`, { json: {} });
  said(data.already ? `${student.name} is checked in already.` : `${student.name} is checked in by hand.`);
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
        said(`The check-in of ${student.name} is cancelled.`);
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

/** @param {string} [key] */
function focusRow(key) {
  /** @type {HTMLElement | null} */
  const row = key ? document.querySelector(`[data-key="${CSS.escape(key)}"] button`) : null;
  const upcoming = byId('register-next');
  (row ?? (upcoming.disabled ? byId('roster') : upcoming)).focus();
}

/** @type {Record<string, (student: Student, button: HTMLElement) => void>} */
const acts = {
  register: (student) => register.open(student),
  more: (student) => studentDialog.open(student),
  hand(student, button) {
    if (student.today) cancelCheckIn(student, student.today);
    else {
      whileBusy(button, () =>
        checkInByHand(student).catch((error) => wentWrong(`${student.name} was not checked in`, error)),
      );
    }
  },
};

/**
 * A search or filter; who cannot see how many it leaves is told, once the typing pauses.
 * @param {RosterEvent} event
 */
function choose(event) {
  dispatch(event);
  clearTimeout(telling);
  telling = setTimeout(() => quietly(roster.matchWords(state)), TELL_AFTER_MS);
}

byId('rows').addEventListener('click', (event) => {
  const button = closestTo(event, '[data-act]');
  const key = closestTo(event, '[data-key]')?.dataset.key;
  const student = state.students.find((one) => one.key === key);
  if (button && student) acts[button.dataset.act ?? ''](student, button);
});
byId('register-next').addEventListener('click', () => {
  const student = roster.nextUnregistered(state.students);
  if (student) register.open(student);
});
byId('refresh').addEventListener('click', async () => {
  try {
    await refresh(false);
    page.quietly('The student list is up to date.');
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
  dispatch({ type: 'more' });
  byId('rows').children[shown]?.querySelector('button')?.focus(); // the first new one: the button below may be gone
});
byId('show-all').addEventListener('click', () => {
  byId('search').value = '';
  /** @type {HTMLInputElement} */ (byId('filters').querySelector('[value="all"]')).checked = true;
  dispatch({ type: 'search', text: '' });
  dispatch({ type: 'filter', filter: 'all' });
  byId('search').focus();
});
for (const opener of everyElement('[data-opens]')) {
  opener.addEventListener('click', () => {
    const name = /** @type {'confirm'} */ (opener.dataset.opens); // one of the dialogs
    byId(name).showModal();
    openings[name]?.();
  });
}
for (const closer of everyElement('[data-close]')) {
  closer.addEventListener('click', () => closer.closest('dialog')?.close());
}

/** Show the sign-in form, or the desk to somebody who is logged in already. Wait for the server while it is away. */
async function arrive() {
  /** @type {boolean} */
  let setupNeeded;
  for (let tries = 0; ; tries += 1) {
    try {
      setupNeeded = (await fetchHealth()).setup_needed;
      renderConnection(true);
      if (!token.get()) break;
      enterDesk((await api.get('/me')).data);
      return;
    } catch (error) {
      if (!token.get()) return; // it counted no more, and the page is loading anew
      renderConnection(asProblem(error).code !== 'server_away');
      await sleep(backoffSeconds(tries));
    }
  }
  const signIn = createSignIn({
    api,
    onEntered(loggedIn) {
      session.enter(loggedIn);
      enterDesk(loggedIn.me);
      byId('roster').focus();
    },
  });
  signIn.open(setupNeeded, parting.get() ?? '');
  parting.set(null);
}

/** @param {Me} me */
function enterDesk(me) {
  session.me = me;
  setText(byId('account-name'), me.name);
  setHidden(byId('account-open'), false);
  for (const element of everyElement('[data-admin]')) setHidden(element, !me.roles.includes('admin'));
  byId('more-tools').open = matchMedia('(min-width: 40rem)').matches; // on a phone they would hide the list
  setHidden(byId('desk'), false);
  document.title = 'Students · Secure-Attend';
  watchHealth();
  watchList();
}

/** @param {number} seconds */
function sleep(seconds) {
  return new Promise((done) => {
    setTimeout(done, seconds * 1000);
  });
}

wireMessages();
wireFocusReturn();
wireDragAndDrop({ roster: rosterFile.drop, photos: photos.drop });
arrive();
