// A course's classes: start one now, add one or a weekly series, move, cancel, and look at one.

import { fillBadge } from '../../lib/badge.js';
import {
  byId,
  closestTo,
  copyOf,
  everyElement,
  part,
  refill,
  setAttribute,
  setHidden,
  setText,
} from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { createTurns } from '../../lib/turns.js';
import { daysOfSeries, mayHold, mayTeach, weekdayOf } from '../../logic/faculty/courses.js';
import {
  dayOf,
  meetingTimes,
  meetingTitle,
  phaseBadge,
  servedWith,
  upcomingAndPast,
  withWarning,
} from '../../logic/faculty/meetings.js';
import { addressOf, writePlace } from '../../logic/faculty/places.js';
import { dayIn, dayInWords } from '../../logic/time.js';
import { createKeyedRows } from '../keyed_rows.js';
import { clearFaults, showFaults } from '../messages.js';
import { choice, marked } from './choices.js';
import { throwIfTimeless, wireClassChanges } from './class_changes.js';
import { wireMeetingFile } from './meeting_file.js';
import { setOff } from '../../logic/names.js';

/**
 * @param {FacultyPage} page
 * @param {{ show: (key: string | null) => void }} classRegister
 * @returns {CourseTabView}
 */
export function createClassesTab(page, classRegister) {
  /** @type {Course | null} */
  let course = null;
  /** @type {Meeting[]} */
  let meetings = [];
  /** @type {string | null} the course whose classes are listed */
  let shown = null;
  /** @type {ClassesPart | null} which of them somebody asked for */
  let when = null;
  const turns = createTurns();
  const rows = createKeyedRows(byId('classes-rows'), {
    key: (/** @type {DrawnMeeting} */ meeting) => meeting.key,
    make: () => copyOf('class-of-course'),
    fill: fillRow,
  });
  const added = {
    title: byId('classes-title'),
    day: byId('classes-day'),
    from: byId('classes-from'),
    to: byId('classes-to'),
    'block.0.from': byId('classes-second-from'),
    'block.0.to': byId('classes-second-to'),
    room: byId('classes-room'),
    last_day: byId('classes-last'),
  };
  const changes = wireClassChanges(page, { course: () => course, changed: reload });
  byId('classes-weekdays').append(...[0, 1, 2, 3, 4, 5, 6].map(weekdayChoice));

  /**
   * @param {Course} of
   * @param {PlaceAddress} address
   */
  async function show(of, address) {
    course = of;
    const one = address.meeting !== null;
    for (const id of /** @type {const} */ (['classes-tools', 'classes-card', 'classes-none'])) setHidden(byId(id), one);
    setHidden(byId('course-class'), !one);
    if (one) byId('course-class').append(byId('class'));
    classRegister.show(address.meeting);
    if (one) turns.end();
    else await load(of);
  }

  /** @param {Course} of */
  async function load(of) {
    const wanted = turns.take();
    const { data } = await page.api.get(`${courseAddress(of)}/meetings`);
    if (!wanted()) return;
    ({ meetings } = data);
    setHidden(byId('classes-none'), meetings.length > 0);
    setHidden(byId('classes-card'), meetings.length === 0);
    if (shown !== of.key) when = null;
    shown = of.key;
    const may = mayHold(of, page.me?.roles ?? []);
    setHidden(byId('classes-tools'), !may);
    setHidden(byId('classes-file'), !mayTeach(of, page.me?.roles ?? []));
    file.showUndo();
    render();
    refill(byId('classes-groups-list'), JSON.stringify(of.groups), () =>
      of.groups.map(({ key, name }) => choice(key, setOff(name))),
    );
    setHidden(byId('classes-groups'), of.groups.length === 0);
  }

  /** Those to come, the next one first, or the past ones, the last one first. */
  function render() {
    if (!course) return;
    const of = course;
    const parts = upcomingAndPast(meetings, dayIn(Date.now(), page.health?.time_zone));
    const asked = when ?? (parts.upcoming.length > 0 ? 'upcoming' : 'past');
    for (const element of everyElement('[data-classes-count]')) {
      setText(element, String(parts[/** @type {ClassesPart} */ (element.dataset.classesCount)].length));
    }
    /** @type {HTMLInputElement} */ (byId('classes-when').querySelector(`[value="${asked}"]`)).checked = true;
    setHidden(byId('classes-table'), parts[asked].length === 0);
    setHidden(byId('classes-no-such'), parts[asked].length > 0);
    setText(byId('classes-no-such'), t(`classes.no_${asked}`));
    const may = mayHold(of, page.me?.roles ?? []);
    rows.render(parts[asked].map((meeting) => ({ ...meeting, where: whereOf(of, meeting, meetings), may })));
  }

  byId('classes-when').addEventListener('change', (event) => {
    when = /** @type {ClassesPart} */ (/** @type {HTMLInputElement} */ (event.target).value);
    render();
  });

  async function reload() {
    if (course && byId('course-class').hidden) await load(course); // not while one class is shown
  }

  byId('classes-now').addEventListener('click', async () => {
    if (!course) return;
    try {
      const { data } = await page.api.post(`${courseAddress(course)}/meetings/now`, { json: {} });
      page.said(withWarning(t('today.started', { meeting: meetingTitle(data.meeting) }), data));
      await page.go(addressOf('today', { meeting: data.meeting.key }));
    } catch (error) {
      page.wentWrong(t('act.failed'), error);
    }
  });
  byId('classes-double').addEventListener('change', () => {
    setHidden(byId('classes-second'), !byId('classes-double').checked);
  });
  byId('classes-weekly').addEventListener('change', () => {
    setHidden(byId('classes-series'), !byId('classes-weekly').checked);
    const today = byId('classes-day').value;
    const own = today && marked(byId('classes-weekdays')).length === 0 ? weekdayOf(today) : -1;
    const box = byId('classes-weekdays').querySelector(`[value="${own}"]`);
    if (box) /** @type {HTMLInputElement} */ (box).checked = true;
    if (!byId('classes-last').value && course) byId('classes-last').value = course.last_day;
    count();
  });
  byId('classes-form').addEventListener('change', count);
  byId('classes-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    clearFaults(byId('classes-summary'), added);
    try {
      const second = byId('classes-double').checked ? ['block.0.from', 'block.0.to'] : [];
      throwIfTimeless(added, ['day', 'from', 'to', ...second]);
      const address = `${courseAddress(/** @type {Course} */ (course))}/meetings`;
      const { data } = await page.api.post(address, { json: newMeeting() });
      byId('classes-dialog').close();
      byId('classes-form').reset();
      for (const id of /** @type {const} */ (['classes-series', 'classes-second'])) setHidden(byId(id), true);
      page.said(withWarning(t('classes.added'), data));
      await reload();
    } catch (error) {
      showFaults(byId('classes-summary'), error, added);
    }
  });

  function count() {
    const days = daysOfSeries(
      byId('classes-day').value,
      byId('classes-last').value,
      marked(byId('classes-weekdays')).map(Number),
    );
    refill(byId('classes-days'), days.join(), () => days.map((day) => choice(day, dayInWords(day), true)));
    setHidden(byId('classes-except'), days.length === 0);
    const left = days.length - marked(byId('classes-days'), false).length;
    const parts = byId('classes-double').checked ? 2 : 1;
    setText(byId('classes-count'), t('classes.count', { count: parts * left }));
  }

  /** @returns {NewMeeting} */
  function newMeeting() {
    const weekdays = marked(byId('classes-weekdays')).map(Number);
    return {
      title: added.title.value.trim(),
      day: added.day.value,
      from: added.from.value,
      to: added.to.value,
      block: byId('classes-double').checked
        ? [{ from: added['block.0.from'].value, to: added['block.0.to'].value }]
        : [],
      room: added.room.value.trim() || null,
      groups: marked(byId('classes-groups-list')),
      counts_in_total: byId('classes-counts').checked,
      may_be_absent: byId('classes-absent').checked,
      weekly: byId('classes-weekly').checked
        ? { weekdays, last_day: added.last_day.value, except: marked(byId('classes-days'), false) }
        : null,
    };
  }

  byId('classes-rows').addEventListener('click', (event) => {
    const act = closestTo(event, '[data-do]')?.dataset.do;
    const key = closestTo(event, 'tr')?.dataset.key;
    const meeting = meetings.find((one) => one.key === key);
    if (!act || !meeting) return;
    changes[/** @type {keyof typeof changes} */ (act)](meeting);
  });

  const file = wireMeetingFile(page, { course: () => course, imported: reload });

  return {
    show,
    leave() {
      turns.end();
      if (byId('course-class').contains(byId('class'))) classRegister.show(null);
    },
  };
}

/** @param {Course} course */
function courseAddress({ key }) {
  return `/courses/${encodeURIComponent(key)}`;
}

/**
 * @param {Course} course
 * @param {Meeting} meeting
 * @param {Meeting[]} all the course's
 */
function whereOf({ groups }, meeting, all) {
  const together = servedWith(meeting, all);
  const names = groups.filter(({ key }) => meeting.groups.includes(key)).map(({ name }) => name);
  const words = [
    setOff(meeting.room ?? ''),
    names.length > 0 ? names.map(setOff).join(', ') : t('classes.everybody'),
    together.length > 0 ? t('classes.block', { times: together.join(', ') }) : '',
    meeting.counts_in_total ? '' : t('classes.not_counted'),
    meeting.may_be_absent ? '' : t('classes.drop_in'),
  ];
  return words.filter(Boolean).join(' · ');
}

/**
 * @param {HTMLElement} row
 * @param {DrawnMeeting} meeting
 */
function fillRow(row, meeting) {
  const name = meetingTitle(meeting);
  const cancelled = meeting.phase === 'cancelled';
  setText(part(row, 'day'), dayInWords(dayOf(meeting.starts)));
  setText(part(row, 'times'), meetingTimes(meeting));
  setText(part(row, 'title'), setOff(meeting.title) || t('classes.untitled'));
  const address = addressOf('courses', { course: meeting.course, tab: 'classes', meeting: meeting.key });
  setAttribute(part(row, 'title'), 'href', writePlace(address));
  setText(part(row, 'where'), meeting.where);
  fillBadge(part(row, 'phase'), phaseBadge(meeting));
  const [move, edit, cancel] = /** @type {NodeListOf<HTMLElement>} */ (row.querySelectorAll('button'));
  setHidden(move, !meeting.may || meeting.phase !== 'planned');
  setHidden(edit, !meeting.may || cancelled || meeting.locked);
  setHidden(cancel, !meeting.may || meeting.locked);
  for (const [button, text] of /** @type {const} */ ([
    [move, t('classes.move')],
    [edit, t('classes.edit')],
    [cancel, t(cancelled ? 'classes.restore' : 'classes.cancel')],
  ])) {
    setText(button, text);
    setAttribute(
      button,
      'aria-label',
      t('classes.of', { act: text, meeting: `${name}, ${dayInWords(dayOf(meeting.starts))}` }),
    );
  }
}

/** @param {number} weekday Monday is 0 */
function weekdayChoice(weekday) {
  const name = dayInWords(`2024-01-0${weekday + 1}`).split(/[ ,]/)[0]; // a week that began on a Monday
  return choice(String(weekday), name);
}
