// Entries of the audit trail in words.

const WAYS = { in_person: 'said in person', on_paper: 'signed on paper', kiosk: 'given at a kiosk' };
const FACTS = {
  role: (value) => `role: ${value}`,
  disabled: (value) => (value ? 'disabled' : 'enabled'),
  password: (value) => value && 'a new password',
  removed: (value) => value && 'taken off the list',
  name: (value) => value && 'the name',
  email: (value) => value && 'the e-mail address',
  kiosk: (value) => value,
  program: (value) => value && 'with a key for a program',
  way: (value) => WAYS[value] ?? value,
  sealed: (value) => `${value} ${value === 1 ? 'face' : 'faces'} sealed anew`,
  faces: (value) => `${value} ${value === 1 ? 'picture' : 'pictures'}`,
  beside: (value) => value && 'beside the earlier ones',
  without_turns: (value) => value && 'without turns of the head',
  records: (value) => `${value} ${value === 1 ? 'record' : 'records'} without a name now`,
  added: (value) => value > 0 && `${value} added`,
  updated: (value) => value > 0 && `${value} changed`,
  restored: (value) => value > 0 && `${value} back on the list`,
  first: (value) => value && `from ${value}`,
  last: (value) => value && `to ${value}`,
  searched: (value) => value && 'searched',
  part: (value) => value && 'a further part',
};
const STATES = { asked: 'Begun', refused: 'Refused' };

/** What the facts of an entry say, a sentence's worth each; those that say nothing are left out. */
export function factsInWords({ action, facts }) {
  return Object.entries(facts)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => {
      if (name === 'faces' && action === 'forget_by_age') return `faces of ${value} students`;
      if (name === 'removed' && action === 'list_students') return value && 'with those removed';
      return FACTS[name]?.(value);
    })
    .filter(Boolean);
}

/** `Begun`, or `Refused: student_exists`; empty for what was done. */
export function stateInWords({ state, facts }) {
  if (state === 'done') return '';
  return facts.why ? `${STATES[state]}: ${String(facts.why).replaceAll('_', ' ')}` : STATES[state];
}

const NOBODY = {
  nobody: 'Somebody not logged in',
  terminal: 'The server\u2019s terminal',
  server: 'The server itself',
};

/** Who an entry says it was. */
export function whoInWords({ key, name }) {
  if (key === 'terminal' && name) return `${name}, at the server\u2019s terminal`;
  return name ?? NOBODY[key] ?? 'A kiosk that was revoked';
}

/** Whom an entry is about; `null` where it is about no student or account. */
export function whomInWords({ key, name }) {
  if (name) return name;
  if (key.startsWith('student:')) return 'a student who was erased';
  return key.startsWith('kiosk:') ? null : key;
}
