import assert from 'node:assert/strict';
import test from 'node:test';

import '../support/english.js';
import { classLines, closedNow, closedWords, standingWords } from '../../../static/js/logic/kiosk/classes.js';
import { initial, next, watching } from '../../../static/js/logic/kiosk/kiosk.js';
import { arrivalWords, readyWords, recentWords } from '../../../static/js/logic/kiosk/words.js';

const lecture = {
  course: 'STAT110',
  title: 'Lecture 1',
  room: 'Hall B',
  starts: '10:00',
  ends: '11:30',
  opens: '09:45',
  on_time_until: '10:10',
  late_until: '11:30',
  phase: 'open',
  on_time: true,
};
const place = { name: 'Tablet', room: 'Hall B', entrance: false, courses: true, classes: [lecture], next: null };
const closed = { ...place, classes: [], next: lecture };
const counted = (...classes) => ({ kind: 'counted', classes });
const stat = (status) => ({ course: 'STAT110', room: 'Hall B', status });
const arrival = { name: 'Jane', time: '10:14', already: false, standing: null };

test('a class says what it is, when it is, and until when one is on time', () => {
  const until = (more) => classLines({ ...place, classes: [{ ...lecture, ...more }] })[0].until;
  assert.deepEqual(classLines(place), [
    { name: 'STAT110 · Lecture 1', when: '10:00–11:30', until: 'On time until 10:10', open: true },
  ]);
  assert.equal(until({ on_time: false }), 'Check-in open until 11:30');
  assert.equal(until({ phase: 'planned' }), 'Check-in opens at 09:45');
  assert.deepEqual(classLines(null), []);
});

test('a kiosk is closed while no class is near, and only where there are courses', () => {
  assert.equal(closedNow({ place: closed }), true);
  for (const other of [null, place, { ...closed, courses: false }]) assert.equal(closedNow({ place: other }), false);
  assert.match(closedWords(closed).detail, /STAT110 at 10:00.*opens at 09:45/);
  assert.match(closedWords({ ...closed, next: null }).detail, /No more classes/);
  assert.equal(readyWords({ ...initial, place: closed }).title, 'No class right now');
  assert.equal(readyWords({ ...initial, place }).title, 'Welcome');
});

test('a closed kiosk keeps no camera on, and anybody may check in all the same', () => {
  const health = { faces: { used: true, ready: true, problem: null }, registered: 3, contact: 'the office' };
  const play = (state, ...events) => events.reduce((before, event) => next(before, { now: 0, ...event }), state);
  const ready = play(initial, { type: 'health', health }, { type: 'settings', settings: { handsFree: true } });
  assert.equal(watching(play(ready, { type: 'place', place })), true);
  const shut = play(ready, { type: 'place', place: closed });
  assert.equal(watching(shut), false);
  assert.equal(play(shut, { type: 'start', secure: true }).screen, 'opening');
  assert.equal(play(shut, { type: 'unpaired' }).place, null);
});

test('the greeting names the status and the course', () => {
  const status = (standing) => standingWords({ time: '10:14', standing }).status;
  assert.equal(status(counted(stat('present'))), 'Present, STAT110');
  assert.equal(status(counted(stat('late'))), 'Checked in at 10:14 (late), STAT110');
  assert.match(status(counted(stat('absent'))), /after check-in for STAT110 had ended/);
  for (const hidden of [null, 'excused']) assert.equal(status(counted(stat(hidden))), 'Checked in at 10:14, STAT110');
  assert.equal(status(counted(stat('present'), stat('present'))), 'Present, STAT110');
  const two = counted(stat('present'), { ...stat('present'), course: 'PHYS220' });
  assert.equal(status(two), 'Present, STAT110 · Present, PHYS220');
  assert.equal(status(null), '');
});

test('the status is on the screen, and in nothing that is read aloud', () => {
  const late = { ...arrival, standing: counted(stat('late')) };
  const { hello, fact, note, shown, more } = arrivalWords(late);
  assert.match(shown, /late/);
  assert.doesNotMatch([hello, fact, note, recentWords(late)].join(' '), /late|STAT110/);
  assert.equal(more, '');
  const again = arrivalWords({ ...late, already: true });
  assert.match(again.shown, /already checked in/);
  assert.match(again.more, /late/);
});

test('whoever is on no list here is told so in one kind sentence, and that it is recorded', () => {
  const kinds = {
    other_room: /STAT110 is in Hall B/,
    other_group: /another group/,
    not_a_member: /list of STAT110/,
    no_class: /No class of yours is open/,
  };
  for (const [kind, words] of Object.entries(kinds)) {
    const standing = { kind, classes: kind === 'no_class' ? [] : [stat(null)] };
    const { note, more, shown } = arrivalWords({ ...arrival, standing });
    assert.match(note, words);
    assert.match(note, /recorded/);
    assert.equal(more, note);
    assert.equal(shown, 'Checked in at 10:14.');
  }
  const several = { kind: 'not_a_member', classes: [stat(null), stat(null)] };
  assert.doesNotMatch(standingWords({ time: '', standing: several }).note, /STAT110/);
});
