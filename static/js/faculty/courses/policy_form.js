// How a course counts percentages: changed after a look at whose percentage would change.

import { byId, make, setHidden, setText, whileBusy } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { createTurns } from '../../lib/turns.js';
import { mayTeach } from '../../logic/faculty/courses.js';
import { percentWords } from '../../logic/faculty/percentages.js';
import { clearFaults, showFaults } from '../messages.js';
import { createPolicyFields } from '../rule_fields.js';

/** More changes than this are only counted. */
const SHOWN = 50;

/**
 * @param {FacultyPage} page
 * @returns {CourseTabView}
 */
export function createPolicyForm(page) {
  const form = byId('policy-form');
  const box = byId('policy-summary');
  const fields = createPolicyFields('policy');
  /** @type {string | null} */
  let course = null;
  /** @type {PercentagePolicy | 'site' | null} what was looked at and can be saved */
  let looked = null;
  const turns = createTurns();

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
    const { inputs } = fields;
    for (const input of Object.values(inputs)) input.readOnly = !mayCount;
    for (const input of [inputs.limit, inputs.in_row]) input.readOnly = !may;
    for (const choice of Object.values(fields.choices)) choice.disabled = !mayCount;
    setHidden(byId('policy-change'), !may);
    setHidden(form, false);
  }

  /** @param {CoursePolicy} known */
  function fill({ policy, own, locked, remarks: listed }) {
    setText(byId('policy-source'), t(locked ? 'policy.locked' : own ? 'policy.own' : 'policy.site'));
    fields.fill(policy, listed);
    setHidden(byId('policy-drop'), !own || locked);
  }

  function address() {
    return `/courses/${encodeURIComponent(course ?? '')}/policy`;
  }

  function forget() {
    turns.end();
    looked = null;
    setHidden(byId('policy-preview'), true);
    clearFaults(box, fields.inputs);
  }

  /** @param {() => PercentagePolicy | 'site'} wanted */
  async function look(wanted) {
    forget();
    const still = turns.take();
    try {
      const chosen = wanted();
      const asked = `${address()}?preview=1`;
      const { data } = await (chosen === 'site' ? page.api.remove(asked) : page.api.put(asked, chosen));
      if (!still()) return;
      looked = chosen;
      showPreview(data);
    } catch (error) {
      if (still()) showFaults(box, error, fields.inputs);
    }
  }

  async function save() {
    if (!looked) return;
    const saved = course;
    try {
      await (looked === 'site' ? page.api.remove(address()) : page.api.put(address(), looked));
      if (saved !== course) return;
      forget();
      const { data } = await page.api.get(address());
      if (saved !== course) return;
      fill(data);
      page.said(t('policy.saved'));
      byId('policy-title').focus();
    } catch (error) {
      showFaults(box, error, fields.inputs);
    }
  }

  form.addEventListener('input', forget);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    look(fields.typed);
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
