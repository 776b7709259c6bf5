import assert from 'node:assert/strict';
import test from 'node:test';
import { IntlMessageFormat } from 'intl-messageformat';

import { ENGLISH } from '../support/english.js';
import { chooseLanguage } from '../../../static/js/lib/catalogue.js';
import { argumentsOf, isMessage, messageIfComplete, parse, t, useCatalogue } from '../../../static/js/lib/messages.js';

/** Runs `act` with these messages, then with the English ones again. */
function speaking(lang, messages, act) {
  useCatalogue({ lang, dir: 'ltr', dates: lang, messages });
  try {
    act();
  } finally {
    useCatalogue(ENGLISH);
  }
}

test('every message says what a full implementation of ICU MessageFormat makes of it', () => {
  for (const [key, message] of Object.entries(ENGLISH.messages)) {
    for (const count of [0, 1, 2, 5]) {
      const values = Object.fromEntries(argumentsOf(key).map((name) => [name, count]));
      assert.equal(t(key, values), new IntlMessageFormat(message, ENGLISH.dates).format(values), key);
    }
  }
});

test('plurals follow the language, and an exact number comes first', () => {
  const few = '{n, plural, =0 {nic} one {# soubor} few {# soubory} other {# souborů}}';
  speaking('cs', { few }, () => {
    for (const n of [0, 1, 3, 7, 1200]) assert.equal(t('few', { n }), new IntlMessageFormat(few, 'cs').format({ n }));
  });
});

test('choices hold further choices, and # is the number of the nearest plural', () => {
  const message =
    '{who, select, staff {Staff: {n, plural, one {# of {all}} other {# each of {all}}}} other {# is kept}}!';
  speaking('en', { message }, () => {
    for (const values of [
      { who: 'staff', n: 1, all: 'ten' },
      { who: 'staff', n: 4, all: 'ten' },
      { who: 'student', n: 4, all: 'ten' },
    ]) {
      assert.equal(t('message', values), new IntlMessageFormat(message, 'en').format(values));
    }
    assert.deepEqual(argumentsOf('message'), ['all', 'n', 'who']);
  });
});

test('a value is text, never a message of its own', () => {
  speaking('en', { hello: 'Hello, {name}.' }, () => {
    assert.equal(t('hello', { name: '{name} # $& <b>' }), 'Hello, {name} # $& <b>.');
  });
});

test('an unknown key, a missing value and a malformed message are faults of the page', () => {
  assert.throws(() => t('nothing.like_that'), RangeError);
  assert.throws(() => t('greeted.hello'), RangeError);
  assert.equal(isMessage('toString'), false);
  assert.equal(messageIfComplete('greeted.hello', {}), null);
  assert.equal(messageIfComplete('greeted.hello', { name: 'Jo' }), 'Hello, Jo.');
  for (const broken of [
    '{',
    '}',
    '{a',
    '{a, date}',
    '{n, plural, one {x}}',
    '{n, plural, other {x}',
    '{n, plural, other x}',
  ]) {
    assert.throws(() => parse(broken), SyntaxError, broken);
  }
});

test('a person gets the first of their languages that there is, and otherwise the first there is', () => {
  const available = ['en', 'de', 'zh-Hant'];
  assert.equal(chooseLanguage(['fr', 'de-AT', 'en'], available), 'de');
  assert.equal(chooseLanguage(['zh-Hant'], available), 'zh-Hant');
  assert.equal(chooseLanguage(['fr'], available), 'en');
  assert.equal(chooseLanguage([]), 'en');
});
