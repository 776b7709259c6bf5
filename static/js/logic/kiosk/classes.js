// The classes at a kiosk, as a pure core: what is open or next in its room, and what a check-in comes to.

import { t } from '../../lib/messages.js';

/**
 * Whether no class is near, on a site with courses. Somebody may check in all the same.
 * @param {Pick<KioskState, 'place'>} state
 */
export function closedNow({ place }) {
  return Boolean(place?.courses) && place?.classes.length === 0;
}

/**
 * The classes that are open or next, in words.
 * @param {KioskPlace | null} place
 */
export function classLines(place) {
  return (place?.classes ?? []).map((each) => ({
    name: t('here.name', { course: each.course, title: each.title }),
    when: t('here.when', { starts: each.starts, ends: each.ends }),
    until: untilWords(each),
    open: each.phase === 'open',
  }));
}

/** @param {ClassAtKiosk} each */
function untilWords({ phase, opens, on_time: onTime, on_time_until: until, late_until: late }) {
  if (phase === 'planned') return t('here.opens', { time: opens });
  return onTime ? t('here.on_time', { time: until }) : t('here.late', { time: late });
}

/**
 * What a closed kiosk says.
 * @param {KioskPlace | null} place
 */
export function closedWords(place) {
  const next = place?.next;
  if (!next) return { title: t('here.closed'), detail: t('here.none') };
  return {
    title: t('here.closed'),
    detail: t('here.next', { course: next.course, starts: next.starts, opens: next.opens }),
  };
}

/**
 * What a check-in comes to. `status` is for the screen alone; `note` says kindly why it counts for no class yet. Both are
 * empty where there is nothing to say.
 * @param {Pick<Arrival, 'time' | 'standing'>} arrival
 */
export function standingWords({ time, standing }) {
  if (!standing) return { status: '', note: '' };
  if (standing.kind !== 'counted') return { status: '', note: noteWords(standing) };
  const lines = standing.classes.map(({ course, status }) => statusWords(status, { course, time }));
  return { status: [...new Set(lines)].join(' · '), note: '' };
}

/**
 * @param {ClassStatus | null} status
 * @param {{ course: string, time: string }} values
 */
function statusWords(status, values) {
  switch (status) {
    case 'present':
      return t('standing.present', values);
    case 'late':
      return t('standing.late', values);
    case 'absent':
      return t('standing.too_late', values);
    default:
      return t('standing.counted', values);
  }
}

/** @param {Standing} standing */
function noteWords({ kind, classes }) {
  const [{ course, room } = { course: '', room: null }] = classes;
  switch (kind) {
    case 'other_room':
      return t('standing.other_room', { course, room: room ?? '' });
    case 'other_group':
      return t('standing.other_group', { course });
    case 'not_a_member':
      return classes.length === 1 ? t('standing.not_a_member', { course }) : t('standing.no_list');
    default:
      return t('standing.no_class');
  }
}
