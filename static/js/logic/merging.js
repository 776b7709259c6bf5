// Two entries of one person, side by side: what each has, and what is combined.

import { t } from '../lib/messages.js';

/** Which entry something is of. */
export const SIDES = /** @type {const} */ (['this', 'other']);

/**
 * What there is to choose: only where the two differ.
 * @param {MergePlan} plan
 * @returns {MergeQuestion[]}
 */
export function mergeQuestions(plan) {
  const [one, other] = SIDES.map((side) => plan[side].student);
  return [
    { name: 'id_of', label: t('merge.id_of'), answers: [one.student_id, other.student_id] },
    ...(one.name === other.name
      ? []
      : [{ name: /** @type {const} */ ('name_of'), label: t('merge.name_of'), answers: [one.name, other.name] }]),
    ...(one.registered && other.registered
      ? [
          {
            name: /** @type {const} */ ('face_of'),
            label: t('merge.face_of'),
            answers: SIDES.map((side) => t('merge.of', { id: plan[side].student.student_id })),
          },
        ]
      : []),
  ];
}

/**
 * What an entry has, a line each.
 * @param {MergedEntry} entry
 */
export function entryLines({ student, records, code_issued: code }) {
  return [
    t(student.registered ? 'merge.face' : 'merge.no_face'),
    t('merge.consent', { state: student.consent.state }),
    t(code ? 'merge.code' : 'merge.no_code'),
    t('merge.records', { count: records }),
    ...(student.removed ? [t('merge.removed')] : []),
  ];
}

/**
 * What becomes of the two.
 * @param {MergePlan} plan
 */
export function mergeSentences({ after, notes }) {
  return [
    t('merge.after', { name: after.known_as || after.name, id: after.student_id }),
    ...notes.map((note) => t(`merge.note_${note}`)),
    t('merge.together'),
  ];
}
