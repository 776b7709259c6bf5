// A course's students and its groups: who is in it, from when, and who joins or leaves.

import { byId, closestTo, copyOf, make, part, refill, setAttribute, setHidden, setText } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { isMemberOn, mayTeach } from '../../logic/faculty/courses.js';
import { matches } from '../../logic/faculty/meeting_register.js';
import { asProblem, Problem } from '../../logic/problems.js';
import { dayIn, dayInWords } from '../../logic/time.js';
import { confirmThen } from '../confirm.js';
import { createKeyedRows } from '../keyed_rows.js';
import { clearFaults, showFaults } from '../messages.js';
import { wireCourseRoster } from './course_roster.js';
import { setOff } from '../../logic/names.js';

/**
 * @param {FacultyPage} page
 * @param {ExcusesDialog} excuses
 * @param {(course: Course) => void} download
 * @returns {CourseTabView}
 */
export function createMembersTab(page, excuses, download) {
  /** @type {Course | null} */
  let course = null;
  /** @type {CourseMember[]} */
  let members = [];
  /** @type {UndoableImport | null} */
  let undoable = null;
  let today = '';
  /** @type {CourseMember | null} whose groups are being chosen */
  let chosen = null;
  const rows = createKeyedRows(byId('members-rows'), {
    key: (/** @type {DrawnMember} */ member) => member.student.key,
    make: () => copyOf('member-row'),
    fill: fillRow,
  });
  const idField = { student_id: byId('member-id'), name: byId('member-name'), first_day: byId('member-first') };
  const nameField = { name: byId('group-name') };

  /** @param {Course} of */
  async function show(of) {
    course = of;
    byId('members-search').placeholder = t('register.search_hint');
    today = dayIn(Date.now(), page.health?.time_zone);
    setHidden(byId('members-tools'), !mayChange(of));
    await load();
  }

  async function load() {
    const asked = course;
    if (!asked) return;
    const { data } = await page.api.get(`${address(asked)}/members`);
    if (asked !== course) return;
    ({ members, undoable } = data);
    render();
  }

  /** @param {Course} of */
  function mayChange(of) {
    return mayTeach(of, page.me?.roles ?? []) && !of.archived;
  }

  function render() {
    if (!course) return;
    const of = course;
    const { groups } = of;
    const may = mayChange(course);
    const all = byId('members-left').checked;
    const shown = members.filter(
      (one) => (all || isMemberOn(one, today)) && matches(one.student, byId('members-search').value),
    );
    setHidden(byId('members-none'), members.length > 0);
    setHidden(byId('members-table'), shown.length === 0);
    setText(byId('members-count'), t('members.count', { count: shown.length }));
    rows.render(
      shown.map((one) => ({
        ...one,
        names: groups.filter(({ key }) => one.groups.includes(key)).map(({ name }) => name),
        mayExcuse: mayTeach(of, page.me?.roles ?? []),
        mayGroup: may && groups.length > 0,
        mayLeave: may && isMemberOn(one, today),
      })),
    );
    renderGroups(groups);
    roster.showUndo(may ? undoable : null);
  }

  /** @param {CourseGroup[]} groups */
  function renderGroups(groups) {
    refill(byId('groups-list'), JSON.stringify(groups), () =>
      groups.map(({ key, name }) =>
        make('li', { className: 'flex items-center justify-between gap-3 px-4 py-2' }, [
          make('span', { className: 'min-w-0 wrap-anywhere', text: setOff(name) }),
          make('button', {
            type: 'button',
            className: 'btn',
            value: key,
            'aria-label': t('members.of', { act: t('members.group_remove'), name }),
            text: t('members.group_remove'),
          }),
        ]),
      ),
    );
  }

  async function reloadCourse() {
    const asked = course;
    if (!asked) return;
    const { data } = await page.api.get(address(asked));
    if (asked !== course) return;
    course = data;
    await load();
  }

  byId('members-download').addEventListener('click', () => course && download(course));
  byId('members-search').addEventListener('input', render);
  byId('members-left').addEventListener('change', render);
  byId('members-rows').addEventListener('click', (event) => {
    const act = closestTo(event, '[data-do]')?.dataset.do;
    const key = closestTo(event, 'tr')?.dataset.key;
    const member = members.find(({ student }) => student.key === key);
    if (!act || !member) return;
    if (act === 'excuses') excuses.open(member.student, course, { may: course !== null && mayChange(course) });
    else if (act === 'groups') askGroups(member);
    else askLeave(member);
  });

  /** @param {CourseMember} member */
  function askLeave({ student }) {
    const { name } = student;
    confirmThen({
      title: t('members.leave_title', { name }),
      goes: t('members.leave_goes', { name }),
      stays: t('members.leave_stays'),
      yes: t('members.leave_yes'),
      day: t('members.last_day'),
      act: async (_also, _reason, day) => {
        const until = day ? `?last_day=${day}` : '';
        if (course) await page.api.remove(`${address(course)}/members/${encodeURIComponent(student.key)}${until}`);
        page.said(day ? t('members.leaves', { name, day: dayInWords(day) }) : t('members.left', { name }));
        await load();
      },
    });
  }

  /** @param {CourseMember} member */
  function askGroups(member) {
    chosen = member;
    setText(byId('member-groups-title'), t('members.member_groups', { name: member.student.name }));
    setHidden(byId('member-groups-problem'), true);
    byId('member-groups-list').replaceChildren(
      ...(course?.groups ?? []).map(({ key, name }) => {
        const box = make('input', { type: 'checkbox', className: 'size-5 accent-brand', value: key });
        box.checked = member.groups.includes(key);
        return make('label', { className: 'flex min-h-11 items-center gap-3' }, [box, setOff(name)]);
      }),
    );
    byId('member-groups-dialog').showModal();
  }

  byId('member-groups-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!chosen || !course) return;
    const boxes = /** @type {NodeListOf<HTMLInputElement>} */ (
      byId('member-groups-list').querySelectorAll('input:checked')
    );
    const { student } = chosen;
    try {
      const groups = [...boxes].map(({ value }) => value);
      await page.api.patch(`${address(course)}/members/${encodeURIComponent(student.key)}`, { groups });
      byId('member-groups-dialog').close();
      page.said(t('members.groups_saved', { name: student.name }));
      await load();
    } catch (error) {
      setText(byId('member-groups-problem'), asProblem(error).detail);
      setHidden(byId('member-groups-problem'), false);
    }
  });
  byId('member-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!course) return;
    clearFaults(byId('member-summary'), idField);
    try {
      throwIfEmpty(idField.student_id, 'student_id', t('members.missing_id'));
      const json = {
        student_id: idField.student_id.value.trim(),
        name: idField.name.value.trim() || null,
        first_day: idField.first_day.value || null,
        groups: [],
      };
      const { data } = await page.api.post(`${address(course)}/members`, { json });
      byId('member-dialog').close();
      page.said(t('members.added', { name: data.student.name }));
      await load();
    } catch (error) {
      if (asProblem(error).code === 'name_needed') setHidden(byId('member-name-field'), false);
      showFaults(byId('member-summary'), error, idField);
    }
  });
  byId('member-dialog').addEventListener('close', () => {
    byId('member-form').reset();
    clearFaults(byId('member-summary'), idField);
    setHidden(byId('member-name-field'), true); // the next student may be one of the lecturer's own
  });
  byId('group-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!course) return;
    clearFaults(byId('group-summary'), nameField);
    try {
      throwIfEmpty(nameField.name, 'name', t('members.group_missing'));
      await page.api.post(`${address(course)}/groups`, { json: { name: nameField.name.value.trim() } });
      byId('group-form').reset();
      await reloadCourse();
    } catch (error) {
      showFaults(byId('group-summary'), error, nameField);
    }
  });
  byId('groups-list').addEventListener('click', async (event) => {
    const button = /** @type {HTMLButtonElement | null} */ (closestTo(event, 'button'));
    if (!button || !course) return;
    try {
      await page.api.remove(`${address(course)}/groups/${encodeURIComponent(button.value)}`);
      await reloadCourse();
      byId('groups-title').focus();
    } catch (error) {
      showFaults(byId('group-summary'), error, nameField);
    }
  });
  const roster = wireCourseRoster(page, { course: () => course, imported: reloadCourse });

  return {
    show,
    leave() {
      course = null;
    },
  };
}

/** @param {Course} course */
function address({ key }) {
  return `/courses/${encodeURIComponent(key)}`;
}

/**
 * @param {HTMLInputElement} input
 * @param {string} field
 * @param {string} message
 */
function throwIfEmpty(input, field, message) {
  if (input.value.trim() !== '') return;
  throw new Problem({ code: 'invalid_input', detail: '', errors: [{ field, message }] });
}

/**
 * @param {HTMLElement} row
 * @param {DrawnMember} member
 */
function fillRow(row, { student, first_day: first, last_day: last, names, mayExcuse, mayGroup, mayLeave }) {
  setText(part(row, 'name'), student.name);
  setText(part(row, 'id'), student.student_id);
  setText(part(row, 'groups'), names.map(setOff).join(', '));
  const from = dayInWords(first);
  setText(
    part(row, 'since'),
    last ? t('members.span', { first: from, last: dayInWords(last) }) : t('members.from', { first: from }),
  );
  const [excuse, groups, leave] = /** @type {NodeListOf<HTMLElement>} */ (row.querySelectorAll('button'));
  setHidden(excuse, !mayExcuse);
  setHidden(groups, !mayGroup);
  setHidden(leave, !mayLeave);
  for (const [button, act] of /** @type {const} */ ([
    [excuse, t('excuse.open')],
    [groups, t('members.change_groups')],
    [leave, t('members.leave')],
  ])) {
    setText(button, act);
    setAttribute(button, 'aria-label', t('members.of', { act, name: student.name }));
  }
}
