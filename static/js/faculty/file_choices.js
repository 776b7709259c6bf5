// Asks what a file does not say: in which encoding its names are right, and what its columns hold.

import { make, setHidden } from '../lib/dom.js';
import { t } from '../lib/messages.js';
import { COLUMN_ROLES, columnsChosen, questionOf, widthOf } from '../logic/faculty/file_choices.js';
import { asProblem } from '../logic/problems.js';

/**
 * `box` is filled with the question; `again` sends the same file with what was chosen so far.
 * @param {HTMLElement} box
 * @param {(choices: FileChoices) => unknown} again
 */
export function createFileChoices(box, again) {
  /** @type {FileChoices} */
  let chosen = {};

  /**
   * Ask, if the refusal is a question.
   * @param {unknown} error
   * @returns {boolean} whether it was one
   */
  function ask(error) {
    const problem = asProblem(error);
    const question = questionOf(problem);
    if (!question) return false;
    const answer = (/** @type {FileChoices} */ more) => {
      chosen = { ...chosen, ...more };
      setHidden(box, true);
      again(chosen);
    };
    const intro = make('p', { className: 'font-medium', tabindex: '-1', text: problem.detail });
    const form = question.ask === 'encoding' ? encodingForm(question, answer) : columnsForm(question, answer);
    box.replaceChildren(intro, form);
    setHidden(box, false);
    intro.focus();
    return true;
  }

  return {
    ask,
    /** Forget what was chosen: another file may need something else. */
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
 * @param {EncodingQuestion} question
 * @param {(choices: FileChoices) => void} answer
 */
function encodingForm({ encodings }, answer) {
  const form = make('form', { className: 'space-y-3', novalidate: '' }, [
    make('fieldset', { className: 'space-y-1' }, [
      make('legend', { className: 'sr-only', text: t('file.encoding') }),
      ...encodings.map(encodingChoice),
    ]),
    make('button', { type: 'submit', className: 'btn btn-primary', text: t('file.use') }),
  ]);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    answer({ encoding: String(new FormData(form).get('encoding')) });
  });
  return form;
}

/**
 * @param {LikelyEncoding} likely
 * @param {number} at
 */
function encodingChoice({ encoding, label, lines }, at) {
  const radio = make('input', {
    type: 'radio',
    name: 'encoding',
    value: encoding,
    className: 'mt-0.5 size-5 accent-brand',
  });
  radio.checked = at === 0;
  return make('label', { className: 'flex min-h-11 cursor-pointer items-start gap-3 py-2' }, [
    radio,
    make('span', { className: 'min-w-0' }, [
      make('span', { className: 'block', text: label }),
      ...lines.map(([, text]) => make('bdi', { className: 'block font-mono text-sm text-soft wrap-anywhere', text })),
    ]),
  ]);
}

/**
 * @param {ColumnsQuestion} question
 * @param {(choices: FileChoices) => void} answer
 */
function columnsForm({ header, rows, roles }, answer) {
  const places = [...Array(widthOf(rows)).keys()];
  const selects = places.map((place) => roleSelect(place, roles[place + 1] ?? ''));
  const heads = headerSelect(rows, header);
  const wrong = make('p', { className: 'field-error', role: 'alert', hidden: '' });
  const form = make('form', { className: 'space-y-3', novalidate: '' }, [
    make('label', { className: 'block' }, [make('span', { className: 'field-label', text: t('file.header') }), heads]),
    make(
      'div',
      {
        className: 'overflow-x-auto rounded-control border border-line',
        role: 'region',
        tabindex: '0',
        'aria-label': t('file.rows'),
      },
      [
        make('table', { className: 'text-left text-sm' }, [
          make('thead', {}, [
            make(
              'tr',
              {},
              selects.map((select) => make('th', { className: 'p-2 font-normal', scope: 'col' }, [select])),
            ),
          ]),
          make(
            'tbody',
            {},
            rows.map(({ cells }) => rowOf(places.map((place) => cells[place] ?? ''))),
          ),
        ]),
      ],
    ),
    wrong,
    make('button', { type: 'submit', className: 'btn btn-primary', text: t('file.use') }),
  ]);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const found = columnsChosen(
      selects.map(({ value }) => /** @type {ColumnRole | ''} */ (value)),
      Number(heads.value),
    );
    setHidden(wrong, !('wrong' in found));
    if ('wrong' in found) wrong.textContent = t(`file.${found.wrong}`);
    else answer(found);
  });
  return form;
}

/** @param {string[]} cells */
function rowOf(cells) {
  return make(
    'tr',
    { className: 'border-t border-line' },
    cells.map((text) => make('td', { className: 'max-w-48 truncate px-3 py-1.5', dir: 'auto', text })),
  );
}

/**
 * @param {number} place
 * @param {ColumnRole | ''} role
 */
function roleSelect(place, role) {
  const select = make('select', { className: 'field min-w-36', 'aria-label': t('file.column', { number: place + 1 }) });
  for (const value of /** @type {(ColumnRole | '')[]} */ (['', ...COLUMN_ROLES])) {
    select.append(make('option', { value, text: t(`file.role_${value || 'none'}`) }));
  }
  select.value = role;
  return select;
}

/**
 * @param {FileRow[]} rows
 * @param {number} header
 */
function headerSelect(rows, header) {
  const select = make('select', { className: 'field sm:max-w-72' });
  select.append(
    make('option', { value: '0', text: t('file.no_header') }),
    ...rows.map(({ line }) => make('option', { value: String(line), text: t('file.line', { line }) })),
  );
  select.value = String(header || (rows[0]?.line ?? 0));
  return select;
}
