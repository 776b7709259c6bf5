// Names beside other words. One written from right to left would draw the signs and digits after it to its other side, and
// an ID like 2026/AR-3 apart; isolated, each stays together.

const FROM_THE_RIGHT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** @param {string} text */
function together(text) {
  return FROM_THE_RIGHT.test(text) ? `\u2068${text}\u2069` : text;
}

/**
 * "Ann Lee (001)"
 * @param {{ name: string, student_id: string }} student
 */
export function nameAndId({ name, student_id: id }) {
  return `${together(name)} (${together(id)})`;
}

/**
 * A student's name for lists: of one who is known by another name, with the official one behind it for registrars, who
 * alone get both.
 * @param {Student} student
 */
export function listedName({ name, known_as: knownAs }) {
  return knownAs && knownAs !== name ? `${together(knownAs)} (${together(name)})` : name;
}
