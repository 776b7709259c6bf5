import assert from 'node:assert/strict';
import test from 'node:test';

import {
  accuracyWords,
  limitChoice,
  movingWords,
  pairWords,
  whyWeak,
} from '../../../static/js/logic/faculty/faces_report.js';
import { plain } from '../../../static/js/logic/names.js';

const counts = { at_kiosk: 1, by_hand: 4, not_me: 2, refused: 3 };

test('every reason is a sentence, with its counts', () => {
  const reasons = [
    'templates_disagree',
    'one_template',
    'poor_pictures',
    'often_without_face',
    'often_not_me',
    'often_refused',
  ];
  const said = whyWeak({ ...counts, reasons });
  assert.equal(said.length, 6);
  for (const sentence of said) assert.match(sentence, /^[A-Z].*\.$/);
  assert.equal(
    said[3],
    'Often checked in without the face in 30 days: 4 times by hand, once at a kiosk, by face or with ID and code.',
  );
  assert.equal(said[4], 'Twice in 30 days somebody else was greeted by this name.');
  assert.match(said[5], /^Refused 3 times in 24 hours: /);
});

test('a reason of a newer server is shown as it is', () => {
  assert.deepEqual(whyWeak({ ...counts, reasons: ['something_new'] }), ['something_new']);
});

test('a pair is told by name and ID', () => {
  const students = [
    { name: 'Ann Lee', student_id: '001' },
    { name: 'Bo Lee', student_id: '002' },
  ];
  assert.equal(plain(pairWords({ students })), 'Ann Lee (001) and Bo Lee (002)');
});

test('an admin may loosen the limit, and take it back', () => {
  assert.equal(limitChoice(null), null);
  assert.equal(limitChoice({ looser: false, loosened: false }), null);
  assert.equal(limitChoice({ looser: true, loosened: false }).by, 'site');
  assert.equal(limitChoice({ looser: true, loosened: true }).by, 'models');
});

test('how far a site has moved', () => {
  const moving = { before: 'sface', now: 'facenet', moved: 12, keeping: 12, waiting: 18 };
  assert.deepEqual(movingWords(null), []);
  assert.match(movingWords(moving)[0], /^12 of 30 registered students have moved from sface to facenet\.$/);
  assert.match(movingWords(moving)[1], /next check-in/);
  assert.match(movingWords({ ...moving, moved: 30, keeping: 4, waiting: 0 })[1], /sface faces of 4 are kept/);
  assert.match(movingWords({ ...moving, moved: 30, keeping: 0, waiting: 0 })[1], /without --keep-old/);
});

test('how sure it is, and a warning where there is one', () => {
  assert.deepEqual(accuracyWords(null), []);
  assert.deepEqual(accuracyWords({ how: 'So.', warning: null }), ['So.']);
  assert.deepEqual(accuracyWords({ how: 'So.', warning: 'But.' }), ['So.', 'But.']);
});
