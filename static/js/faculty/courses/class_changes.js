// Changing a class of a course, or also the later ones of its series: moved, edited, cancelled, restored.

import { byId, setHidden, setText } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { clockOf, dayOf, meetingTitle, withWarning } from '../../logic/faculty/meetings.js';
import { Problem } from '../../logic/problems.js';
import { askCancel, reach } from '../ask_cancel.js';
import { clearFaults, showFaults } from '../messages.js';
import { choice, marked } from './choices.js';
import { setOff } from '../../logic/names.js';

/**
 * `changed` is told once a class has changed.
 * @param {FacultyPage} page
 * @param {{ course: () => Course | null, changed: () => Promise<void> }} site
 */
export function wireClassChanges(page, { course, changed }) {
  /** @type {Meeting | null} the class of the open dialog */
  let chosen = null;
  const moved = { day: byId('move-day'), from: byId('move-from'), to: byId('move-to'), room: byId('move-room') };
  const edited = { title: byId('class-edit-name'), room: byId('class-edit-room') };

  /** @param {Meeting} meeting */
  function move(meeting) {
    chosen = meeting;
    setText(byId('move-title'), t('classes.move_title', { meeting: meetingTitle(meeting) }));
    moved.day.value = dayOf(meeting.starts);
    moved.from.value = clockOf(meeting.starts);
    moved.to.value = clockOf(meeting.ends);
    moved.room.value = meeting.room ?? '';
    byId('move-later').checked = false;
    setHidden(byId('move-later-choice'), meeting.series === null);
    clearFaults(byId('move-summary'), moved);
    byId('move-dialog').showModal();
  }

  byId('move-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    clearFaults(byId('move-summary'), moved);
    try {
      throwIfTimeless(moved);
      const at = (/** @type {HTMLInputElement} */ clock) => `${moved.day.value}T${clock.value}`;
      const { data } = await send({
        action: 'move',
        starts: at(moved.from),
        ends: at(moved.to),
        room: moved.room.value.trim() || null,
        series: reach(byId('move-later').checked),
      });
      byId('move-dialog').close();
      page.said(withWarning(t('classes.moved'), data));
      await changed();
    } catch (error) {
      showFaults(byId('move-summary'), error, moved);
    }
  });

  /** @param {Meeting} meeting */
  function edit(meeting) {
    chosen = meeting;
    const groups = course()?.groups ?? [];
    setText(byId('class-edit-title'), t('classes.edit_title', { meeting: meetingTitle(meeting) }));
    edited.title.value = meeting.title;
    edited.room.value = meeting.room ?? '';
    byId('class-edit-groups-list').replaceChildren(
      ...groups.map(({ key, name }) => choice(key, setOff(name), meeting.groups.includes(key))),
    );
    setHidden(byId('class-edit-groups'), groups.length === 0);
    byId('class-edit-counts').checked = meeting.counts_in_total;
    byId('class-edit-absent').checked = meeting.may_be_absent;
    byId('class-edit-later').checked = false;
    setHidden(byId('class-edit-later-choice'), meeting.series === null);
    clearFaults(byId('class-edit-summary'), edited);
    byId('class-edit-dialog').showModal();
  }

  byId('class-edit-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    clearFaults(byId('class-edit-summary'), edited);
    try {
      const { data } = await send({
        action: 'edit',
        title: edited.title.value.trim() || (course()?.title ?? ''),
        room: edited.room.value.trim(),
        groups: marked(byId('class-edit-groups-list')),
        counts_in_total: byId('class-edit-counts').checked,
        may_be_absent: byId('class-edit-absent').checked,
        series: reach(byId('class-edit-later').checked),
      });
      byId('class-edit-dialog').close();
      page.said(withWarning(t('act.done'), data));
      await changed();
    } catch (error) {
      showFaults(byId('class-edit-summary'), error, edited);
    }
  });

  /** @param {Meeting} meeting */
  function cancel(meeting) {
    chosen = meeting;
    askCancel(meeting, async (change) => {
      await send(change);
      page.said(t('act.done'));
      await changed();
    }).catch((error) => page.wentWrong(t('act.failed'), error));
  }

  /** @param {MeetingChange} json */
  function send(json) {
    return page.api.post(`/meetings/${encodeURIComponent(chosen?.key ?? '')}/changes`, { json });
  }

  return { move, edit, cancel };
}

/**
 * Day and times are there, or a Problem is thrown that names which are not.
 * @param {Record<string, HTMLInputElement>} fields
 * @param {string[]} [needed]
 */
export function throwIfTimeless(fields, needed = ['day', 'from', 'to']) {
  const errors = needed
    .filter((field) => fields[field].value === '')
    .map((field) => ({ field, message: t(field === 'day' ? 'courses.missing_day' : 'classes.missing_time') }));
  if (errors.length > 0) throw new Problem({ code: 'invalid_input', detail: '', errors });
}
