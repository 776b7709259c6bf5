// The folding by which people are searched: what a lecturer's keyboard cannot type does not matter. The server folds in the same
// way (secure_attend/attendance/search_text.py); tests/fixtures/search_folding.json holds both to one table.

// Letters that Unicode does not take apart into a plain one and a mark.
const LETTERS = new Map(
  Object.entries({
    ł: 'l',
    ø: 'o',
    đ: 'd',
    ð: 'd',
    ħ: 'h',
    ŧ: 't',
    ı: 'i',
    ŋ: 'n',
    ə: 'e',
    ɓ: 'b',
    ɗ: 'd',
    ƙ: 'k',
    ƴ: 'y',
    æ: 'ae',
    œ: 'oe',
    ß: 'ss',
    þ: 'th',
    ς: 'σ',
    ـ: '',
  }),
);
const APOSTROPHES = /['`´‘’‛ʹʻʼʽʾʿˈ′＇]/gu;
const DASHES = /[-\u2010-\u2015\u2212\u30fb·,;/]+/gu;

/**
 * The text without case, accents, apostrophes and dashes: "lukasz" for Łukasz, "oconnor" for O’Connor.
 * @param {string} text
 */
export function searchText(text) {
  const plain = text.replace(APOSTROPHES, '').toLowerCase().normalize('NFKD').toLowerCase().replace(/\p{M}/gu, '');
  const letters = [...plain].map((letter) => LETTERS.get(letter) ?? letter).join('');
  return letters.replace(DASHES, ' ').split(/\s+/u).filter(Boolean).join(' ');
}

/**
 * Whether all words that were typed are in the texts, in any order.
 * @param {string} typed
 * @param {string[]} texts
 */
export function foundIn(typed, texts) {
  const whole = searchText(texts.join('\n'));
  return searchText(typed)
    .split(' ')
    .every((word) => whole.includes(word));
}
