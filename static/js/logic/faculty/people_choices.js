// What a roster leaves open about who is who: IDs with another name, and IDs that look damaged.

import { t } from '../../lib/messages.js';

/**
 * Whether somebody must say who is who before this plan can be imported.
 * @param {Pick<RosterPlan, 'handed' | 'damaged'>} plan
 */
export function leavesOpen({ handed, damaged }) {
  return handed.length > 0 || damaged.length > 0;
}

/**
 * Who has the ID so far, and who has it in the file.
 * @param {HandedId} handed
 */
export function handedWords({ line, student_id: id, before, name, face }) {
  return t(face ? 'people.handed_face' : 'people.handed', { line, id, before, name });
}

/** @param {DamagedId} damaged */
export function damagedWords({ line, student_id: id, listed, name, why }) {
  return t('people.damaged', { line, id, listed, name, why });
}

/**
 * The answers as the server takes them, together with those given before; null while one is missing.
 * @param {Pick<RosterPlan, 'handed' | 'damaged'>} plan
 * @param {(name: string) => string | null} answer by the student's key, or `damaged`
 * @param {FileChoices} [before]
 * @returns {FileChoices | null}
 */
export function peopleChosen({ handed, damaged }, answer, before = {}) {
  const answers = handed.map(({ key }) => ({ key, is: answer(key) }));
  const ids = answer('damaged');
  if (answers.some(({ is }) => is !== 'same' && is !== 'another')) return null;
  if (damaged.length > 0 && ids !== 'listed' && ids !== 'new') return null;
  /** @type {FileChoices} */
  const chosen = {};
  for (const which of /** @type {const} */ (['same', 'another'])) {
    const keys = answers.filter(({ is }) => is === which).map(({ key }) => key);
    const all = [...(before[which]?.split(',') ?? []), ...keys];
    if (all.length > 0) chosen[which] = all.join();
  }
  if (ids === 'listed' || ids === 'new') chosen.damaged = ids;
  return chosen;
}

/**
 * Who gives up an ID to whom, one a line.
 * @param {Pick<RosterPlan, 'retired'>} plan
 */
export function retiredLines({ retired }) {
  return retired.map(({ student_id: id, before, name }) => t('people.retired', { id, before, name }));
}
