import assert from 'node:assert/strict';
import test from 'node:test';

import '../support/english.js';
import { facesHere } from '../../../static/js/logic/kiosk/faces_here.js';
import {
  cameraNeeded,
  canCompare,
  initial,
  inUse,
  next,
  otherWays,
  RESUME_WITHIN_MS,
  TROUBLE_MS,
  watching,
} from '../../../static/js/logic/kiosk/kiosk.js';
import {
  arrivalWords,
  notMeWords,
  readyWords,
  recentWords,
  troubleWords,
} from '../../../static/js/logic/kiosk/words.js';
import { Problem, problemFrom, serverAway } from '../../../static/js/logic/problems.js';

const health = { faces: { used: true, ready: true, problem: null }, registered: 3, contact: 'the office' };
const play = (state, ...events) => events.reduce((before, event) => next(before, { now: 0, ...event }), state);
const ready = play(initial, { type: 'health', health });
const checking = play(ready, { type: 'start', secure: true }, { type: 'asked', challenge: { accepted: [] } });
const answer = { already: false, student: { name: 'Jane Smith' }, greeting_time: '09:03', record: { id: 'r1' } };
const greeted = play(checking, { type: 'passed' }, { type: 'checked_in', answer, now: 0 });

const failed = (code, more = {}) => ({ type: 'refused', problem: new Problem({ code, detail: '', ...more }) });
/** Somebody has passed, and is asked who they are. */
const claiming = (code, before = checking) =>
  play(before, { type: 'passed' }, { ...failed(code, { status: 422 }), claim: 'session' });

test('from ready to greeted, with the camera needed only on the way', () => {
  assert.equal(ready.screen, 'ready');
  assert.equal(play(ready, { type: 'start', secure: true }).screen, 'opening');
  assert.equal(checking.screen, 'checking');
  assert.equal(greeted.screen, 'greeted');
  assert.equal(greeted.arrival.name, 'Jane Smith');
  assert.deepEqual([ready, checking, greeted].map(cameraNeeded), [false, true, false]);
});

test('after 4 s it is ready for the next; "Not me" stays for 10 s or until the next check-in starts', () => {
  assert.equal(play(greeted, { type: 'tick', now: 3999 }).screen, 'greeted');
  const later = play(greeted, { type: 'tick', now: 4000 });
  assert.equal(later.screen, 'ready');
  assert.equal(later.arrival.name, 'Jane Smith');
  assert.equal(play(later, { type: 'tick', now: 10000 }).arrival, null);
  assert.equal(play(later, { type: 'start', secure: true, now: 5000 }).arrival, null);
});

test('"Not me" waits for the server, then says what it did, for ten seconds', () => {
  const asked = play(greeted, { type: 'not_me' });
  assert.equal(play(asked, { type: 'tick', now: 11000 }).screen, 'greeted');
  const done = play(asked, { type: 'not_me_done', said: { text: 'cancelled', now: 2000 } });
  assert.equal(done.screen, 'ready');
  assert.equal(done.said.text, 'cancelled');
  assert.equal(play(done, { type: 'tick', now: 12000 }).said, null);
});

test('a page that is not secure, a site without faces and models that do not work are told before the camera opens', () => {
  assert.equal(play(ready, { type: 'start', secure: false }).trouble.code, 'insecure');
  const empty = play(initial, { type: 'health', health: { ...health, registered: 0 } });
  assert.equal(play(empty, { type: 'start', secure: true }).trouble.code, 'nobody_registered');
  const problem = { code: 'models_failed', detail: 'The weights are missing.' };
  const broken = play(initial, { type: 'health', health: { ...health, faces: { ready: false, problem } } });
  const trouble = play(broken, { type: 'start', secure: true }).trouble;
  assert.equal(trouble.code, 'not_ready');
  // Why is for the faculty page: students hear what they can do.
  assert.match(troubleWords(trouble, 'the office').detail, /use ID and code, or ask the office/);
});

test('a trouble goes away by itself, not before a wait that the server asked for', () => {
  const refused = play(checking, { type: 'refused', problem: new Problem({ code: 'not_recognised', detail: '' }) });
  assert.equal(refused.screen, 'trouble');
  assert.equal(play(refused, { type: 'tick', now: TROUBLE_MS }).screen, 'ready');
  const paused = play(checking, {
    type: 'refused',
    problem: new Problem({ code: 'too_many', detail: '', retryAfter: 60 }),
  });
  assert.equal(paused.trouble.waitUntil, 60000);
  assert.equal(play(paused, { type: 'tick', now: TROUBLE_MS }).screen, 'trouble');
});

test('a server that goes away in a check-in is waited for, and the check-in begun again', () => {
  const away = play(checking, { type: 'refused', problem: serverAway(), now: 1000 });
  assert.equal(away.screen, 'away');
  assert.equal(play(away, { type: 'unreachable', now: 2000 }).screen, 'away');
  assert.equal(play(away, { type: 'health', health, now: 9000 }).screen, 'opening');
  assert.equal(play(away, { type: 'health', health, now: 1001 + RESUME_WITHIN_MS }).screen, 'ready');
});

test('an idle kiosk waits for the server too, and opens no camera when it is back', () => {
  const away = play(ready, { type: 'unreachable' });
  assert.equal(away.screen, 'away');
  assert.equal(play(away, { type: 'health', health }).screen, 'ready');
});

test('a session that a restarted server has forgotten is begun again once, by itself', () => {
  const problem = new Problem({ code: 'unknown_challenge', detail: '', status: 404 });
  const again = play(checking, { type: 'refused', problem });
  assert.equal(again.screen, 'opening');
  const twice = play(again, { type: 'asked', challenge: { accepted: [] } }, { type: 'refused', problem });
  assert.equal(twice.screen, 'trouble');
});

test('answers that come after the check-in was stopped change nothing', () => {
  const stopped = play(checking, { type: 'stop' });
  assert.equal(play(stopped, { type: 'asked', challenge: { accepted: [] } }), stopped);
  assert.equal(play(stopped, { type: 'passed' }), stopped);
  assert.equal(play(stopped, { type: 'checked_in', answer, now: 0 }), stopped);
  assert.equal(play(stopped, { type: 'refused', problem: serverAway() }), stopped);
});

test('who looks like somebody else may say an ID, for as long as the server takes one', () => {
  const problem = new Problem({ code: 'ambiguous_face', detail: '', status: 422 });
  const asked = play(checking, { type: 'passed' }, { type: 'refused', problem, claim: 'session', now: 0 });
  assert.deepEqual([asked.screen, asked.trouble.claim], ['trouble', 'session']);
  const typing = play(asked, { type: 'touched', now: 54000 });
  assert.equal(play(typing, { type: 'tick', now: 54000 }).screen, 'trouble');
  assert.equal(play(typing, { type: 'tick', now: 55000 }).screen, 'ready');
  const claimed = play(asked, { type: 'claimed' });
  assert.deepEqual([claimed.screen, claimed.trouble], ['identifying', null]);
  assert.equal(play(claimed, { type: 'checked_in', answer, now: 0 }).screen, 'greeted');
  const other = play(checking, {
    type: 'refused',
    problem: new Problem({ code: 'not_recognised', detail: '', status: 422 }),
    claim: 'session',
    now: 0,
  });
  assert.equal(other.trouble.claim, null);
  assert.equal(play(other, { type: 'claimed' }), other);
});

test('every refusal has its own words and a way on', () => {
  const codes = [
    'not_recognised',
    'ambiguous_face',
    'too_slow',
    'several_faces',
    'face_changed',
    'lost_face',
    'no_clear_face',
    'nobody_registered',
    'not_ready',
    'out_of_order',
    'busy',
    'unknown_challenge',
    'camera_missing',
    'camera_refused',
    'camera_in_use',
    'camera_ended',
    'insecure',
  ];
  const titles = codes.map((code) => {
    const words = troubleWords({ code, detail: '' }, 'the office');
    assert.match(words.detail, /again|ask the office|Ask the office|Start the server|enter your student ID/, code);
    assert.doesNotMatch(`${words.title} ${words.detail}`, /invalid|error occurred/i);
    return words.title;
  });
  assert.equal(new Set(titles).size, codes.length);
  const unknown = troubleWords({ code: 'something_new', detail: 'The disk is full.' }, 'the office');
  assert.deepEqual(
    [unknown.detail, unknown.help],
    ['The disk is full.', 'Still stuck? Ask the office to check you in.'],
  );
  assert.equal(troubleWords({ code: 'not_recognised' }, 'the office').help, ''); // its text names the office
});

test('a refusal says what would have helped, where the server knows and the words do not say it already', () => {
  const dark = problemFrom(410, { code: 'challenge_expired', detail: '', hint: 'too_dark' });
  const refused = play(checking, { type: 'refused', problem: dark });
  assert.equal(troubleWords(refused.trouble, '').cause, 'It was too dark. Turn towards the light.');
  const fast = new Problem({ code: 'too_slow', detail: '', hint: 'slower' });
  assert.match(troubleWords(play(checking, { type: 'refused', problem: fast }).trouble, '').cause, /too fast/);
  for (const hint of [null, undefined, 'unheard_of']) {
    assert.equal(troubleWords({ code: 'too_slow', hint }, '').cause, '');
  }
  assert.equal(troubleWords({ code: 'lost_face', hint: 'no_face' }, '').cause, '');
  assert.match(troubleWords({ code: 'lost_face', hint: 'not_so_far' }, '').cause, /less is enough/);
});

test('a wait is said in the page’s own words, or in the server’s where it sent no number', () => {
  const wait = { code: 'kiosk_pause', detail: 'Try again in 1 seconds.', params: { seconds: 1 } };
  assert.match(troubleWords(wait, 'the office').detail, /Try again in 1 second\.$/);
  assert.match(troubleWords({ ...wait, params: { seconds: 9 } }, 'the office').detail, /in 9 seconds\.$/);
  assert.equal(troubleWords({ ...wait, params: {} }, 'the office').detail, 'Try again in 1 seconds.');
});

test('greetings and what "Not me" did are said in full', () => {
  const { hello, fact, shown, more } = arrivalWords(greeted.arrival);
  assert.deepEqual([hello, fact], ['Good morning, Jane Smith.', 'Checked in at 09:03.']);
  assert.deepEqual([shown, more], [fact, '']);
  assert.match(arrivalWords({ ...greeted.arrival, already: true }).fact, /already checked in \(09:03\)/);
  assert.equal(recentWords(greeted.arrival), 'Jane Smith, checked in at 09:03');
  assert.equal(recentWords({ ...greeted.arrival, already: true }), 'Jane Smith, already checked in at 09:03');
  for (const outcome of ['cancelled', 'already', 'too_late', 'server_away']) {
    assert.match(notMeWords(outcome, 'Jane', 'the office'), /Jane.*the office|the office.*Jane/);
  }
});

test('a browser without a key asks to be paired, and is ready once it has one', () => {
  const waiting = play(initial, { type: 'unpaired' }, { type: 'health', health });
  assert.equal(waiting.screen, 'pairing');
  const shown = play(waiting, { type: 'code', code: '123456' });
  assert.equal(shown.code, '123456');
  assert.deepEqual([play(shown, { type: 'paired' }).screen, play(shown, { type: 'paired' }).code], ['ready', null]);
});

test('a revoked key ends whatever is under way, and the camera with it', () => {
  for (const state of [ready, checking, greeted]) {
    const revoked = play(state, { type: 'unpaired' });
    assert.deepEqual(
      [revoked.screen, revoked.arrival, cameraNeeded(revoked), revoked.health],
      ['pairing', null, false, health],
    );
  }
});

test('without the server an unpaired kiosk waits, and comes back to being paired', () => {
  const away = play(initial, { type: 'unpaired' }, { type: 'health', health }, { type: 'unreachable' });
  assert.equal(away.screen, 'away');
  assert.equal(play(away, { type: 'health', health }).screen, 'pairing');
});

test('a look at the camera for the own attendance comes back to the ID, whatever came of it', () => {
  const who = play(ready, { type: 'who' });
  const looking = play(who, { type: 'look_up', studentId: '1002' });
  assert.deepEqual(
    [who.screen, looking.screen, looking.looking, looking.begun],
    ['who', 'opening', '1002', who.begun + 1],
  );
  const seen = play(looking, { type: 'asked', challenge: { accepted: [] } }, { type: 'passed' });
  assert.equal(seen.screen, 'identifying');
  assert.deepEqual(
    [play(seen, { type: 'looked_up' }).screen, play(seen, { type: 'looked_up' }).looking],
    ['who', null],
  );
  for (const problem of [serverAway(), new Problem({ code: 'unknown_challenge', detail: '', status: 404 })]) {
    const refused = play(looking, { type: 'refused', problem });
    assert.deepEqual([refused.screen, refused.looking, refused.lookProblem], ['who', null, problem]);
  }
  assert.deepEqual(
    [play(looking, { type: 'stop' }).screen, play(looking, { type: 'stop' }).lookProblem],
    ['who', null],
  );
  assert.equal(play(looking, { type: 'stop' }, { type: 'who_closed' }, { type: 'start', secure: true }).looking, null);
});

test('a check-in by ID and code is greeted like any other, and can be begun from a trouble', () => {
  const trouble = play(checking, { type: 'refused', problem: new Problem({ code: 'not_recognised', detail: '' }) });
  const who = play(trouble, { type: 'who' });
  assert.deepEqual([who.screen, who.trouble], ['who', null]);
  const done = play(who, { type: 'checked_in', answer, now: 0 });
  assert.deepEqual([done.screen, done.arrival.name], ['greeted', 'Jane Smith']);
  assert.equal(play(done, { type: 'who_closed' }).screen, 'greeted');
});

test('an ID with its code may be typed for two minutes', () => {
  const problem = new Problem({ code: 'code_needed', detail: '', status: 422 });
  const asked = play(checking, { type: 'passed' }, { type: 'refused', problem, claim: 'session', now: 0 });
  assert.equal(asked.trouble.wantsCode, true);
  const typing = play(asked, { type: 'touched', now: 114000 });
  assert.equal(play(typing, { type: 'tick', now: 114000 }).screen, 'trouble');
  assert.equal(play(typing, { type: 'tick', now: 115000 }).screen, 'ready');
});

test('who has asked for more time has three times as long to type', () => {
  const slow = play(checking, { type: 'more_time' });
  for (const [code, seconds] of [
    ['ambiguous_face', 165],
    ['code_needed', 345],
  ]) {
    const last = seconds * 1000;
    const typing = play(claiming(code, slow), { type: 'touched', now: last - 1 });
    assert.equal(play(typing, { type: 'tick', now: last - 1 }).screen, 'trouble');
    assert.equal(play(typing, { type: 'tick', now: last }).screen, 'ready');
  }
});

test('more time to type makes what is left three times as long, once', () => {
  const asked = play(claiming('ambiguous_face'), { type: 'more_time', now: 45000 });
  assert.deepEqual([asked.moreTime, asked.trouble.until, asked.trouble.closesAt], [true, 75000, 85000]);
  assert.equal(play(asked, { type: 'more_time', now: 50000 }), asked);
});

test('more time is kept until the person leaves', () => {
  const slow = play(checking, { type: 'more_time' });
  const forgotten = new Problem({ code: 'unknown_challenge', detail: '', status: 404 });
  const restarted = play(slow, { type: 'refused', problem: forgotten });
  assert.deepEqual([restarted.screen, restarted.moreTime], ['opening', true]);
  const back = play(slow, { type: 'refused', problem: serverAway() }, { type: 'health', health });
  assert.deepEqual([back.screen, back.moreTime], ['opening', true]);
  const tooSlow = play(slow, failed('too_slow'));
  assert.equal(tooSlow.moreTime, true);
  const again = { type: 'start', secure: true, moreTime: tooSlow.moreTime };
  assert.deepEqual([play(tooSlow, again).screen, play(tooSlow, again).moreTime], ['opening', true]);

  const done = play(slow, { type: 'passed' }, { type: 'checked_in', answer });
  for (const state of [done, play(slow, { type: 'stop' }), play(tooSlow, { type: 'tick', now: TROUBLE_MS })]) {
    assert.equal(state.moreTime, false, state.screen);
  }
  assert.equal(play(tooSlow, { type: 'start', secure: true }).moreTime, false, 'hands free, the next may have come');
});

test('nobody is asked what the one before asked for', () => {
  const still = play(ready, { type: 'start', secure: true, withoutTurning: true });
  assert.equal(play(still, failed('too_slow')).withoutTurning, true);
  assert.equal(play(still, { type: 'stop' }).withoutTurning, false);
});

test('a look for the own attendance keeps more time for another look', () => {
  const looking = play(ready, { type: 'who' }, { type: 'look_up', studentId: '1002' }, { type: 'more_time' });
  const again = play(looking, failed('too_slow'), { type: 'look_up', studentId: '1002' });
  assert.deepEqual([again.screen, again.moreTime], ['opening', true]);
  assert.equal(play(again, { type: 'stop' }, { type: 'who_closed' }).moreTime, false);
});

test('after a failure the other way is first where the server says so, without a word on the cause', () => {
  const { trouble } = play(checking, failed('challenge_expired', { other_way: true }));
  assert.equal(trouble.otherWay, true);
  const { title, detail, cause, help, canRetry } = troubleWords(trouble, 'the office');
  assert.deepEqual(
    [title, detail, cause, canRetry],
    ['That took too long', 'Check in with your ID and personal code, or try again.', '', true],
  );
  assert.match(help, /the office/);
  assert.equal(play(checking, failed('challenge_expired')).trouble.otherWay, false);
});

test('without faces, on the site or in the class that is open here, no camera opens and the code is asked for', () => {
  const place = { courses: true, faces: false, classes: [{ phase: 'open' }], next: null };
  const site = play(ready, {
    type: 'health',
    health: { ...health, faces: { used: false, ready: false, problem: null } },
  });
  const lesson = play(ready, { type: 'place', place });
  for (const state of [site, lesson]) {
    const handsFree = play(state, { type: 'settings', settings: { handsFree: true } });
    assert.deepEqual(
      [facesHere, canCompare, watching, cameraNeeded].map((asks) => asks(handsFree)),
      Array(4).fill(false),
    );
    assert.equal(readyWords(handsFree).detail, 'Press “Use ID and code” to check in.');
  }
  assert.equal(facesHere(play(lesson, { type: 'place', place: { ...place, faces: true } })), true);
  assert.equal(facesHere(initial), true, 'before the server has answered');
});

test('a face that a class does not use is refused in words, with the other way and no second try', () => {
  const refused = play(checking, {
    type: 'refused',
    problem: new Problem({ code: 'class_without_faces', detail: '' }),
  });
  const words = troubleWords(refused.trouble, 'the office');
  assert.equal(words.title, 'This class doesn\u2019t use check-in by face');
  assert.match(words.detail, /your ID and personal code, or ask the office/);
  assert.equal(words.canRetry, false);
});

test('a camera that is plugged in ends the trouble of a missing one, and no other', () => {
  const blind = play(ready, { type: 'blind', problem: new Problem({ code: 'camera_missing', detail: '' }) });
  assert.equal(blind.screen, 'trouble');
  assert.equal(play(blind, { type: 'cameras_changed' }).screen, 'ready');
  const other = play(checking, { type: 'refused', problem: new Problem({ code: 'not_recognised', detail: '' }) });
  assert.equal(play(other, { type: 'cameras_changed' }), other);
});

test('"Another way" keeps the kiosk in use, and closes when nobody is there or something else is shown', () => {
  const ways = play(ready, { type: 'ways' });
  assert.equal(inUse(ways, 0), true);
  assert.equal(play(ways, { type: 'tick', now: 39999 }).ways, 40000);
  assert.equal(play(ways, { type: 'tick', now: 40000 }).ways, null);
  assert.equal(play(ways, { type: 'touched', now: 39000 }).ways, 79000);
  assert.equal(play(ways, { type: 'ways_closed' }).ways, null);
  const during = play(checking, { type: 'ways' }, { type: 'asked', challenge: { accepted: [] } });
  assert.notEqual(during.ways, null);
  assert.equal(play(during, { type: 'passed' }).ways, null);
});

test('whoever is next may read about other ways while somebody is greeted', () => {
  const reading = play(greeted, { type: 'ways' }, { type: 'tick', now: 4000 });
  assert.deepEqual([reading.screen, reading.ways], ['ready', 40000]);
});

test('every screen says which other ways there are', () => {
  const ways = (state) => {
    const { code, still, time, help } = otherWays(state);
    return [code, still, time, help];
  };
  assert.deepEqual(ways(initial), [false, false, false, 'ways.no_server']);
  assert.deepEqual(ways(play(ready, { type: 'unreachable' })), [false, false, false, 'ways.no_server']);
  assert.deepEqual(ways(play(ready, { type: 'unpaired' })), [false, false, false, 'ways.not_paired']);
  for (const state of [ready, checking, greeted, play(checking, failed('too_slow'))]) {
    assert.deepEqual(ways(state), [true, true, true, 'ways.help'], state.screen);
  }
  const extended = play(checking, { type: 'more_time' });
  assert.deepEqual(ways(extended), [true, true, false, 'ways.help']);
  // No check-in begins that nobody asked for, and none is lost that was passed.
  for (const state of [play(ready, { type: 'who' }), play(checking, { type: 'passed' })]) {
    assert.deepEqual(ways(state), [true, false, false, 'ways.help'], state.screen);
  }
  assert.deepEqual(ways(claiming('code_needed')), [true, false, true, 'ways.help']);
  assert.deepEqual(ways(play(claiming('code_needed'), { type: 'more_time' })), [true, false, false, 'ways.help']);
  const withoutFaces = play(initial, { type: 'health', health: { ...health, faces: { used: false } } });
  assert.deepEqual(ways(withoutFaces), [true, false, false, 'ways.help']);
});

test('B6: who was too slow in a dark room is told of the light', () => {
  const problem = new Problem({ code: 'too_slow', detail: '', hint: 'too_dark' });
  const { trouble } = play(checking, { type: 'refused', problem });
  assert.equal(troubleWords(trouble, 'the office').cause, 'It was too dark. Turn towards the light.');
});
