// Asks for the answer to a request: what the class becomes if it is accepted, and words for the student.

import { byId, make, setHidden, setText, whileBusy } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { createTurns } from '../../lib/turns.js';
import { answerTyped, askedWords, classWords, statusAsked } from '../../logic/faculty/decisions.js';
import { clearFaults, showFaults } from '../messages.js';

/**
 * `answered` is told once it is done.
 * @param {FacultyPage} page
 * @param {(decision: Decision, accepted: boolean) => Promise<void>} answered
 */
export function createAnswerDialog(page, answered) {
  const dialog = byId('answer-dialog');
  const fields = { status: byId('answer-status'), remark: byId('answer-remark'), answer: byId('answer-text') };
  /** @type {{ decision: Decision, accept: boolean } | null} */
  let asked = null;
  /** @type {AttendanceSettings | null} */
  let site = null;
  const turns = createTurns();

  fields.status.addEventListener('change', offerRemarks);

  /** List the remarks, and the reasons that only an excused absence can have. */
  function offerRemarks() {
    const reasons = fields.status.value === 'excused' ? (site?.reasons ?? []) : [];
    const listed = [...reasons, ...(site?.remarks ?? []).filter(({ time }) => !time)];
    fields.remark.replaceChildren(
      make('option', { value: '', text: t('mark.no_remark') }),
      ...listed.map(({ code, text }) => make('option', { value: code, text })),
    );
  }

  byId('answer-form').addEventListener('submit', (event) => {
    event.preventDefault();
    if (!asked) return;
    const { decision, accept } = asked;
    whileBusy(byId('answer-send'), async () => {
      clearFaults(byId('answer-problem'), fields);
      try {
        const json = answerTyped(accept, {
          status: fields.status.value,
          remark: fields.remark.value,
          answer: fields.answer.value,
        });
        await page.api.post(`/requests/${encodeURIComponent(decision.id)}/answer`, { json });
        dialog.close();
        await answered(decision, accept);
      } catch (error) {
        showFaults(byId('answer-problem'), error, fields);
      }
    });
  });

  /**
   * @param {Decision} decision
   * @param {boolean} accept
   */
  return async function open(decision, accept) {
    const wanted = turns.take();
    if (accept) site = (await page.api.get('/attendance-settings')).data;
    if (!wanted()) return; // another answer is being asked for by now
    asked = { decision, accept };
    byId('answer-form').reset();
    clearFaults(byId('answer-problem'), fields);
    setText(
      byId('answer-title'),
      t(accept ? 'decide.accept_title' : 'decide.decline_title', { name: decision.student.name }),
    );
    setText(byId('answer-line'), `${askedWords(decision)} · ${classWords(decision)}`);
    setText(byId('answer-send'), t(accept ? 'decide.accept' : 'decide.decline'));
    setHidden(byId('answer-becomes'), !accept);
    fields.status.value = statusAsked(decision) ?? '';
    offerRemarks();
    dialog.showModal();
    byId('answer-title').focus();
  };
}
