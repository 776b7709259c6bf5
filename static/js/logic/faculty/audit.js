// Entries of the audit trail in words.

import { t } from '../../lib/messages.js';
import { setOff } from '../names.js';

/** @type {Record<string, string>} */
const WAYS = { in_person: 'said in person', on_paper: 'signed on paper', kiosk: 'given at a kiosk' };
/** @type {Record<string, (value: AuditFact) => AuditFact>} */
const FACTS = {
  role: (value) => `role: ${value}`,
  roles: (value) => `roles: ${value}`,
  roles_before: (value) => `before: ${value}`,
  disabled: (value) => (value ? 'disabled' : 'enabled'),
  password: (value) => value && 'a new password',
  removed: (value) => value && 'taken off the list',
  name: (value) => value && 'the name',
  email: (value) => value && 'the email address',
  kiosk: (value) => value && setOff(String(value)),
  program: (value) => value && 'with a key for a program',
  way: (value) => WAYS[String(value)] ?? value,
  sealed: (value) => `${value} ${value === 1 ? 'face' : 'faces'} sealed again`,
  faces: (value) => `${value} ${value === 1 ? 'picture' : 'pictures'}`,
  beside: (value) => value && 'beside the earlier ones',
  without_turns: (value) => value && 'without turns of the head',
  records: (value) => `${value} ${value === 1 ? 'record' : 'records'} without a name now`,
  people: (value) => `${value} ${value === 1 ? 'person registers' : 'people register'} again`,
  profiles: (value) => value && `faces of ${value}`,
  added: (value) => Number(value) > 0 && `${value} added`,
  updated: (value) => Number(value) > 0 && `${value} changed`,
  restored: (value) => Number(value) > 0 && `${value} back on the list`,
  first: (value) => value && `from ${value}`,
  last: (value) => value && `to ${value}`,
  searched: (value) => value && 'searched',
  part: (value) => value && 'a further part',
  reason: (value) => value && t('audit.reason', { reason: String(value) }),
  log_record: (value) => value && t('audit.log_record', { number: String(value) }),
  digest: (value) => value && t('audit.digest', { digest: String(value) }),
};
/** @type {Record<string, string>} */
const STATES = { asked: 'Begun', refused: 'Refused' };

/**
 * What the facts of an entry say, a sentence's worth each; those that say nothing are left out.
 * @param {Pick<AuditEntry, 'action' | 'facts'>} entry
 */
export function factsInWords({ action, facts }) {
  return Object.entries(facts)
    .map(([name, value]) => {
      if (value === null) return '';
      if (name === 'faces' && action === 'forget_by_age') return `faces of ${value} students`;
      if (name === 'removed' && action === 'list_students') return value && 'with those removed';
      return FACTS[name]?.(value);
    })
    .filter(Boolean);
}

const BEFORE = 'before';
const AFTER = 'after';

/**
 * What a change was, and what it is since, a line each: `before` and `after`, or both values of a field. Keys of people and
 * courses become names where `names` has them.
 * @param {Pick<AuditEntry, 'facts'>} entry
 * @param {ReadonlyMap<string, string>} names
 */
export function changesInWords({ facts }, names) {
  const named = (/** @type {AuditFact | null | undefined} */ value) =>
    value === undefined || value === null || value === ''
      ? t('audit.nothing')
      : String(value).replaceAll(
          /(?:account:|course:|student:)?([0-9a-f]{16})\b/g,
          (all, key) => names.get(key) ?? all,
        );
  const fields = Object.keys(facts)
    .filter((name) => name.endsWith(`_${BEFORE}`) && name !== 'roles_before')
    .map((name) => name.slice(0, -BEFORE.length - 1));
  const lines = fields.map((field) => {
    const after = Object.hasOwn(facts, field) ? facts[field] : facts[`${field}_${AFTER}`];
    const former = named(facts[`${field}_${BEFORE}`]);
    return t('audit.field', { field: field.replaceAll('_', ' '), former, value: named(after) });
  });
  if (BEFORE in facts) lines.push(t('audit.before', { former: named(facts[BEFORE]) }));
  if (AFTER in facts) lines.push(t('audit.after', { value: named(facts[AFTER]) }));
  return lines;
}

/**
 * `Begun`, or `Refused: student_exists`; empty for what was done.
 * @param {Pick<AuditEntry, 'state' | 'facts'>} entry
 */
export function stateInWords({ state, facts }) {
  if (state === 'done') return '';
  return facts.why ? `${STATES[state]}: ${String(facts.why).replaceAll('_', ' ')}` : STATES[state];
}

/** @type {Record<string, string>} */
const NOBODY = {
  nobody: 'Somebody not logged in',
  terminal: 'The server\u2019s terminal',
  server: 'The server itself',
};

/**
 * Who an entry says it was.
 * @param {KeyAndName} who
 */
export function whoInWords({ key, name }) {
  if (key === 'terminal' && name) return `${setOff(name)}, at the server\u2019s terminal`;
  return name ? setOff(name) : (NOBODY[key] ?? 'A kiosk that was revoked');
}

/**
 * Whom an entry is about; `null` where it is about no student or account.
 * @param {KeyAndName} whom
 */
export function whomInWords({ key, name }) {
  if (name) return setOff(name);
  if (key.startsWith('student:')) return 'a student who was erased';
  return key.startsWith('kiosk:') ? null : key;
}
