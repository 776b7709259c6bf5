// The words of the pages: messages of a catalogue (static/i18n), written in a small part of ICU MessageFormat:
//   {name}   {count, plural, =0 {none} one {# check-in} other {# check-ins}}   {how, select, face {…} other {…}}
// No library does this: intl-messageformat and its parser are some 60 kB for number and date skeletons that no message
// uses, and these pages have no bundler. The tests compare every message with what intl-messageformat makes of it.

/** @typedef {string | number} Value */
/** @typedef {{ kind: 'argument', name: string } | { kind: 'number' } | Choice | string} Piece */
/** @typedef {{ kind: 'plural' | 'select', name: string, options: Map<string, Piece[]> }} Choice */

const NAME = /^\s*(\w+)\s*/;
const KIND = /^,\s*(plural|select)\s*,\s*/;
const SELECTOR = /^\s*(=\d+|\w+)\s*\{/;

/** Values that people or the institution wrote. */
const OWN = new Set(
  'name names former value reason student id code course title term meeting by kiosk room rooms'.split(' '),
);

/** @type {(text: string) => string} how they are written in a sentence */
let setOff = (text) => text;
/** @type {Catalogue} */
let catalogue = { lang: 'en', dir: 'ltr', dates: 'en', messages: {} };
/** @type {Map<string, Piece[]>} */
const parsed = new Map();

/**
 * @param {Catalogue} loaded the messages to use from now on
 * @param {(text: string) => string} [asOwn] how names, IDs and codes are written in them
 */
export function useCatalogue(loaded, asOwn = (text) => text) {
  catalogue = loaded;
  setOff = asOwn;
  parsed.clear();
}

/** The language of the messages, as in <html lang>. */
export function language() {
  return catalogue.lang;
}

/** Which way it is written, as in <html dir>. */
export function direction() {
  return catalogue.dir;
}

/** The locale in which dates and times are written. */
export function dateLocale() {
  return catalogue.dates;
}

/** @param {string} key */
export function isMessage(key) {
  return Object.hasOwn(catalogue.messages, key);
}

/**
 * The message in words. Throws a RangeError for an unknown key or a missing value.
 * @param {string} key
 * @param {Record<string, Value>} [values]
 */
export function t(key, values = {}) {
  return write(piecesOf(key), values, key, null);
}

/**
 * The names of the values that a message needs.
 * @param {string} key
 */
export function argumentsOf(key) {
  return [...new Set(namesIn(piecesOf(key)))].sort();
}

/**
 * The message if there is one and `values` has all it needs, otherwise null.
 * @param {string} key
 * @param {Record<string, Value>} values
 */
export function messageIfComplete(key, values) {
  return isMessage(key) && argumentsOf(key).every((name) => name in values) ? t(key, values) : null;
}

/** @param {string} key */
function piecesOf(key) {
  const known = parsed.get(key);
  if (known) return known;
  if (!isMessage(key)) throw new RangeError(`there is no message ${key}`);
  const pieces = parse(catalogue.messages[key]);
  parsed.set(key, pieces);
  return pieces;
}

/**
 * @param {Piece[]} pieces
 * @param {Record<string, Value>} values
 * @param {string} key
 * @param {number | null} count what `#` stands for
 * @returns {string}
 */
function write(pieces, values, key, count) {
  const value = (/** @type {string} */ name) => {
    if (!(name in values)) throw new RangeError(`${key} needs a value for {${name}}`);
    return values[name];
  };
  const words = pieces.map((piece) => {
    if (typeof piece === 'string') return piece;
    if (piece.kind === 'number') return new Intl.NumberFormat(catalogue.dates).format(Number(count));
    const given = value(piece.name);
    if (piece.kind === 'argument') return OWN.has(piece.name) ? setOff(String(given)) : String(given);
    return write(chosen(piece, given), values, key, piece.kind === 'plural' ? Number(given) : count);
  });
  return words.join('');
}

/**
 * @param {Choice} choice
 * @param {Value} value
 */
function chosen({ kind, options }, value) {
  const named = kind === 'select' ? String(value) : new Intl.PluralRules(catalogue.lang).select(Number(value));
  return options.get(`=${value}`) ?? options.get(named) ?? options.get('other') ?? [];
}

/**
 * @param {Piece[]} pieces
 * @returns {string[]}
 */
function namesIn(pieces) {
  return pieces.flatMap((piece) => {
    if (typeof piece === 'string' || piece.kind === 'number') return [];
    return piece.kind === 'argument' ? [piece.name] : [piece.name, ...[...piece.options.values()].flatMap(namesIn)];
  });
}

/**
 * The pieces of a message. Throws a SyntaxError where it is not well formed.
 * @param {string} text
 */
export function parse(text) {
  const { pieces, rest } = parsePieces(text, false);
  if (rest !== '') throw new SyntaxError(`unexpected } in “${text}”`);
  return pieces;
}

/**
 * Reads up to the end or an unopened `}`.
 * @param {string} text
 * @param {boolean} counting whether `#` is the number of a plural
 */
function parsePieces(text, counting) {
  /** @type {Piece[]} */
  const pieces = [];
  let rest = text;
  while (rest !== '' && !rest.startsWith('}')) {
    if (rest.startsWith('{')) {
      const { piece, rest: after } = parseArgument(rest, counting);
      pieces.push(piece);
      rest = after;
    } else if (counting && rest.startsWith('#')) {
      pieces.push({ kind: 'number' });
      rest = rest.slice(1);
    } else {
      const [words] = /** @type {RegExpExecArray} */ ((counting ? /^[^{}#]+/ : /^[^{}]+/).exec(rest));
      pieces.push(words);
      rest = rest.slice(words.length);
    }
  }
  return { pieces, rest };
}

/**
 * @param {string} text begins with `{`
 * @param {boolean} counting
 * @returns {{ piece: Piece, rest: string }}
 */
function parseArgument(text, counting) {
  const name = NAME.exec(text.slice(1));
  if (!name) throw new SyntaxError(`a name is missing in “${text}”`);
  let rest = text.slice(1 + name[0].length);
  if (rest.startsWith('}')) return { piece: { kind: 'argument', name: name[1] }, rest: rest.slice(1) };
  const kind = KIND.exec(rest);
  if (!kind) throw new SyntaxError(`neither plural nor select: “${text}”`);
  rest = rest.slice(kind[0].length);
  /** @type {Map<string, Piece[]>} */
  const options = new Map();
  for (let option = SELECTOR.exec(rest); option; option = SELECTOR.exec(rest)) {
    const inner = parsePieces(rest.slice(option[0].length), counting || kind[1] === 'plural');
    if (!inner.rest.startsWith('}')) throw new SyntaxError(`a } is missing in “${text}”`);
    options.set(option[1], inner.pieces);
    rest = inner.rest.slice(1);
  }
  rest = rest.trimStart();
  if (!options.has('other')) throw new SyntaxError(`“other” is missing in “${text}”`);
  if (!rest.startsWith('}')) throw new SyntaxError(`a } is missing in “${text}”`);
  const choice = /** @type {Choice} */ ({ kind: kind[1], name: name[1], options });
  return { piece: choice, rest: rest.slice(1) };
}
