import assert from 'node:assert/strict';
import test from 'node:test';

import '../support/english.js';
import { askedWords } from '../../../static/js/logic/faculty/decisions.js';

test('a registration at a kiosk is found by its number, and says if it looks straight only', () => {
  const registered = { kind: 'self_registration', number: '123', without_turning: false };
  assert.equal(askedWords(registered), 'Registered at a kiosk, number 123');
  const straight = { ...registered, without_turning: true };
  assert.equal(askedWords(straight), 'Registered at a kiosk, looking straight only, number 123');
});
