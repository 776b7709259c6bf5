// Asks who is who: whether an ID with another name is the same person's, and what IDs are that look damaged.

import { make, setHidden } from '../lib/dom.js';
import { t } from '../lib/messages.js';
import { damagedWords, handedWords, leavesOpen, peopleChosen } from '../logic/faculty/roster_plan.js';

/**
 * `box` is filled with the questions that a plan leaves open; `again` plans the same file with the answers.
 * @param {HTMLElement} box
 * @param {() => unknown} again
 */
export function createPeopleChoices(box, again) {
  /** @type {FileChoices} */
  let chosen = {};

  /**
   * Ask, if the plan leaves something open.
   * @param {RosterPlan} plan
   * @returns {boolean} whether it does
   */
  function ask(plan) {
    if (!leavesOpen(plan)) return false;
    const intro = make('p', { className: 'font-medium', tabindex: '-1', text: t('people.intro') });
    const form = formOf(plan, (answer) => {
      const found = peopleChosen(plan, answer, chosen);
      if (!found) return false;
      chosen = { ...chosen, ...found };
      setHidden(box, true);
      again();
      return true;
    });
    box.replaceChildren(intro, form);
    setHidden(box, false);
    intro.focus();
    return true;
  }

  return {
    ask,
    /** Forget the answers: another file asks something else. */
    clear() {
      chosen = {};
      setHidden(box, true);
    },
    get chosen() {
      return chosen;
    },
  };
}

/**
 * @param {RosterPlan} plan
 * @param {(answer: (name: string) => string | null) => boolean} answered false: one is missing
 */
function formOf({ handed, damaged }, answered) {
  const missing = make('p', { className: 'field-error', role: 'alert', hidden: '' });
  const form = make('form', { className: 'space-y-4', novalidate: '' }, [
    ...handed.map((each) =>
      question(handedWords(each), [], each.key, [
        ['same', t('people.same'), t('people.same_means')],
        ['another', t('people.another'), t('people.another_means')],
      ]),
    ),
    ...(damaged.length > 0
      ? [
          question(t('people.damaged_title', { count: damaged.length }), damaged.map(damagedWords), 'damaged', [
            ['listed', t('people.listed'), t('people.listed_means')],
            ['new', t('people.new'), t('people.new_means')],
          ]),
        ]
      : []),
    missing,
    make('button', { type: 'submit', className: 'btn btn-primary', text: t('people.go') }),
  ]);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const given = new FormData(form);
    const complete = answered((name) => /** @type {string | null} */ (given.get(name)));
    missing.textContent = complete ? '' : t('people.missing');
    setHidden(missing, complete);
    if (!complete) firstOpen(form)?.focus();
  });
  return form;
}

/**
 * The first choice of the first question without an answer.
 * @param {HTMLElement} form
 * @returns {HTMLElement | null | undefined}
 */
function firstOpen(form) {
  const open = [...form.querySelectorAll('fieldset')].find((each) => !each.querySelector(':checked'));
  return open?.querySelector('input');
}

/**
 * @param {string} words
 * @param {string[]} lines
 * @param {string} name
 * @param {[string, string, string][]} choices value, label, and what it does
 */
function question(words, lines, name, choices) {
  return make('fieldset', { className: 'space-y-1' }, [
    make('legend', { className: 'wrap-anywhere font-medium', dir: 'auto', text: words }),
    ...(lines.length > 0
      ? [
          make(
            'ul',
            {
              className: 'max-h-48 space-y-1 overflow-y-auto text-sm',
              tabindex: '0',
              role: 'list',
              'aria-label': words,
            },
            lines.map((text) => make('li', { className: 'wrap-anywhere', dir: 'auto', text })),
          ),
        ]
      : []),
    ...choices.map(([value, label, means]) => choice(name, value, label, means)),
  ]);
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string} label
 * @param {string} means
 */
function choice(name, value, label, means) {
  return make('label', { className: 'flex min-h-11 cursor-pointer items-start gap-3 py-2' }, [
    make('input', { type: 'radio', name, value, className: 'mt-0.5 size-5 shrink-0 accent-brand' }),
    make('span', { className: 'min-w-0' }, [
      make('span', { className: 'block', text: label }),
      make('span', { className: 'block text-sm text-soft', text: means }),
    ]),
  ]);
}
