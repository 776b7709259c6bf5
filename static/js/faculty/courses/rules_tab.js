// A course's rules: changed after a look at whose status they would change.

import { byId, make, setHidden, setText, whileBusy } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { createTurns } from '../../lib/turns.js';
import { mayTeach } from '../../logic/faculty/courses.js';
import { statusWords } from '../../logic/faculty/meeting_register.js';
import { dayOf, withWarning } from '../../logic/faculty/meetings.js';
import { dayInWords } from '../../logic/time.js';
import { clearFaults, showFaults } from '../messages.js';
import { createHold } from '../holds.js';
import { createRulesFields } from '../rule_fields.js';
import { createLocks } from './locks.js';

/** More changes than this are only counted. */
const SHOWN = 50;

/**
 * `policy` is the form under the rules: how percentages count.
 * @param {FacultyPage} page
 * @param {CourseTabView} policy
 * @returns {CourseTabView}
 */
export function createRulesTab(page, policy) {
  const locks = createLocks(page);
  const hold = createHold(page, byId('course-hold'), 'GET /courses/{course}/hold');
  const form = byId('rules-form');
  const box = byId('rules-summary');
  const fields = createRulesFields('rules');
  /** @type {string | null} */
  let course = null;
  /** @type {(StatusRules & { since: string }) | null} what was looked at and can be saved */
  let looked = null;
  const turns = createTurns();

  /**
   * @param {Course} of
   * @param {PlaceAddress} address
   */
  async function show(of, address) {
    setHidden(form, course !== of.key); // nothing is typed over what is still to come
    course = of.key;
    forget();
    /** @type {CourseRules} */
    const { rules, own } = (await page.api.get(rulesAddress())).data;
    if (course !== of.key) return;
    setText(byId('rules-source'), t(own ? 'rules.own' : 'rules.site'));
    fields.fill(rules);
    const may = mayTeach(of, page.me?.roles ?? []) && !of.archived;
    for (const input of Object.values(fields.inputs)) input.readOnly = !may;
    setHidden(byId('rules-change'), !may);
    setHidden(form, false);
    await policy.show(of, address);
    if (course === of.key) await locks.show(of);
    if (course === of.key) await hold.show(`/courses/${encodeURIComponent(of.key)}`);
  }

  function rulesAddress() {
    return `/courses/${encodeURIComponent(course ?? '')}/rules`;
  }

  function forget() {
    turns.end();
    looked = null;
    setHidden(byId('rules-preview'), true);
    clearFaults(box, fields.inputs);
  }

  form.addEventListener('input', forget);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    forget();
    const wanted = turns.take();
    try {
      const since = String(new FormData(form).get('rules-since'));
      const rules = { ...fields.typed(), since };
      const { data } = await page.api.put(`${rulesAddress()}?preview=1`, rules);
      if (!wanted()) return;
      looked = rules;
      showPreview(data);
    } catch (error) {
      if (wanted()) showFaults(box, error, fields.inputs);
    }
  });
  byId('rules-save').addEventListener('click', () => whileBusy(byId('rules-save'), save));

  async function save() {
    if (!looked) return;
    const saved = course;
    try {
      await page.api.put(rulesAddress(), looked);
      if (saved !== course) return;
      forget();
      setText(byId('rules-source'), t('rules.own'));
      page.said(t('rules.saved'));
      byId('courses-title').focus();
    } catch (error) {
      showFaults(box, error, fields.inputs);
    }
  }

  return {
    show,
    leave() {
      policy.leave();
      course = null;
    },
  };
}

/** @param {RulesPreview} preview */
function showPreview({ changes, students, meetings, warning }) {
  const title = changes.length === 0 ? t('rules.nothing') : t('rules.changes', { students, meetings });
  setText(byId('rules-preview-title'), withWarning(title, { warning }));
  byId('rules-changes').replaceChildren(
    ...changes.slice(0, SHOWN).map(({ student, meeting, before, after }) => {
      const day = dayInWords(dayOf(meeting.starts));
      const words = { name: student.name, day, before: statusWords(before), after: statusWords(after) };
      return make('li', { className: 'px-4 py-2 break-words', text: t('rules.change', words) });
    }),
  );
  setHidden(byId('rules-more'), changes.length <= SHOWN);
  setText(byId('rules-more'), t('rules.more', { count: changes.length - SHOWN }));
  setHidden(byId('rules-preview'), false);
  byId('rules-preview-title').focus();
}
