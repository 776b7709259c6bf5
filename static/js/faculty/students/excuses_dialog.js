// A student's excuses, in one course or in all: those that hold, ended and undone here, and a new one.

import { byId, closestTo, make, setHidden, setText, whileBusy } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { classesInWords, classWords, daysToChooseFrom, excuseBody } from '../../logic/faculty/excuses.js';
import { Problem } from '../../logic/problems.js';
import { dayIn } from '../../logic/time.js';
import { confirmThen } from '../confirm.js';
import { clearFaults, showFaults } from '../messages.js';
import { excuseItem } from './excuse_item.js';

const PREVIEW_AFTER_MS = 400;

/**
 * @param {FacultyPage} page
 * @returns {ExcusesDialog}
 */
export function createExcusesDialog(page) {
  const dialog = byId('excuses-dialog');
  const form = byId('excuse-form');
  const box = byId('excuse-summary');
  const list = byId('excuses-list');
  const fields = {
    first_day: byId('excuse-first'),
    first_time: byId('excuse-from'),
    last_day: byId('excuse-last'),
    last_time: byId('excuse-until'),
    reason: byId('excuse-reason'),
    note: byId('excuse-note'),
  };
  /** @type {{ student: StudentName, course: Course | null } | null} */
  let asked = null;
  /** @type {Excuse[]} */
  let excuses = [];
  let changed = false;
  let previewed = 0;

  /** @param {string} path */
  function ofStudent(path) {
    return `/students/${encodeURIComponent(asked?.student.key ?? '')}${path}`;
  }

  function toExcuse() {
    const student = encodeURIComponent(asked?.student.key ?? '');
    return asked?.course
      ? `/courses/${encodeURIComponent(asked.course.key)}/members/${student}/excuses`
      : ofStudent('/excuses');
  }

  async function load() {
    const of = asked;
    const { data } = await page.api.get(ofStudent('/excuses'));
    if (of === asked) draw(data.excuses);
  }

  /** @param {Excuse[]} listed */
  function draw(listed) {
    excuses = listed;
    const today = dayIn(Date.now(), page.health?.time_zone);
    setHidden(byId('excuses-loading'), true);
    setHidden(byId('excuses-none'), listed.length > 0);
    setHidden(list, listed.length === 0);
    list.replaceChildren(...listed.map((excuse) => excuseItem(excuse, today)));
  }

  /** What can be chosen: the site's reasons, and the classes of the course or of the student. */
  async function loadChoices() {
    const of = asked;
    const course = of?.course ?? null;
    const settings = (await page.api.get('/attendance-settings')).data;
    const choices = course ? await choicesOf(course) : await choicesOfStudent();
    if (of !== asked) return;
    fields.reason.replaceChildren(
      make('option', { value: '', text: t(settings.excused_needs_reason ? 'excuse.choose' : 'mark.no_remark') }),
      ...settings.reasons.map((/** @type {SiteReason} */ { code, text }) => make('option', { value: code, text })),
    );
    byId('excuse-classes-list').replaceChildren(...choices);
    setHidden(byId('excuse-by-classes'), choices.length === 0);
  }

  /** @param {Course} course */
  async function choicesOf(course) {
    /** @type {Meeting[]} */
    const meetings = (await page.api.get(`/courses/${encodeURIComponent(course.key)}/meetings`)).data.meetings;
    const held = meetings.filter(({ phase }) => phase !== 'cancelled');
    return held.map((meeting) => classChoice(meeting.key, t('excuse.class', classWords({ ...meeting, code: '' }))));
  }

  async function choicesOfStudent() {
    const days = daysToChooseFrom(dayIn(Date.now(), page.health?.time_zone));
    /** @type {ExcusedClass[]} */
    const classes = (await page.api.post(`${toExcuse()}?preview=1`, { json: days })).data.classes;
    return classes.map((one) => {
      const { day, time, title } = classWords(one);
      return classChoice(one.key, t('excuse.class_of', { code: one.code, day, time, title }));
    });
  }

  function typed() {
    const kind = /** @type {TypedExcuse['kind']} */ (String(new FormData(form).get('excuse-kind') ?? 'days'));
    const boxes = /** @type {NodeListOf<HTMLInputElement>} */ (
      byId('excuse-classes-list').querySelectorAll('input:checked')
    );
    const texts = Object.fromEntries(Object.entries(fields).map(([name, input]) => [name, input.value]));
    const meetings = [...boxes].map(({ value }) => value);
    return /** @type {TypedExcuse} */ ({ ...texts, kind, meetings });
  }

  function showKind() {
    const { kind } = typed();
    setHidden(byId('excuse-days'), kind === 'classes');
    for (const id of /** @type {const} */ (['excuse-from-field', 'excuse-until-field'])) {
      setHidden(byId(id), kind !== 'hours');
    }
    setHidden(byId('excuse-classes'), kind !== 'classes');
  }

  /** Say which classes it would be for, as soon as the form is complete. */
  async function preview() {
    previewed += 1;
    const mine = previewed;
    await new Promise((done) => {
      setTimeout(done, PREVIEW_AFTER_MS);
    });
    if (mine !== previewed || !asked) return;
    const when = excuseBody({ ...typed(), reason: '', note: '' });
    let words = '';
    try {
      words = classesInWords((await page.api.post(`${toExcuse()}?preview=1`, { json: when })).data.classes);
    } catch {
      // not complete yet: what is at fault is said when it is sent
    }
    if (mine === previewed) setText(byId('excuse-covers'), words);
  }

  /** @param {() => Promise<unknown>} act */
  async function change(act) {
    await act();
    changed = true;
    await load();
  }

  form.addEventListener('input', () => {
    showKind();
    preview();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    whileBusy(byId('excuse-save'), async () => {
      clearFaults(box, fields);
      try {
        const wanted = typed();
        if (wanted.kind === 'classes' && wanted.meetings.length === 0) throw noClass();
        await change(() => page.api.post(toExcuse(), { json: excuseBody(wanted) }));
        reset();
        page.said(t('excuse.saved', { name: asked?.student.name ?? '' }));
        byId('excuses-title').focus();
      } catch (error) {
        showFaults(box, error, fields);
      }
    });
  });

  list.addEventListener('submit', (event) => {
    event.preventDefault();
    const excuse = excuseOf(event);
    const end = /** @type {HTMLFormElement} */ (event.target);
    if (!excuse) return;
    const last = String(new FormData(end).get('last_day') ?? '');
    const problem = /** @type {HTMLElement} */ (end.querySelector('[data-part="problem"]'));
    whileBusy(/** @type {HTMLElement} */ (end.querySelector('button')), async () => {
      setHidden(problem, true);
      try {
        await change(() => page.api.patch(ofStudent(`/excuses/${encodeURIComponent(excuse.id)}`), { last_day: last }));
        page.said(t('excuse.ended'));
        byId('excuses-title').focus();
      } catch (error) {
        showFaults(problem, error, {});
      }
    });
  });
  list.addEventListener('click', (event) => {
    const excuse = excuseOf(event);
    const act = closestTo(event, '[data-do]')?.dataset.do;
    if (!excuse || !act) return;
    const name = asked?.student.name ?? '';
    confirmThen({
      title: t(`excuse.${act}_title`, { name }),
      goes: t(`excuse.${act}_goes`),
      stays: t(`excuse.${act}_stays`),
      yes: t(`excuse.${act}_yes`),
      act: async () => {
        const id = encodeURIComponent(excuse.id);
        await change(() => page.api.remove(ofStudent(act === 'undo' ? `/excuses/${id}` : `/notes/${id}`)));
        page.said(t(`excuse.${act}_done`));
      },
    });
  });

  /**
   * @param {Event} event
   * @returns {Excuse | undefined}
   */
  function excuseOf(event) {
    const id = closestTo(event, '[data-excuse]')?.dataset.excuse;
    return excuses.find((excuse) => excuse.id === id);
  }

  function reset() {
    form.reset();
    clearFaults(box, fields);
    setText(byId('excuse-covers'), '');
    previewed += 1;
    showKind();
  }

  dialog.addEventListener('close', () => {
    asked = null;
    list.replaceChildren();
    answer(changed);
  });
  /** @type {(changed: boolean) => void} */
  let answer = () => {};

  return {
    open(student, course, { may, day }) {
      asked = { student, course };
      changed = false;
      setText(byId('excuses-title'), t('excuse.title', { name: student.name }));
      setText(byId('excuses-where'), course ? t('excuse.in_course', { code: course.code }) : t('excuse.everywhere'));
      setText(byId('excuse-note-hint'), t(course ? 'excuse.note_hint' : 'excuse.note_hint_all'));
      setHidden(byId('excuses-loading'), false);
      setHidden(byId('excuses-none'), true);
      setHidden(list, true);
      setHidden(form, !may);
      setHidden(byId('excuse-by-classes'), true);
      reset();
      if (day) for (const field of [fields.first_day, fields.last_day]) field.value = day;
      dialog.showModal();
      byId('excuses-title').focus();
      Promise.all([load(), may ? loadChoices() : null, may && day ? preview() : null]).catch((error) => {
        setHidden(byId('excuses-loading'), true);
        showFaults(byId('excuses-problem'), error, {});
      });
      setHidden(byId('excuses-problem'), true);
      return new Promise((resolve) => {
        answer = resolve;
      });
    },
  };
}

function noClass() {
  const message = t('excuse.choose_class');
  return new Problem({ code: 'invalid_input', detail: '', errors: [{ field: 'meetings', message }] });
}

/**
 * @param {string} key
 * @param {string} text
 */
function classChoice(key, text) {
  return make('label', { className: 'flex min-h-11 items-center gap-3 py-1' }, [
    make('input', { type: 'checkbox', className: 'size-5 shrink-0 accent-brand', value: key }),
    make('span', { className: 'min-w-0 wrap-anywhere', text }),
  ]);
}
