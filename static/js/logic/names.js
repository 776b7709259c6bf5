// Names, IDs and codes inside sentences: what people or the institution wrote, not the page. They are set off by Unicode's
// isolates, so that one written from right to left draws nothing else to its other side, and dom.js keeps browsers from
// translating them.

const BEGINS = '\u2068';
const ENDS = '\u2069';
const SET_OFF = /\u2068([^\u2068\u2069]*)\u2069/;

/**
 * The text, set off from the sentence that it will be part of.
 * @param {string} text
 */
export function setOff(text) {
  return text === '' ? '' : `${BEGINS}${plain(text)}${ENDS}`;
}

/**
 * The sentence without the signs that set names off, for where they mean nothing: attributes, voices, titles.
 * @param {string} sentence
 */
export function plain(sentence) {
  return sentence.replaceAll(BEGINS, '').replaceAll(ENDS, '');
}

/**
 * The parts of a sentence; every second one was set off.
 * @param {string} sentence
 */
export function partsOf(sentence) {
  return sentence.split(SET_OFF);
}

/**
 * "Ann Lee (001)"
 * @param {{ name: string, student_id: string }} student
 */
export function nameAndId({ name, student_id: id }) {
  return `${setOff(name)} (${setOff(id)})`;
}

/**
 * A student's name for lists: of one who is known by another name, with the official one behind it for registrars, who
 * alone get both.
 * @param {Student} student
 */
export function listedName({ name, known_as: knownAs }) {
  return knownAs && knownAs !== name ? `${setOff(knownAs)} (${setOff(name)})` : name;
}
