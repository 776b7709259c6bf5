// To decide: visitors, requests of students and self-registrations, the oldest first.

import { byId, icon, make, setHidden, setText, whileBusy } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { answeredWords, askedWords, classWords, decisionKey, dueWords } from '../../logic/faculty/decisions.js';
import { addressOf, writePlace } from '../../logic/faculty/places.js';
import { asProblem } from '../../logic/problems.js';
import { createKeyedRows } from '../keyed_rows.js';
import { createAnswerDialog } from './answer_dialog.js';
import { watchDecisions } from './decisions.js';
import { setOff } from '../../logic/names.js';

/** @param {FacultyPage} page */
export function createDecidePlace(page) {
  const rows = createKeyedRows(byId('decide-list'), { key: decisionKey, make: () => make('li', {}), fill });
  const watch = watchDecisions(page.api, {
    changed,
    failed: (error) => problem(asProblem(error).detail),
  });
  const answer = createAnswerDialog(page, (decision, accepted) => done(decision, accepted));

  /** @param {DecisionList} list */
  function changed({ items, counts }) {
    problem('');
    setHidden(byId('decide-loading'), true);
    setHidden(byId('decide-none'), counts.total > 0);
    setText(byId('decide-more'), t('decide.more', { count: counts.total - items.length }));
    setHidden(byId('decide-more'), counts.total === items.length);
    rows.render(items);
  }

  /** @param {string} sentence */
  function problem(sentence) {
    setText(byId('decide-problem'), sentence);
    setHidden(byId('decide-problem'), sentence === '');
  }

  /**
   * @param {HTMLElement} row
   * @param {Decision} decision
   */
  function fill(row, decision) {
    const { student, request, overdue } = decision;
    row.className = 'flex flex-wrap items-start gap-x-5 gap-y-3 px-4 py-4 sm:px-5';
    row.replaceChildren(
      make('div', { className: 'min-w-48 flex-1 basis-64 space-y-1' }, [
        make('h2', {
          className: 'font-medium break-words',
          text: `${setOff(student.name)} (${setOff(student.student_id)})`,
        }),
        line(askedWords(decision), 'break-words'),
        line(classWords(decision), 'text-sm text-soft break-words'),
        line(request?.text ? t('decide.quoted', { text: request.text }) : '', 'break-words'),
        line(answeredWords(decision), 'text-sm text-soft break-words'),
        ...(overdue ? [overdueBadge(decision)] : [line(dueWords(decision), 'text-sm text-soft')]),
      ]),
      make('div', { className: 'flex flex-wrap gap-2' }, buttons(decision)),
    );
  }

  /** @param {Decision} decision */
  function buttons(decision) {
    if (decision.kind === 'self_registration') return [linkTo(decision, 'decide.look', addressOf('students'))];
    if (decision.kind === 'request') {
      return [
        button(decision, 'decide.accept', 'btn btn-primary', () => open(decision, true)),
        button(decision, 'decide.decline', 'btn', () => open(decision, false)),
      ];
    }
    return [
      button(decision, 'decide.accept', 'btn btn-primary', () => settleVisit(decision, true)),
      button(decision, 'decide.decline', 'btn', () => settleVisit(decision, false)),
      linkTo(decision, 'decide.open_class', addressOf('today', { meeting: decision.meeting?.key ?? null })),
    ];
  }

  /**
   * @param {Decision} decision
   * @param {boolean} accept
   */
  async function open(decision, accept) {
    try {
      await answer(decision, accept);
    } catch (error) {
      page.wentWrong(t('decide.not_done'), error);
    }
  }

  /**
   * @param {Decision} decision
   * @param {boolean} accept
   */
  async function settleVisit(decision, accept) {
    const address = `/meetings/${encodeURIComponent(decision.meeting?.key ?? '')}`;
    const student = decision.student.key;
    try {
      if (accept) await page.api.post(`${address}/visitors`, { json: { students: [student] } });
      else {
        const json = { marks: [{ student, status: 'declined', replaces: null }] };
        await page.api.post(`${address}/marks`, { json });
      }
      await done(decision, accept);
    } catch (error) {
      page.wentWrong(t('decide.not_done'), error);
      await watch.now();
    }
  }

  /**
   * @param {Decision} decision
   * @param {boolean} accepted
   */
  async function done({ student }, accepted) {
    page.said(t(accepted ? 'decide.accepted' : 'decide.declined', { name: student.name }));
    await watch.now();
    byId('decide-title').focus();
  }

  return { start: watch.start, place: { show: () => void watch.now(), leave() {}, refresh: watch.now } };
}

/**
 * @param {string} text
 * @param {string} className
 */
function line(text, className) {
  return make('p', { className: `${className} empty:hidden`, text });
}

/** @param {Decision} decision */
function overdueBadge(decision) {
  return make('p', {}, [
    make('span', { className: 'badge badge-warn' }, [icon('alert'), make('span', { text: dueWords(decision) })]),
  ]);
}

/**
 * @param {Decision} decision
 * @param {string} key
 * @param {string} className
 * @param {() => Promise<void>} act
 */
function button({ student }, key, className, act) {
  const made = make('button', { type: 'button', className, text: t(key) }, [
    make('span', { className: 'sr-only', text: ` ${setOff(student.name)}` }),
  ]);
  made.addEventListener('click', () => whileBusy(made, act));
  return made;
}

/**
 * @param {Decision} decision
 * @param {string} key
 * @param {PlaceAddress} to
 */
function linkTo({ student }, key, to) {
  return make('a', { className: 'btn', href: writePlace(to), text: t(key) }, [
    make('span', { className: 'sr-only', text: ` ${setOff(student.name)}` }),
  ]);
}
