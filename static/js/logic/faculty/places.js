// The places of the faculty page and their addresses, which are fragments: #students, #students/KEY,
// #settings/kiosks, #courses/KEY/classes/KEY, #sheets/class/KEY.

/** @type {CourseTab[]} */
const TABS = ['classes', 'attendance', 'students', 'rules'];
/** @type {SheetName[]} */
const SHEETS = ['class', 'blank', 'entry', 'course', 'statement'];
/** @type {Record<PlaceName, AddressedDialog[]>} */
const DIALOGS = {
  today: [],
  decide: [],
  courses: [],
  students: ['consents', 'removed'],
  reports: ['attendance', 'low', 'registers', 'refused', 'term'],
  settings: ['account', 'recognition', 'rules', 'reasons', 'nightly', 'kiosks', 'accounts', 'audit'],
  sheets: [],
};
/** @type {Record<PlaceName | AddressedDialog, string[]>} what a place or dialog asks of the server: one is enough */
const NEEDED = {
  today: ['GET /today'],
  decide: ['GET /decisions'],
  courses: ['GET /courses'],
  students: ['GET /students'],
  consents: ['POST /consents'],
  removed: ['PATCH /students/{key}'],
  reports: ['GET /reports/attendance.csv', 'GET /refusals', 'GET /low-attendance'],
  attendance: ['GET /reports/attendance.csv'],
  registers: ['GET /reports/registers.csv'],
  low: ['GET /low-attendance'],
  refused: ['GET /refusals'],
  term: ['GET /faces/unneeded'],
  settings: ['GET /me'],
  account: ['GET /me'],
  recognition: ['GET /reports/faces'],
  rules: ['PATCH /attendance-settings'],
  reasons: ['PATCH /attendance-settings'],
  nightly: ['POST /imports/nightly'],
  kiosks: ['GET /kiosks'],
  accounts: ['GET /accounts'],
  audit: ['GET /audit'],
  sheets: ['GET /meetings/{meeting}/sheet', 'GET /courses/{course}/sheet', 'GET /students/{key}/statement'],
};

/**
 * A place of which nothing special is shown.
 * @param {PlaceName} place
 * @param {Partial<PlaceAddress>} [more]
 * @returns {PlaceAddress}
 */
export function addressOf(place, more = {}) {
  return { place, course: null, tab: null, meeting: null, student: null, dialog: null, sheet: null, of: null, ...more };
}

/**
 * The place that a fragment names, or null.
 * @param {string} fragment
 * @returns {PlaceAddress | null}
 */
export function parsePlace(fragment) {
  const [place, ...rest] = partsOf(fragment) ?? [''];
  if (!isPlace(place)) return null;
  if (place === 'sheets') return sheetAt(rest);
  if (rest.length === 0) return addressOf(place);
  if (place === 'courses') return courseAt(rest);
  if (rest.length > 1) return null;
  if (place === 'today') return addressOf(place, { meeting: rest[0] });
  const dialog = DIALOGS[place].find((name) => name === rest[0]);
  if (dialog) return addressOf(place, { dialog });
  return place === 'students' ? addressOf(place, { student: rest[0] }) : null;
}

/**
 * @param {string} fragment
 * @returns {string[] | null}
 */
function partsOf(fragment) {
  try {
    const parts = fragment.replace(/^#/, '').replace(/\/$/, '').split('/').map(decodeURIComponent);
    return parts.includes('') ? null : parts;
  } catch {
    return null; // a % that encodes nothing
  }
}

/**
 * @param {string} name
 * @returns {name is PlaceName}
 */
function isPlace(name) {
  return Object.hasOwn(DIALOGS, name);
}

/** @param {(string | null)[]} parts */
function courseAt([course, named = 'classes', meeting = null, ...more]) {
  const tab = TABS.find((one) => one === named);
  const fits = meeting === null || tab === 'classes';
  return tab && fits && more.length === 0 ? addressOf('courses', { course, tab, meeting }) : null;
}

/** @param {string[]} parts */
function sheetAt([named, of, ...more]) {
  const sheet = SHEETS.find((one) => one === named);
  return sheet && of && more.length === 0 ? addressOf('sheets', { sheet, of }) : null;
}

/**
 * The fragment of an address, with its #.
 * @param {PlaceAddress} address
 */
export function writePlace({ place, course, tab, meeting, student, dialog, sheet, of }) {
  const named = [place, course, course && (tab ?? TABS[0]), meeting, student, dialog, sheet, of];
  const parts = named.filter((part) => part !== null);
  return `#${parts.map(encodeURIComponent).join('/')}`;
}

/**
 * The place under a dialog; a place without one is given back as it is.
 * @param {PlaceAddress} address
 * @returns {PlaceAddress}
 */
export function placeUnder(address) {
  return { ...address, student: null, dialog: null };
}

/** @param {PlaceAddress} address */
export function hasDialog({ student, dialog }) {
  return student !== null || dialog !== null;
}

/**
 * Whether an account that may call these operations has anything to do at the address.
 * @param {PlaceAddress} address
 * @param {string[]} may
 */
export function mayOpen({ place, dialog }, may) {
  return NEEDED[dialog ?? place].some((operation) => may.includes(operation));
}

/**
 * Where the page begins when no place is asked for: a site without courses works with its list of students.
 * @param {boolean} [hasCourses]
 * @param {string[]} [may]
 * @returns {PlaceAddress}
 */
export function home(hasCourses = false, may = NEEDED.students) {
  if (hasCourses) return addressOf('today');
  return addressOf(mayOpen(addressOf('students'), may) ? 'students' : 'settings');
}

/**
 * The places where an account that may call these operations has something to do.
 * @param {string[]} may
 * @returns {string[]}
 */
export function placesShown(may) {
  return Object.keys(DIALOGS).filter((place) => mayOpen(addressOf(/** @type {PlaceName} */ (place)), may));
}

/**
 * The key of the page's title. It never says which student: titles stay in the browser's history.
 * @param {PlaceAddress} address
 */
export function titleKey({ place, course, tab, student, dialog }) {
  if (student !== null) return 'title.student';
  if (course !== null) return `title.course_${tab}`;
  return dialog === null ? `title.${place}` : `title.${place}_${dialog}`;
}
