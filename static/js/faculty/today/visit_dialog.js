// What becomes of a visitor: accepted in this class, added to the course, or counted for a class that was missed.

import { byId, make, setHidden, setText } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { createTurns } from '../../lib/turns.js';
import { mayTeach } from '../../logic/faculty/courses.js';
import { dayOf, meetingTitle } from '../../logic/faculty/meetings.js';
import { asProblem, sentences } from '../../logic/problems.js';
import { dayInWords } from '../../logic/time.js';

/**
 * `accepted` is told once it is done.
 * @param {FacultyPage} page
 * @param {() => Promise<void>} accepted
 */
export function createVisitDialog(page, accepted) {
  const dialog = byId('visit-dialog');
  /** @type {{ meeting: Meeting, student: StudentName } | null} */
  let asked = null;
  const turns = createTurns();

  byId('visit-form').addEventListener('change', showMissed);

  function showMissed() {
    setHidden(byId('visit-missed-field'), wanted() !== 'missed');
  }

  function wanted() {
    return new FormData(byId('visit-form')).get('visit-as');
  }

  byId('visit-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!asked) return;
    const { meeting, student } = asked;
    const as = wanted();
    const more = { accept: {}, join: { join: true }, missed: { missed_meeting: byId('visit-missed').value } };
    const json = { students: [student.key], ...more[/** @type {keyof typeof more} */ (as)] };
    try {
      await page.api.post(`/meetings/${encodeURIComponent(meeting.key)}/visitors`, { json });
      dialog.close();
      page.said(t('register.accepted', { name: student.name }));
      await accepted();
      byId('class-visitors-title').focus();
    } catch (error) {
      setText(byId('visit-problem'), sentences(asProblem(error)).join(' '));
      setHidden(byId('visit-problem'), false);
    }
  });

  /**
   * @param {Meeting} meeting
   * @param {RegisterVisitor} visitor
   */
  return async function open(meeting, { student, kind }) {
    const isWanted = turns.take();
    const address = `/courses/${encodeURIComponent(meeting.course)}`;
    const [course, listed] = await Promise.all([page.api.get(address), page.api.get(`${address}/meetings`)]);
    if (!isWanted()) return;
    const past = /** @type {Meeting[]} */ (listed.data.meetings).filter(
      ({ key, phase }) => phase === 'closed' && key !== meeting.key,
    );
    asked = { meeting, student };
    byId('visit-form').reset();
    setText(byId('visit-title'), t('visit.title', { name: student.name }));
    setHidden(byId('visit-problem'), true);
    setHidden(byId('visit-join'), kind !== 'not_a_member' || !mayTeach(course.data, page.me?.roles ?? []));
    setHidden(byId('visit-as-missed'), kind === 'not_a_member' || past.length === 0);
    byId('visit-missed').replaceChildren(
      ...past
        .toReversed()
        .map((one) =>
          make('option', { value: one.key, text: `${dayInWords(dayOf(one.starts))}, ${meetingTitle(one)}` }),
        ),
    );
    showMissed();
    dialog.showModal();
  };
}
