// Asks before a class is cancelled, or a cancelled one is restored.

import { t } from '../lib/messages.js';
import { dayOf, meetingTitle } from '../logic/faculty/meetings.js';
import { dayInWords } from '../logic/time.js';
import { confirmThen } from './confirm.js';

/**
 * Ask whether to cancel a class, or to restore a cancelled one, and whether the later ones of its series too.
 * @param {Meeting} meeting
 * @param {(change: MeetingChange) => Promise<void>} change
 */
export async function askCancel(meeting, change) {
  const action = meeting.phase === 'cancelled' ? 'restore' : 'cancel';
  if (action === 'restore' && meeting.series === null) {
    await change({ action });
    return;
  }
  const name = t('cancel.which', { day: dayInWords(dayOf(meeting.starts)), meeting: meetingTitle(meeting) });
  const words =
    action === 'cancel'
      ? { title: t('cancel.title', { meeting: name }), goes: t('cancel.goes'), stays: t('cancel.stays') }
      : { title: t('restore.title', { meeting: name }), danger: false };
  confirmThen({
    ...words,
    yes: t(`act.${action}`),
    also: meeting.series === null ? null : t('classes.later'),
    act: (later) => change({ action, series: reach(later) }),
  });
}

/**
 * How far a change of a class reaches in its series.
 * @param {boolean} later
 * @returns {'this' | 'later'}
 */
export function reach(later) {
  return later ? 'later' : 'this';
}
