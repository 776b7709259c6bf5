// Sends marks of a class. Where the site asks for a reason, it is asked for, and the marks are sent again.

import { t } from '../../lib/messages.js';
import { asProblem } from '../../logic/problems.js';

/**
 * Answers the marks as they were made, with their records.
 * @param {FacultyPage} page
 * @param {MarkChooser} choose
 * @param {string} meeting
 * @param {Mark[]} marks
 * @returns {Promise<{ marks: Mark[], records: MarkRecord[] }>}
 */
export async function sendMarks(page, choose, meeting, marks) {
  const address = `/meetings/${encodeURIComponent(meeting)}/marks`;
  try {
    return { marks, records: (await page.api.post(address, { json: { marks } })).data.records };
  } catch (error) {
    if (asProblem(error).code !== 'reason_needed') throw error;
    const { remarks, reasons } = /** @type {AttendanceSettings} */ ((await page.api.get('/attendance-settings')).data);
    const chosen = await choose({
      title: t('mark.many', { count: marks.length }),
      line: '',
      why: asProblem(error).detail,
      status: marks[0].status,
      remarks,
      reasons,
    });
    if (!chosen) throw error;
    return sendMarks(
      page,
      choose,
      meeting,
      marks.map((mark) => ({ ...mark, ...chosen })),
    );
  }
}
