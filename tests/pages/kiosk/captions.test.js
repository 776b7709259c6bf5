import assert from 'node:assert/strict';
import test from 'node:test';
import {
  caption,
  silent,
  HINT_SETTLES_MS,
  HINT_STAYS_MS,
  SAY_AGAIN_MS,
  SAY_PAUSE_MS,
} from '../../../static/js/logic/kiosk/captions.js';
import { DEFAULTS, settingsFrom } from '../../../static/js/logic/kiosk/settings.js';

const asked = { key: '1', sentence: 'Turn left.' };

/** The captions of frames 100 ms apart, with these hints. */
function play(hints, start = caption(silent, { ...asked, now: 0 })) {
  let state = start;
  return hints.map((hint, place) => {
    state = caption(state, { ...asked, hint, now: 100 * (place + 1) });
    return state;
  });
}

test('a sentence is said once, and the same words again when they are asked anew', () => {
  const first = caption(silent, { ...asked, now: 0 });
  assert.equal(first.say, 'Turn left.');
  assert.equal(caption(first, { ...asked, now: 100 }).say, '');
  assert.equal(caption(first, { ...asked, key: '2', now: 100 }).say, 'Turn left.');
});

test('a hint of one frame neither shows nor is said', () => {
  const shown = play(['A little more.', '', '', 'Hold.', '', 'A little more.', 'Hold.', '']);
  assert.ok(shown.every(({ hint, say }) => hint === '' && say === ''));
});

test('a hint that lasts shows, stays a while, and gives way to the next that lasts', () => {
  const many = Array(8).fill('A little more.');
  const states = play([...many, ...Array(20).fill('Hold.')]);
  const at = (hint) => 100 * (1 + states.findIndex((state) => state.hint === hint));
  assert.equal(at('A little more.'), 100 + HINT_SETTLES_MS);
  assert.equal(at('Hold.'), 100 + HINT_SETTLES_MS + HINT_STAYS_MS);
});

test('hints are said with pauses, and the same one only after a long one', () => {
  const states = play(Array(150).fill('Come closer.'));
  const said = states.flatMap(({ say }, place) => (say ? [100 * (place + 1)] : []));
  assert.deepEqual(said, [SAY_PAUSE_MS, SAY_PAUSE_MS + SAY_AGAIN_MS]);
});

test('a new sentence takes the old hint away at once, and may be longer aloud', () => {
  const [last] = play(Array(10).fill('Come closer.')).slice(-1);
  assert.equal(last.hint, 'Come closer.');
  const next = caption(last, { key: '2', sentence: 'Good.', aloud: 'Hello. Good.', hint: 'Come closer.', now: 1100 });
  assert.deepEqual([next.hint, next.say, next.aloud], ['', 'Good.', 'Hello. Good.']);
});

test('settings that are missing, damaged or of another kind are as by default', () => {
  for (const text of [null, '', '{', 'null', '7', '{"tones":"no","else":true}']) {
    assert.deepEqual(settingsFrom(text), DEFAULTS);
  }
  assert.deepEqual(settingsFrom('{"aloud":true}'), { ...DEFAULTS, aloud: true });
});
