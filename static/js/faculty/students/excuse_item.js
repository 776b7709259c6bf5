// One excuse in the list: when it holds, for which classes, and why, which opens by a press.

import { make } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { classesInWords, excuseTimes } from '../../logic/faculty/excuses.js';
import { dayPlus } from '../../logic/time.js';

/**
 * @param {Excuse} excuse
 * @param {string} today
 */
export function excuseItem(excuse, today) {
  const where = excuse.course === null ? t('excuse.everywhere') : (excuse.code ?? '');
  return make('li', { className: 'space-y-2 px-4 py-3', 'data-excuse': excuse.id }, [
    make('p', { className: 'font-medium tabular', text: excuseTimes(excuse) }),
    make('p', { className: 'text-sm text-soft', text: t('excuse.line', { where, by: excuse.by }) }),
    make('p', { className: 'text-sm wrap-anywhere', text: classesInWords(excuse.classes) }),
    ...(excuse.may_change
      ? [why(excuse), ...(mayEnd(excuse) ? [ending(excuse, today)] : []), undo()]
      : [make('p', { className: 'text-sm', text: t('excuse.approved') })]),
  ]);
}

/** @param {Excuse} excuse */
function why({ reason, note }) {
  const texts = [reason, note].filter((text) => text !== null);
  const shown = texts.length > 0 ? texts : [t('excuse.no_reason')];
  return make('details', {}, [
    summary(t('excuse.why')),
    ...shown.map((text) => make('p', { className: 'wrap-anywhere', dir: 'auto', text })),
    ...(texts.length > 0 ? [button('erase', t('excuse.erase'))] : []),
  ]);
}

/**
 * An excuse for one day alone is undone, not ended.
 * @param {Excuse} excuse
 */
function mayEnd({ first_day: first, last_day: last }) {
  return first === null || first !== last;
}

/**
 * @param {Excuse} excuse
 * @param {string} today
 */
function ending({ id, first_day: first, last_day: last }, today) {
  const input = make('input', { id: `excuse-end-${id}`, name: 'last_day', type: 'date', className: 'field' });
  const latest = last ? dayPlus(last, -1) : today;
  const day = today < latest ? today : latest;
  input.value = first && day < first ? first : day;
  return make('details', {}, [
    summary(t('excuse.end')),
    make('form', { className: 'mt-1 space-y-2', novalidate: '' }, [
      make('div', { className: 'note note-bad', role: 'alert', tabindex: '-1', 'data-part': 'problem', hidden: '' }),
      make('label', { className: 'field-label', for: input.id, text: t('excuse.last_day') }),
      make('div', { className: 'flex flex-wrap gap-2' }, [
        make('div', { className: 'min-w-40 flex-1' }, [input]),
        make('button', { type: 'submit', className: 'btn', text: t('excuse.end_yes') }),
      ]),
    ]),
  ]);
}

function undo() {
  return button('undo', t('excuse.undo'));
}

/** @param {string} text */
function summary(text) {
  return make('summary', { className: 'min-h-6 w-fit cursor-pointer text-brand underline underline-offset-4', text });
}

/**
 * @param {string} act
 * @param {string} text
 */
function button(act, text) {
  return make('button', { type: 'button', className: 'btn px-3 text-sm', 'data-do': act, text });
}
