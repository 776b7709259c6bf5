// How a course counts percentages: changed after a look at whose percentage would change.

import { byId, make, setHidden, setText, whileBusy } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { mayTeach } from '../../logic/faculty/courses.js';
import { percentWords, policyTyped } from '../../logic/faculty/percentages.js';
import { Problem } from '../../logic/problems.js';
import { clearFaults, showFaults } from '../messages.js';

/** More changes than this are only counted. */
const SHOWN = 50;

/**
 * @param {FacultyPage} page
 * @returns {CourseTabView}
 */
export function createPolicyForm(page) {
  const form = byId('policy-form');
  const box = byId('policy-summary');
  const choices = { unit: byId('policy-unit'), basis: byId('policy-basis') };
  /** @type {Record<string, HTMLInputElement>} */
  const fields = {
    late: byId('policy-late'),
    excused: byId('policy-excused'),
    free_absences: byId('policy-free'),
    limit: byId('policy-limit'),
    in_row: byId('policy-in-row'),
  };
  /** @type {Record<string, HTMLInputElement>} the weights of remarks, by their fields */
  let remarks = {};
  /** @type {string | null} */
  let course = null;
  /** @type {PercentagePolicy | 'site' | null} what was looked at and can be saved */
  let looked = null;

  /** @param {Course} of */
  async function show(of) {
    setHidden(form, course !== of.key);
    course = of.key;
    forget();
    /** @type {CoursePolicy} */
    const known = (await page.api.get(address())).data;
    if (course !== of.key) return;
    fill(known);
    const may = mayTeach(of, page.me?.roles ?? []) && !of.archived;
    const mayCount = may && !known.locked;
    for (const input of Object.values({ ...fields, ...remarks })) input.readOnly = !mayCount;
    for (const input of [fields.limit, fields.in_row]) input.readOnly = !may;
    for (const choice of Object.values(choices)) choice.disabled = !mayCount;
    setHidden(byId('policy-change'), !may);
    setHidden(form, false);
  }

  /** @param {CoursePolicy} known */
  function fill({ policy, own, locked, remarks: listed }) {
    setText(byId('policy-source'), t(locked ? 'policy.locked' : own ? 'policy.own' : 'policy.site'));
    choices.unit.value = policy.unit;
    choices.basis.value = policy.basis;
    fields.late.value = String(policy.late);
    fields.excused.value = text(policy.excused);
    fields.free_absences.value = String(policy.free_absences);
    fields.limit.value = text(policy.limit);
    fields.in_row.value = text(policy.in_row);
    remarks = {};
    byId('policy-remarks').replaceChildren(
      ...listed.map((remark) => {
        const id = `policy-remark-${remark.code}`;
        const value = text(policy.remarks.find(({ code }) => code === remark.code)?.weight ?? null);
        const input = make('input', { id, className: 'field tabular', inputmode: 'decimal', autocomplete: 'off' });
        input.value = value;
        remarks[`remark:${remark.code}`] = input;
        return make('div', {}, [make('label', { className: 'field-label', for: id, text: remark.text }), input]);
      }),
    );
    setHidden(byId('policy-remarks-part'), listed.length === 0);
    setHidden(byId('policy-drop'), !own || locked);
  }

  function address() {
    return `/courses/${encodeURIComponent(course ?? '')}/policy`;
  }

  function forget() {
    looked = null;
    setHidden(byId('policy-preview'), true);
    clearFaults(box, { ...fields, ...remarks });
  }

  function typed() {
    const texts = Object.entries({ ...choices, ...fields, ...remarks }).map(([field, input]) => [field, input.value]);
    const found = policyTyped(Object.fromEntries(texts));
    if ('policy' in found) return found.policy;
    const errors = found.wrong.map((field) => ({
      field,
      message: t(field === 'in_row' || field === 'free_absences' ? 'policy.wrong_count' : 'policy.wrong_percent'),
    }));
    throw new Problem({ code: 'invalid_input', detail: '', errors });
  }

  /** @param {() => PercentagePolicy | 'site'} wanted */
  async function look(wanted) {
    forget();
    try {
      const chosen = wanted();
      const asked = `${address()}?preview=1`;
      const { data } = await (chosen === 'site' ? page.api.remove(asked) : page.api.put(asked, chosen));
      looked = chosen;
      showPreview(data);
    } catch (error) {
      showFaults(box, error, { ...fields, ...remarks });
    }
  }

  async function save() {
    if (!looked) return;
    try {
      await (looked === 'site' ? page.api.remove(address()) : page.api.put(address(), looked));
      forget();
      fill((await page.api.get(address())).data);
      page.said(t('policy.saved'));
      byId('policy-title').focus();
    } catch (error) {
      showFaults(box, error, { ...fields, ...remarks });
    }
  }

  form.addEventListener('input', forget);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    look(typed);
  });
  byId('policy-drop').addEventListener('click', () => look(() => 'site'));
  byId('policy-save').addEventListener('click', () => whileBusy(byId('policy-save'), save));

  return {
    show,
    leave() {
      course = null;
      setHidden(form, true); // nothing is typed over what is still to come
    },
  };
}

/** @param {number | null} number */
function text(number) {
  return number === null ? '' : String(number);
}

/** @param {PolicyPreview} preview */
function showPreview({ changes, low_before: before, low_after: after }) {
  const title = changes.length === 0 ? t('policy.nothing') : t('policy.changes', { students: changes.length });
  setText(byId('policy-preview-title'), title);
  setText(byId('policy-preview-low'), t('policy.low', { before, after }));
  byId('policy-changes').replaceChildren(
    ...changes.slice(0, SHOWN).map(({ student, before: old, after: now, low_before: lowOld, low_after: lowNow }) => {
      const words = { name: student.name, before: percentWords(old), after: percentWords(now) };
      const turnsLow = lowOld.length === 0 && lowNow.length > 0;
      const sentence = t(turnsLow ? 'policy.becomes_low' : 'policy.becomes', words);
      return make('li', { className: 'px-4 py-2 break-words', text: sentence });
    }),
  );
  setHidden(byId('policy-more'), changes.length <= SHOWN);
  setText(byId('policy-more'), t('rules.more', { count: changes.length - SHOWN }));
  setHidden(byId('policy-preview'), false);
  byId('policy-preview-title').focus();
}
