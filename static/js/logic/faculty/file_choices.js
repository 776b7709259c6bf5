// What a file does not say and somebody chooses: its encoding, and what its columns hold.

const WORKBOOK = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const CALENDAR = 'text/calendar';

/** What a column can hold, as the server names it. @type {ColumnRole[]} */
export const COLUMN_ROLES = [
  'student_id',
  'name',
  'first_name',
  'last_name',
  'last_name_prefix',
  'sorted_name',
  'email',
  'groups',
  'known_as',
];
/** @type {ColumnRole[][]} columns that give a name, each alone or together */
const NAMES = [['name'], ['first_name', 'last_name'], ['sorted_name']];

/**
 * The media type of a file that is sent, by its name.
 * @param {Blob & { name?: string }} file
 */
export function fileType({ name = '' }) {
  if (/\.xlsx$/i.test(name)) return WORKBOOK;
  return /\.ics$/i.test(name) ? CALENDAR : 'text/csv';
}

/**
 * What the server asks to be chosen, or null where it asks nothing.
 * @param {import('../problems.js').Problem} problem
 * @returns {FileQuestion | null}
 */
export function questionOf({ code, facts }) {
  if (code === 'encoding_needed') return { ask: 'encoding', encodings: facts.encodings };
  if (code !== 'columns_needed') return null;
  return { ask: 'columns', header: facts.header, rows: facts.rows, roles: rolesByPlace(facts.columns) };
}

/**
 * @param {Record<string, number>} columns the place of each role, from 1
 * @returns {Record<number, ColumnRole>}
 */
function rolesByPlace(columns) {
  return Object.fromEntries(Object.entries(columns).map(([role, place]) => [place, /** @type {ColumnRole} */ (role)]));
}

/** @param {FileRow[]} rows */
export function widthOf(rows) {
  return Math.max(0, ...rows.map(({ cells }) => cells.length));
}

/**
 * The choice as the server takes it, or which of the three rules it breaks.
 * @param {(ColumnRole | '')[]} roles of each column; empty: not used
 * @param {number} header the line of the header; 0: there is none
 * @returns {{ columns: string } | { wrong: 'twice' | 'no_id' | 'no_name' }}
 */
export function columnsChosen(roles, header) {
  const used = roles.filter((role) => role !== '');
  if (new Set(used).size < used.length) return { wrong: 'twice' };
  if (!used.includes('student_id')) return { wrong: 'no_id' };
  if (!NAMES.some((needed) => needed.every((role) => used.includes(role)))) return { wrong: 'no_name' };
  const places = roles.flatMap((role, place) => (role === '' ? [] : [`${role}:${place + 1}`]));
  return { columns: [...places, `header:${header}`].join() };
}
