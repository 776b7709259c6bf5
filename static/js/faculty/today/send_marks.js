// Sends marks of a class. Where the site asks for a reason, it is asked for, once for each status, and all are sent again.

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
    const group = unexplained(marks);
    if (asProblem(error).code !== 'reason_needed' || group.length === 0) throw error;
    const { remarks, reasons } = /** @type {AttendanceSettings} */ ((await page.api.get('/attendance-settings')).data);
    const chosen = await choose({
      title: t('mark.many', { count: group.length }),
      line: '',
      why: asProblem(error).detail,
      status: group[0].status,
      remarks,
      reasons,
    });
    if (!chosen) throw error;
    return sendMarks(
      page,
      choose,
      meeting,
      marks.map((mark) => (group.includes(mark) ? { ...mark, ...chosen } : mark)),
    );
  }
}

/**
 * The marks of one status without a remark: E first, which alone may be what needs a reason.
 * @param {Mark[]} marks
 */
function unexplained(marks) {
  const bare = marks.filter(({ remark }) => remark === undefined);
  const first = bare.find(({ status }) => status === 'excused') ?? bare[0];
  return bare.filter(({ status }) => status === first.status);
}
