// Merges two entries of one person: asks for the other one, shows both side by side, and what is combined.

import { byId, make, setHidden, setText } from '../lib/dom.js';
import { t } from '../lib/messages.js';
import { createTurns } from '../lib/turns.js';
import { entryLines, mergeQuestions, mergeSentences, SIDES } from '../logic/merging.js';
import { nameAndId } from '../logic/names.js';
import { asProblem, sentences } from '../logic/problems.js';
import { confirmThen } from './confirm.js';
import { keyOfStudent } from './named_student.js';

/**
 * @param {FacultyPage} page
 * @param {(merged: Student, gone: string) => void} done
 */
export function createMergeDialog(page, done) {
  const dialog = byId('merge-dialog');
  const form = byId('merge-form');
  const choices = byId('merge-choices');
  /** @type {Student | null} */
  let student = null;
  /** @type {{ plan: MergePlan, chosen: MergeChoice } | null} */
  let seen = null;
  const turns = createTurns();

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    look({ other: byId('merge-other').value.trim(), id_of: 'this', name_of: 'this' });
  });
  byId('merge-other').addEventListener('input', forget);
  choices.addEventListener('change', () => {
    if (seen) look({ ...seen.chosen, .../** @type {any} */ (Object.fromEntries(new FormData(choices))) });
  });
  byId('merge-go').addEventListener('click', () => {
    if (seen) ask(seen.plan, seen.chosen);
  });

  /** @param {Student} one */
  function open(one) {
    student = one;
    form.reset();
    forget();
    problem(null);
    setText(byId('merge-title'), t('merge.title', { student: nameAndId(one) }));
    dialog.showModal();
    byId('merge-other').focus();
  }

  function forget() {
    turns.end();
    seen = null;
    setHidden(byId('merge-busy'), true);
    setHidden(byId('merge-plan'), true);
    byId('merge-go').disabled = true;
  }

  /** @param {MergeChoice} chosen */
  async function look(chosen) {
    const one = student;
    if (!one) return;
    problem(null);
    if (chosen.other === '') {
      problem(t('merge.missing'));
      return;
    }
    const again = seen !== null;
    const wanted = turns.take();
    setHidden(byId('merge-busy'), false);
    try {
      const choice = { ...chosen, other: await keyOfStudent(page, chosen.other) };
      const { data } = await page.api.get(`${address(one)}/merge`, { query: { ...choice } });
      if (!wanted()) return;
      seen = { plan: data, chosen: choice };
      show(data, choice, again);
    } catch (error) {
      if (!wanted()) return;
      forget();
      problem(sentences(asProblem(error)).join(' '));
    } finally {
      if (wanted()) setHidden(byId('merge-busy'), true);
    }
  }

  /**
   * @param {MergePlan} plan
   * @param {MergeChoice} chosen
   * @param {boolean} again a choice has the focus, and keeps it
   */
  function show(plan, chosen, again) {
    byId('merge-entries').replaceChildren(...SIDES.map((side) => entryOf(plan[side])));
    if (!again) choices.replaceChildren(...mergeQuestions(plan).map((question) => questionOf(question, chosen)));
    byId('merge-after').replaceChildren(
      ...mergeSentences(plan).map((text) => make('li', { className: 'wrap-anywhere', text })),
    );
    setHidden(byId('merge-plan'), false);
    byId('merge-go').disabled = false;
    if (!again) byId('merge-plan').focus();
  }

  /**
   * @param {MergePlan} plan
   * @param {MergeChoice} chosen
   */
  function ask(plan, chosen) {
    const one = plan.this.student;
    confirmThen({
      title: t('merge.sure'),
      words: t('merge.sure_words', { one: nameAndId(one), other: nameAndId(plan.other.student) }),
      yes: t('merge.go'),
      danger: false,
      act: async () => {
        const { data } = await page.api.post(`${address(one)}/merge`, { json: chosen });
        dialog.close();
        done(data, data.key === one.key ? plan.other.student.key : one.key);
      },
    });
  }

  /** @param {string | null} words */
  function problem(words) {
    setText(byId('merge-problem'), words ?? '');
    setHidden(byId('merge-problem'), words === null);
    if (words !== null) byId('merge-other').focus();
  }

  return { open };
}

/** @param {MergedEntry} entry */
function entryOf(entry) {
  return make('div', { className: 'note min-w-0' }, [
    make('p', { className: 'wrap-anywhere font-medium', dir: 'auto', text: nameAndId(entry.student) }),
    ...(entry.student.email
      ? [make('p', { className: 'text-sm text-soft break-all', text: entry.student.email })]
      : []),
    make(
      'ul',
      { className: 'mt-1 text-sm', role: 'list' },
      entryLines(entry).map((text) => make('li', { text })),
    ),
  ]);
}

/**
 * @param {MergeQuestion} question
 * @param {MergeChoice} chosen
 */
function questionOf({ name, label, answers }, chosen) {
  return make('fieldset', { className: 'space-y-1' }, [
    make('legend', { className: 'font-medium', text: label }),
    ...SIDES.map((side, place) =>
      make('label', { className: 'flex min-h-11 cursor-pointer items-center gap-3' }, [
        make('input', {
          type: 'radio',
          name,
          value: side,
          className: 'size-5 shrink-0 accent-brand',
          ...((chosen[name] ?? 'this') === side && { checked: '' }),
        }),
        make('span', { className: 'wrap-anywhere', dir: 'auto', text: answers[place] }),
      ]),
    ),
  ]);
}

/** @param {Student} student */
function address(student) {
  return `/students/${encodeURIComponent(student.key)}`;
}
