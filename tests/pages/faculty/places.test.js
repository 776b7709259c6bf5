import assert from 'node:assert/strict';
import test from 'node:test';

import { ENGLISH } from '../support/english.js';
import {
  addressOf,
  hasDialog,
  home,
  mayOpen,
  parsePlace,
  placesShown,
  placeUnder,
  titleKey,
  writePlace,
} from '../../../static/js/logic/faculty/places.js';
import { actsOn, may, mayAssist, mayDecide, shownOf } from '../../../static/js/logic/faculty/rights.js';

const ADDRESSES = {
  '#today': addressOf('today'),
  '#today/m1': addressOf('today', { meeting: 'm1' }),
  '#courses': addressOf('courses'),
  '#courses/c1/classes': addressOf('courses', { course: 'c1', tab: 'classes' }),
  '#courses/c1/classes/m1': addressOf('courses', { course: 'c1', tab: 'classes', meeting: 'm1' }),
  '#courses/c1/attendance': addressOf('courses', { course: 'c1', tab: 'attendance' }),
  '#courses/c1/students': addressOf('courses', { course: 'c1', tab: 'students' }),
  '#courses/c1/rules': addressOf('courses', { course: 'c1', tab: 'rules' }),
  '#students': addressOf('students'),
  '#students/9f3a': addressOf('students', { student: '9f3a' }),
  '#students/a%2Fb%20c': addressOf('students', { student: 'a/b c' }),
  '#students/consents': addressOf('students', { dialog: 'consents' }),
  '#students/removed': addressOf('students', { dialog: 'removed' }),
  '#reports': addressOf('reports'),
  '#reports/attendance': addressOf('reports', { dialog: 'attendance' }),
  '#reports/low': addressOf('reports', { dialog: 'low' }),
  '#reports/refused': addressOf('reports', { dialog: 'refused' }),
  '#reports/registers': addressOf('reports', { dialog: 'registers' }),
  '#reports/term': addressOf('reports', { dialog: 'term' }),
  '#sheets/class/m1': addressOf('sheets', { sheet: 'class', of: 'm1' }),
  '#sheets/blank/m1': addressOf('sheets', { sheet: 'blank', of: 'm1' }),
  '#sheets/entry/m1': addressOf('sheets', { sheet: 'entry', of: 'm1' }),
  '#sheets/course/c%2F1': addressOf('sheets', { sheet: 'course', of: 'c/1' }),
  '#sheets/statement/9f3a': addressOf('sheets', { sheet: 'statement', of: '9f3a' }),
  '#settings': addressOf('settings'),
  '#settings/account': addressOf('settings', { dialog: 'account' }),
  '#settings/recognition': addressOf('settings', { dialog: 'recognition' }),
  '#settings/rules': addressOf('settings', { dialog: 'rules' }),
  '#settings/kiosks': addressOf('settings', { dialog: 'kiosks' }),
  '#settings/accounts': addressOf('settings', { dialog: 'accounts' }),
  '#settings/audit': addressOf('settings', { dialog: 'audit' }),
};

test('each address is read and written alike', () => {
  for (const [fragment, address] of Object.entries(ADDRESSES)) {
    assert.deepEqual(parsePlace(fragment), address, fragment);
    assert.equal(writePlace(address), fragment);
  }
});

test('an address may lack its # or end in a slash', () => {
  assert.deepEqual(parsePlace('settings/kiosks'), addressOf('settings', { dialog: 'kiosks' }));
  assert.deepEqual(parsePlace('#students/'), addressOf('students'));
});

test('a course begins with its classes', () => {
  assert.deepEqual(parsePlace('#courses/c1'), addressOf('courses', { course: 'c1', tab: 'classes' }));
  assert.equal(writePlace(addressOf('courses', { course: 'c1' })), '#courses/c1/classes');
});

test('what names no place is no address', () => {
  const unknown = ['', '#', '#/', '#nowhere', '#constructor', '#Students', '#reports/x', '#settings/secrets'];
  const odd = [
    '#courses/c1/marks',
    '#courses/c1/rules/x',
    '#courses/c1/classes/m/x',
    '#students/a/b',
    '#students//b',
    '#students/%E0%A4%A',
    '#%',
  ];
  for (const fragment of [...unknown, ...odd, '#setup=AB12', '#demo=xyz']) {
    assert.equal(parsePlace(fragment), null, fragment);
  }
});

const LECTURER = ['GET /courses', 'GET /me', 'GET /refusals', 'GET /reports/faces', 'GET /students', 'GET /today'];
const SHEETS = Object.keys(ADDRESSES).filter((fragment) => fragment.startsWith('#sheets'));
const OFFICER = ['GET /audit', 'GET /me', 'GET /students'];

test('a place is shown to those who have something to do there', () => {
  assert.deepEqual(placesShown(LECTURER), ['today', 'courses', 'students', 'reports', 'settings']);
  assert.deepEqual(placesShown([...LECTURER, 'GET /courses/{course}/sheet']).at(-1), 'sheets');
  assert.deepEqual(placesShown(OFFICER), ['students', 'settings']);
  assert.deepEqual(placesShown(['GET /accounts', 'GET /me']), ['settings']);
});

test('a site with courses begins with today, one without with its students', () => {
  assert.deepEqual(home(true, LECTURER), ADDRESSES['#today']);
  assert.deepEqual(home(false, LECTURER), ADDRESSES['#students']);
  assert.deepEqual(home(false, ['GET /accounts', 'GET /me']), ADDRESSES['#settings']);
});

test('under a dialog is its place', () => {
  assert.deepEqual(placeUnder(ADDRESSES['#settings/kiosks']), ADDRESSES['#settings']);
  assert.deepEqual(placeUnder(ADDRESSES['#students/9f3a']), ADDRESSES['#students']);
  assert.deepEqual(placeUnder(ADDRESSES['#courses/c1/rules']), ADDRESSES['#courses/c1/rules']);
  const above = Object.keys(ADDRESSES).filter((fragment) => hasDialog(ADDRESSES[fragment]));
  assert.equal(above.length, 15);
  assert.ok(above.every((fragment) => /^#(students|reports|settings)\/./.test(fragment)));
});

test('a dialog opens for accounts that may call what it asks of the server', () => {
  const closedTo = (/** @type {string[]} */ operations) =>
    Object.keys(ADDRESSES).filter((fragment) => !mayOpen(ADDRESSES[fragment], operations));
  const ofAdmins = ['#settings/kiosks', '#settings/accounts', '#settings/audit'];
  const ofOffice = '#settings/rules';
  const ofRegistrars = [
    '#students/consents',
    '#students/removed',
    '#reports/attendance',
    '#reports/low',
    '#reports/registers',
    '#reports/term',
  ];
  assert.deepEqual(closedTo(LECTURER), [...ofRegistrars, ...SHEETS, ofOffice, ...ofAdmins]);
  assert.deepEqual(closedTo([...LECTURER, 'GET /kiosks', 'POST /consents']), [
    ...ofRegistrars.slice(1),
    ...SHEETS,
    ofOffice,
    ...ofAdmins.slice(1),
  ]);
});

test('every address that can be reached has a title, and none says which student', () => {
  for (const fragment of [...Object.keys(ADDRESSES), '']) {
    const address = parsePlace(fragment) ?? home();
    assert.ok(Object.hasOwn(ENGLISH.messages, titleKey(address)), fragment);
  }
  assert.equal(titleKey(ADDRESSES['#students/9f3a']), 'title.student');
});

test('an account may do what the server lists, and nobody may do anything', () => {
  const me = { may: ['GET /kiosks'] };
  assert.equal(may(me, 'GET /kiosks'), true);
  assert.equal(may(me, 'POST /kiosks'), false);
  assert.equal(may(me, undefined), false);
  assert.equal(may(null, 'GET /kiosks'), false);
});

test('assistants register faces, lecturers remove them too, others only look', () => {
  const roles = /** @type {const} */ (['lecturer', 'assistant', 'viewer', null]);
  assert.deepEqual(
    roles.map((role) => mayAssist({ role })),
    [true, true, false, false],
  );
  assert.deepEqual(
    roles.map((role) => mayDecide({ role })),
    [true, false, false, false],
  );
});

test('where no faces are used nothing is asked for one, and one that is kept can be removed', () => {
  const kept = {
    role: 'lecturer',
    uses_faces: false,
    registered: true,
    needs_again: false,
    consent: { state: 'given' },
  };
  const student = /** @type {Student} */ (/** @type {unknown} */ (kept));
  const none = {
    ...student,
    registered: false,
    consent: { ...student.consent, state: /** @type {const} */ ('missing') },
  };
  const offered = (/** @type {Student} */ one) => Object.keys(actsOn(one)).filter((name) => actsOn(one)[name]);
  assert.deepEqual(offered(student), ['hand', 'code', 'remove-face', 'consent']);
  assert.deepEqual(offered(none), ['hand', 'code']);
  assert.deepEqual(offered({ ...none, uses_faces: true }), ['register', 'photo', 'hand', 'code', 'consent']);
  assert.deepEqual(shownOf(student), { face: true, consent: true });
  assert.deepEqual(shownOf(none), { face: false, consent: false });
});
