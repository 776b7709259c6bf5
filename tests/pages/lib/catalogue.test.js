import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import ts from 'typescript';

import { ENGLISH } from '../support/english.js';
import { LANGUAGES } from '../../../static/js/lib/catalogue.js';
import { argumentsOf, isMessage, useCatalogue } from '../../../static/js/lib/messages.js';

const PROJECT = new URL('../../../', import.meta.url);
const READERS = new Set(['t', 'isMessage', 'messageIfComplete', 'argumentsOf']);
// Students see these in any language, so no sentence of theirs may stand in the code. New places of the faculty page follow.
const TRANSLATED =
  /^(kiosk\/(?!trial_view)|lib\/|logic\/(kiosk\/(?!trial)|instructions|camera_troubles|captions)|pages\/(student|register)|faculty\/shell|logic\/faculty\/places)/;

const read = (path) => readFileSync(new URL(path, PROJECT), 'utf8');
const scripts = readdirSync(new URL('static/js/', PROJECT), { recursive: true })
  .filter((path) => path.endsWith('.js') && path !== 'from-disk.js')
  .map((path) => ({ path, tree: ts.createSourceFile(path, read(`static/js/${path}`), ts.ScriptTarget.ES2022, true) }));
const pages = readdirSync(PROJECT).filter((path) => path.endsWith('.html'));

/** Every node of a tree that `wanted` lets through. */
function nodes(tree, wanted) {
  const found = [];
  const visit = (node) => {
    if (wanted(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** What a script asks the catalogue for: keys in full, and the shapes of keys that end in a code. */
const calls = scripts.flatMap(({ path, tree }) =>
  nodes(tree, (node) => ts.isCallExpression(node) && READERS.has(node.expression.getText())).map((call) => ({
    path,
    reader: call.expression.getText(),
    key: call.arguments[0],
    values: call.arguments[1],
  })),
);
const texts = scripts.flatMap(({ tree }) => nodes(tree, ts.isStringLiteral).map((node) => node.text));
const shapes = scripts.flatMap(({ tree }) =>
  nodes(tree, ts.isTemplateExpression)
    .map(shapeOf)
    .filter((shape) => shape !== null),
);
const inPages = pages.flatMap((path) =>
  [...read(path).matchAll(/data-i18n(?:-label)?="([^"]+)"/g)].map(([, key]) => key),
);

/** `hint.${code}` as a pattern; null for a template that is no key. */
function shapeOf({ head, templateSpans }) {
  const parts = [head.text, ...templateSpans.map(({ literal }) => literal.text)];
  return /^[a-z_]+/.test(head.text) && parts.join('').includes('.') && parts.every((part) => /^[a-z_.]*$/.test(part))
    ? new RegExp(`^${parts.map((part) => part.replaceAll('.', '\\.')).join('[a-z_]+')}$`)
    : null;
}

test('every key that a page or a script names is in the catalogue', () => {
  for (const key of inPages) assert.ok(isMessage(key), key);
  for (const { path, key } of calls) {
    for (const { text } of literalsOf(key).filter(ts.isStringLiteral)) assert.ok(isMessage(text), `${path}: ${text}`);
    for (const template of literalsOf(key).filter(ts.isTemplateExpression)) {
      const keys = Object.keys(ENGLISH.messages).filter((name) => shapeOf(template)?.test(name));
      assert.ok(keys.length > 0, `${path}: ${template.getText()}`);
    }
  }
});

/** The keys written out where one is handed over: `a ? 'one' : 'other'` has two. */
function literalsOf(key) {
  return ts.isConditionalExpression(key) ? [key.whenTrue, key.whenFalse].flatMap(literalsOf) : [key];
}

test('every message of the catalogue is used', () => {
  const named = new Set([...inPages, ...texts]);
  const unused = Object.keys(ENGLISH.messages).filter(
    (key) => !named.has(key) && !shapes.some((shape) => shape.test(key)),
  );
  assert.deepEqual(unused, []);
});

test('a script gives each message exactly the values it needs', () => {
  for (const { path, reader, key, values } of calls.filter((call) => call.reader === 't')) {
    if (!ts.isStringLiteral(key) || (values && !ts.isObjectLiteralExpression(values))) continue;
    const given = (values?.properties ?? []).map((property) => property.name.getText()).sort();
    assert.deepEqual(given, argumentsOf(key.text), `${path}: ${reader}(${key.text})`);
  }
});

test('what a page shows before its scripts run needs no values', () => {
  for (const key of inPages) assert.deepEqual(argumentsOf(key), [], key);
});

test('a trouble has a title and a text', () => {
  const codes = (kind) =>
    Object.keys(ENGLISH.messages)
      .filter((key) => key.startsWith(kind))
      .map((key) => key.split('.')[1]);
  assert.deepEqual(codes('trouble_title.'), codes('trouble_text.'));
});

test('all catalogues have the same keys and values as the English one', () => {
  const keys = Object.keys(ENGLISH.messages).sort();
  const needed = keys.map((key) => argumentsOf(key));
  for (const file of readdirSync(new URL('static/i18n/', PROJECT))) {
    const catalogue = JSON.parse(read(`static/i18n/${file}`));
    assert.equal(`${catalogue.lang}.json`, file);
    assert.ok(LANGUAGES.includes(catalogue.lang), file);
    assert.ok(['ltr', 'rtl'].includes(catalogue.dir), file);
    assert.doesNotThrow(() => new Intl.DateTimeFormat(catalogue.dates), file);
    assert.deepEqual(Object.keys(catalogue.messages).sort(), keys, file);
    useCatalogue(catalogue);
    assert.deepEqual(
      keys.map((key) => argumentsOf(key)),
      needed,
      file,
    );
  }
  useCatalogue(ENGLISH);
});

test('no sentence for students stands in the code or in a template', () => {
  const sentence = /[A-Za-z’]{2,} [a-z’]+/;
  for (const { path, tree } of scripts.filter((script) => TRANSLATED.test(script.path))) {
    const literals = nodes(tree, (node) => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node))
      .filter((node) => !inThrow(node))
      .map((node) => (ts.isTemplateExpression(node) ? node.getText().replace(/\$\{[^}]*\}/g, 'x') : node.text));
    const said = literals.filter((text) => sentence.test(text) && /^[A-Z]/.test(text));
    assert.deepEqual(said, [], path);
  }
  for (const page of ['student.html', 'register.html', 'parts.html']) {
    const markup = read(`pages/${page}`).replace(/\{[#%{].*?[#%}]\}/gs, '');
    const words = [...markup.matchAll(/>([^<>]*[A-Za-z][^<>]*)</g)].map(([, text]) => text.trim());
    assert.deepEqual(
      words.filter((text) => text !== 'Secure-Attend'),
      [],
      page,
    );
  }
});

/** Whether a text is said to programmers alone. */
function inThrow(node) {
  for (let at = node; at; at = at.parent) if (ts.isThrowStatement(at)) return true;
  return false;
}
