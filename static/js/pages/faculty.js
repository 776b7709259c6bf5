// The faculty page: wires its places, the dialogs and the server together.

import { apiAddress, createApi } from '../lib/api.js';
import { loadMessages } from '../lib/catalogue.js';
import { byId, everyElement, setHidden, setText } from '../lib/dom.js';
import { t } from '../lib/messages.js';
import { createSecret } from '../lib/secrets.js';
import { sleep } from '../lib/sleep.js';
import { createAttendanceTab } from '../faculty/courses/attendance_tab.js';
import { createClassesTab } from '../faculty/courses/classes_tab.js';
import { createCourseList } from '../faculty/courses/course_list.js';
import { createCoursePlace } from '../faculty/courses/course_place.js';
import { createMembersTab } from '../faculty/courses/members_tab.js';
import { createPolicyForm } from '../faculty/courses/policy_form.js';
import { createRulesTab } from '../faculty/courses/rules_tab.js';
import { createDecidePlace } from '../faculty/decide/decide_place.js';
import { wireDragAndDrop } from '../faculty/drag_and_drop.js';
import { wireFocusReturn } from '../faculty/focus_return.js';
import { quietly, said, wentWrong, wireMessages } from '../faculty/messages.js';
import { createLowDialog } from '../faculty/reports/low_dialog.js';
import { createRefusalsDialog } from '../faculty/reports/refusals_dialog.js';
import { createTermDialog } from '../faculty/reports/term_dialog.js';
import { createReportDialog } from '../faculty/reports/report_dialog.js';
import { createExportDialog } from '../faculty/reports/export_dialog.js';
import { createSheetsPlace } from '../faculty/sheets/sheets_place.js';
import { createAccountDialog } from '../faculty/settings/account_dialog.js';
import { createAccountsDialog } from '../faculty/settings/accounts_dialog.js';
import { createAuditDialog } from '../faculty/settings/audit_dialog.js';
import { createFacesDialog } from '../faculty/settings/faces_dialog.js';
import { createKiosksDialog } from '../faculty/settings/kiosks_dialog.js';
import { createNightlyDialog } from '../faculty/settings/nightly_dialog.js';
import { createReasonsDialog } from '../faculty/settings/reasons_dialog.js';
import { createSiteRulesDialog } from '../faculty/settings/site_rules_dialog.js';
import { focusPlaceHeading } from '../faculty/shell/place_heading.js';
import { createShell } from '../faculty/shell/shell.js';
import { createSignIn } from '../faculty/sign_in.js';
import { renderConnection, renderHealth } from '../faculty/status.js';
import { createAddDialog } from '../faculty/students/add_dialog.js';
import { createConsentsDialog } from '../faculty/students/consents_dialog.js';
import { createExcusesDialog } from '../faculty/students/excuses_dialog.js';
import { createPhotosDialog } from '../faculty/photos/photos_dialog.js';
import { createRegisterFaces } from '../faculty/students/register_faces.js';
import { createRemovedDialog } from '../faculty/students/removed_dialog.js';
import { createRequests } from '../faculty/students/requests.js';
import { createRosterFile } from '../faculty/students/roster_file.js';
import { createStudentDialog } from '../faculty/students/student_dialog.js';
import { createStudentList, focusRow, wireStudentList } from '../faculty/students/student_list.js';
import { createClassRegister } from '../faculty/today/class_register.js';
import { createMarkDialog } from '../faculty/today/mark_dialog.js';
import { createTodayPlace } from '../faculty/today/today_place.js';
import { addressOf, home, mayOpen, placesShown } from '../logic/faculty/places.js';
import { may } from '../logic/faculty/rights.js';
import { backoffSeconds } from '../logic/frames.js';
import { asProblem, Problem } from '../logic/problems.js';

const HEALTH_EVERY_S = 15;

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
  /** Reload the page, so that nothing about anybody stays in it. The next log-in leads to the same place. */
  leave(words) {
    token.set(null);
    parting.set(words);
    globalThis.location.reload();
  },
};
/** @type {Health | null} */
let health = null;
let hasCourses = false;

const list = createStudentList({
  api,
  zone: () => health?.time_zone,
  drawn: (students) => requests.render(students),
});
const shell = createShell({
  home: () => home(hasCourses, session.me?.may),
  placesShown: () => placesShown(session.me?.may ?? []),
  mayOpen: (address) => mayOpen(address, session.me?.may ?? []),
  refused: () => wentWrong(t('places.not_yours'), new Problem({ code: 'forbidden', detail: t('places.ask_admin') })),
  dialogOf: (address) => dialogs[address.dialog ?? 'student'].dialog,
  open(address) {
    if (address.student !== null) openStudent(address.student);
    else openDialog(dialogs[address.dialog ?? 'student']);
  },
  shown(address) {
    for (const [name, place] of Object.entries(places)) if (name !== address.place) place.leave();
    places[address.place]?.show(address);
  },
});

/** @type {FacultyPage} */
const page = {
  api,
  dispatch: list.dispatch,
  said,
  wentWrong,
  quietly,
  get state() {
    return list.state;
  },
  get health() {
    return health;
  },
  get me() {
    return session.me;
  },
  refresh: list.refresh,
  register: (student) => register.open(student),
  openStudent: ({ key }) => shell.go(addressOf('students', { student: key })),
  go: (address) => shell.go(address),
  askRights,
  checkInByHand: list.checkInByHand,
  cancelCheckIn: list.cancelCheckIn,
  focusRow,
};

const register = createRegisterFaces(page);
const requests = createRequests(page);
const excuses = createExcusesDialog(page);
const studentDialog = createStudentDialog(page, excuses);
const exported = createExportDialog(page);
const rosterFile = createRosterFile(page);
const photos = createPhotosDialog(page);
/** @type {Record<AddressedDialog | 'student', { dialog: HTMLDialogElement, opening?: () => void }>} */
const dialogs = {
  student: { dialog: byId('student-dialog') },
  consents: { dialog: byId('consents-dialog'), opening: createConsentsDialog(page).opening },
  removed: { dialog: byId('removed-dialog'), opening: createRemovedDialog(page).opening },
  registers: { dialog: byId('export-dialog'), opening: () => exported.opening(null) },
  attendance: { dialog: byId('report-dialog'), opening: createReportDialog(page).opening },
  low: { dialog: byId('low-dialog'), opening: createLowDialog(page).opening },
  refused: { dialog: byId('refusals-dialog'), opening: createRefusalsDialog(page).opening },
  term: { dialog: byId('term-dialog'), opening: createTermDialog(page).opening },
  account: { dialog: byId('account-dialog'), opening: createAccountDialog(page, session).opening },
  recognition: { dialog: byId('faces-dialog'), opening: createFacesDialog(page).opening },
  rules: { dialog: byId('site-rules-dialog'), opening: createSiteRulesDialog(page).opening },
  reasons: { dialog: byId('reasons-dialog'), opening: createReasonsDialog(page).opening },
  nightly: { dialog: byId('nightly-dialog'), opening: createNightlyDialog(page).opening },
  kiosks: { dialog: byId('kiosks-dialog'), opening: createKiosksDialog(page).opening },
  accounts: { dialog: byId('accounts-dialog'), opening: createAccountsDialog(page).opening },
  audit: { dialog: byId('audit-dialog'), opening: createAuditDialog(page).opening },
};
const chooseMark = createMarkDialog();
const classRegister = createClassRegister(page, { choose: chooseMark, changed: () => places.today.refresh() });
const decide = createDecidePlace(page);
/** @type {Record<string, WatchedPlace>} the places that do something while they are shown */
const places = {
  today: createTodayPlace(page, classRegister),
  courses: createCoursePlace(page, createCourseList(page), {
    classes: createClassesTab(page, classRegister),
    attendance: createAttendanceTab(page, chooseMark, excuses, exported.open),
    students: createMembersTab(page, excuses, exported.openStudents),
    rules: createRulesTab(page, createPolicyForm(page)),
  }),
  decide: decide.place,
  sheets: createSheetsPlace(page, chooseMark),
};
createAddDialog(page);
byId('students-download').addEventListener('click', () => exported.openStudents(null));
wireStudentList(page);

/** @param {{ dialog: HTMLDialogElement, opening?: () => void }} addressed */
function openDialog({ dialog, opening }) {
  dialog.showModal();
  opening?.();
}

/**
 * Show the student of an address, who may no longer be on the list.
 * @param {string} key
 */
async function openStudent(key) {
  const address = addressOf('students', { student: key });
  try {
    const listed = list.state.students.find((student) => student.key === key);
    /** @type {Student} */
    const student = listed ?? (await api.get(`/students/${encodeURIComponent(key)}`)).data;
    if (student.removed) throw new Problem({ code: 'removed', detail: t('places.removed_student') });
    if (shell.isAt(address)) studentDialog.open(student);
  } catch (error) {
    if (!shell.isAt(address)) return;
    shell.leaveDialog();
    wentWrong(t('places.no_student'), error);
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
    await sleep(1000 * HEALTH_EVERY_S);
  }
}

for (const opener of everyElement('[data-opens]')) {
  const dialog = byId(/** @type {'confirm'} */ (opener.dataset.opens)); // one of the dialogs
  opener.addEventListener('click', () => dialog.showModal());
}
for (const closer of everyElement('[data-close]')) {
  closer.addEventListener('click', () => closer.closest('dialog')?.close());
}
// A link from the terminal, pasted into an open page: the page reads it when it loads.
globalThis.addEventListener('hashchange', () => {
  if (/^#(setup|demo)=/.test(globalThis.location.hash)) globalThis.location.reload();
});

/**
 * Show the sign-in form, or the desk to somebody who is logged in already. Wait for the server while it is away.
 * @param {() => void} [entered] called before a dialog of the address opens and takes the focus
 */
async function arrive(entered) {
  /** @type {boolean} */
  let setupNeeded;
  for (let tries = 0; ; tries += 1) {
    try {
      setupNeeded = (await fetchHealth()).setup_needed;
      renderConnection(true);
      if (!token.get()) break;
      await enterDesk((await api.get('/me')).data, entered);
      return;
    } catch (error) {
      if (!token.get()) return; // it was no longer valid, and the page is loading again
      renderConnection(asProblem(error).code !== 'server_away');
      await sleep(1000 * backoffSeconds(tries));
    }
  }
  const signIn = createSignIn({
    api,
    onEntered(loggedIn) {
      session.enter(loggedIn);
      arrive(focusPlaceHeading);
    },
  });
  signIn.open(setupNeeded, parting.get() ?? '');
  parting.set(null);
}

/**
 * @param {Me} me
 * @param {() => void} [entered]
 */
async function enterDesk(me, entered) {
  session.me = me;
  if (may(me, 'GET /courses')) hasCourses = (await api.get('/courses')).data.courses.length > 0;
  setText(byId('account-name'), me.name);
  setHidden(byId('account-open'), false);
  offer(me);
  setHidden(byId('desk'), false);
  shell.start(entered);
  watchHealth();
  if (may(me, 'GET /students')) list.watch();
  if (may(me, 'GET /decisions')) decide.start();
}

/**
 * Show what the account may do, and only that: also in the rows that templates make.
 * @param {Me} me
 */
function offer(me) {
  const templates = [...document.querySelectorAll('template')].map(({ content }) => content);
  for (const root of [document, ...templates]) {
    for (const element of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-may]'))) {
      setHidden(element, !may(me, element.dataset.may));
    }
  }
  setHidden(byId('empty-yours'), may(me, 'POST /students'));
  setHidden(byId('report-methods-choice'), !me.roles.includes('admin'));
}

/** With the first course of a site, what concerns all students is no longer for its lecturers. */
async function askRights() {
  session.me = (await api.get('/me')).data;
  hasCourses = true;
  if (session.me) offer(session.me);
}

wireMessages();
wireFocusReturn();
wireDragAndDrop({
  roster: (files) => may(session.me, 'POST /students') && rosterFile.drop(files),
  photos: (files) => may(session.me, 'POST /students/{key}/faces') && photos.drop(files),
});
arrive();
