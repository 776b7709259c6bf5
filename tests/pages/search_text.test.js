import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { foundIn, searchText } from '../../static/js/logic/search_text.js';

const table = JSON.parse(readFileSync(new URL('../fixtures/search_folding.json', import.meta.url), 'utf8'));

test('a text is folded as the server folds it', () => {
  for (const [text, folded] of Object.entries(table.folded)) assert.equal(searchText(text), folded, text);
});

test('words are found in any order', () => {
  for (const [typed, text, found] of table.found) assert.equal(foundIn(typed, [text]), found, `${typed} in ${text}`);
});
