// The fields for status rules and for how percentages count. A course's forms have them, and the site's dialog.

import { byId, make, setHidden } from '../lib/dom.js';
import { t } from '../lib/messages.js';
import { rulesTyped } from '../logic/faculty/courses.js';
import { policyTyped } from '../logic/faculty/percentages.js';
import { Problem } from '../logic/problems.js';

/** @param {'rules' | 'site-rules'} prefix what the ids of its elements begin with */
export function createRulesFields(prefix) {
  const inputs = {
    opens_before: byId(`${prefix}-opens`),
    on_time: byId(`${prefix}-on-time`),
    late_until: byId(`${prefix}-late`),
  };
  return {
    inputs,
    /** @param {StatusRules} rules */
    fill({ opens_before: opens, on_time: onTime, late_until: late }) {
      inputs.opens_before.value = String(opens);
      inputs.on_time.value = String(onTime);
      inputs.late_until.value = text(late);
    },
    /** What was typed. Throws a `Problem` that names the fields that are wrong. */
    typed() {
      const { opens_before: opens, on_time: onTime, late_until: late } = inputs;
      const found = rulesTyped({ opens_before: opens.value, on_time: onTime.value, late_until: late.value });
      if ('rules' in found) return found.rules;
      throw wrongFields(found.wrong, (field) => (field === 'late_until' ? 'rules.wrong_late' : 'rules.wrong_minutes'));
    },
  };
}

/** @param {'policy' | 'site-policy'} prefix what the ids of its elements begin with */
export function createPolicyFields(prefix) {
  const choices = { unit: byId(`${prefix}-unit`), basis: byId(`${prefix}-basis`) };
  /** @type {Record<string, HTMLInputElement>} */
  const numbers = {
    late: byId(`${prefix}-late`),
    excused: byId(`${prefix}-excused`),
    free_absences: byId(`${prefix}-free`),
    limit: byId(`${prefix}-limit`),
    in_row: byId(`${prefix}-in-row`),
  };
  /** @type {Record<string, HTMLInputElement>} the weights of remarks, by their fields */
  let remarks = {};

  return {
    choices,
    /** The fields to type in. Those for remarks are there once they are filled. */
    get inputs() {
      return { ...numbers, ...remarks };
    },
    /**
     * @param {PercentagePolicy} policy
     * @param {{ code: string, text: string }[]} listed the site's remarks
     */
    fill(policy, listed) {
      choices.unit.value = policy.unit;
      choices.basis.value = policy.basis;
      numbers.late.value = String(policy.late);
      numbers.excused.value = text(policy.excused);
      numbers.free_absences.value = String(policy.free_absences);
      numbers.limit.value = text(policy.limit);
      numbers.in_row.value = text(policy.in_row);
      const rows = listed.map((remark) => {
        const weight = policy.remarks.find(({ code }) => code === remark.code)?.weight ?? null;
        return remarkRow(`${prefix}-remark-${remark.code}`, remark, weight);
      });
      remarks = Object.fromEntries(rows.map(({ field, input }) => [field, input]));
      byId(`${prefix}-remarks`).replaceChildren(...rows.map(({ row }) => row));
      setHidden(byId(`${prefix}-remarks-part`), listed.length === 0);
    },
    /** What was typed. Throws a `Problem` that names the fields that are wrong. */
    typed() {
      const fields = Object.entries({ ...choices, ...numbers, ...remarks });
      const found = policyTyped(Object.fromEntries(fields.map(([field, { value }]) => [field, value])));
      if ('policy' in found) return found.policy;
      const counts = ['in_row', 'free_absences'];
      throw wrongFields(found.wrong, (field) =>
        counts.includes(field) ? 'policy.wrong_count' : 'policy.wrong_percent',
      );
    },
  };
}

/**
 * @param {string} id
 * @param {{ code: string, text: string }} remark
 * @param {number | null} weight
 */
function remarkRow(id, remark, weight) {
  const input = make('input', { id, className: 'field tabular', inputmode: 'decimal', autocomplete: 'off' });
  input.value = text(weight);
  const row = make('div', {}, [make('label', { className: 'field-label', for: id, text: remark.text }), input]);
  return { field: `remark:${remark.code}`, input, row };
}

/**
 * @template {string} Field
 * @param {Field[]} wrong
 * @param {(field: Field) => string} keyOf the message for a field
 */
function wrongFields(wrong, keyOf) {
  const errors = wrong.map((field) => ({ field, message: t(keyOf(field)) }));
  return new Problem({ code: 'invalid_input', detail: '', errors });
}

/** @param {number | null} number */
function text(number) {
  return number === null ? '' : String(number);
}
