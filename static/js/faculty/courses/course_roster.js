// A roster file into a course: first what it would do, then doing exactly that.

import { byId, make, setHidden, setText, whileBusy } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { nameAndId } from '../../logic/names.js';
import { asProblem, sentences } from '../../logic/problems.js';

const TIMEOUT_MS = 120000;

/**
 * @param {FacultyPage} page
 * @param {{ course: () => Course | null, imported: () => Promise<void> }} site
 */
export function wireCourseRoster(page, { course, imported }) {
  const dialog = byId('course-roster-dialog');
  const input = byId('course-roster-file');
  const go = byId('course-roster-go');
  /** @type {{ file: File, plan: RosterPlan } | null} */
  let planned = null;

  input.addEventListener('change', async () => {
    const file = input.files?.[0];
    forget();
    if (!file) return;
    try {
      show(file, (await send(file, { dry_run: '1' })).data);
    } catch (error) {
      problem(error);
    }
  });
  go.addEventListener('click', () => whileBusy(go, apply));
  dialog.addEventListener('close', () => {
    input.value = '';
    forget();
  });

  /**
   * @param {File} file
   * @param {RosterPlan} plan
   */
  function show(file, plan) {
    planned = { file, plan };
    const { added, already, updated } = plan;
    setText(byId('course-roster-words'), t('members.plan', { added, already, updated }));
    byId('course-roster-warnings').replaceChildren(
      ...plan.warnings.map(({ line, message }) =>
        make('li', { text: line ? t('members.warning', { line, message }) : message }),
      ),
    );
    setHidden(byId('course-roster-missing'), plan.not_listed.length === 0);
    setText(byId('course-roster-leave-text'), t('members.not_listed', { count: plan.not_listed.length }));
    byId('course-roster-leave').checked = false;
    byId('course-roster-left').replaceChildren(...plan.not_listed.map((one) => make('li', { text: nameAndId(one) })));
    setHidden(byId('course-roster-plan'), false);
    go.disabled = false;
    byId('course-roster-words').focus();
  }

  async function apply() {
    if (!planned) return;
    const { file, plan } = planned;
    try {
      await send(file, { plan: plan.digest, leave: byId('course-roster-leave').checked ? '1' : null });
      dialog.close();
      page.said(t('members.imported'));
      await imported();
    } catch (error) {
      forget();
      problem(error);
    }
  }

  /**
   * @param {File} file
   * @param {Record<string, string | null>} query
   */
  function send(file, query) {
    const whole = { course: course()?.key, ...query };
    return page.api.post('/roster', { body: file, type: 'text/csv', query: whole, timeout: TIMEOUT_MS });
  }

  function forget() {
    planned = null;
    go.disabled = true;
    setHidden(byId('course-roster-plan'), true);
    setHidden(byId('course-roster-problem'), true);
  }

  /** @param {unknown} error */
  function problem(error) {
    const box = byId('course-roster-problem');
    box.replaceChildren(...sentences(asProblem(error)).map((text) => make('p', { text })));
    setHidden(box, false);
    box.focus();
  }
}
