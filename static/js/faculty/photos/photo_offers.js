// Photos whose file names have an ID among other things: somebody says which of them are right before they are sent.

import { byId, make, setHidden } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';

/** @param {(marked: PhotoResult[]) => void} send */
export function createPhotoOffers(send) {
  const all = byId('photos-all');
  /** @type {PhotoResult[]} */
  let offered = [];

  /** @param {PhotoResult[]} results */
  function show(results) {
    offered = results;
    setHidden(byId('photos-offers'), results.length === 0);
    byId('photos-offered').replaceChildren(...results.map(itemOf));
    update();
  }

  function boxes() {
    return [...byId('photos-offered').querySelectorAll('input')];
  }

  function update() {
    const marked = boxes().filter(({ checked }) => checked).length;
    all.checked = marked > 0 && marked === offered.length;
    all.indeterminate = marked > 0 && marked < offered.length;
    byId('photos-use').disabled = marked === 0;
  }

  all.addEventListener('change', () => {
    for (const box of boxes()) box.checked = all.checked;
    update();
  });
  byId('photos-offered').addEventListener('change', update);
  byId('photos-use').addEventListener('click', () => {
    const marked = boxes().flatMap((box, place) => (box.checked ? [offered[place]] : []));
    for (const result of marked) result.state = 'waiting';
    send(marked);
  });

  return { show };
}

/** @param {PhotoResult} result */
function itemOf({ name, student }) {
  return make('li', {}, [
    make('label', { className: 'flex items-start gap-3 px-4 py-3 text-sm' }, [
      make('input', { type: 'checkbox', className: 'size-5 shrink-0 accent-brand' }),
      make('span', { className: 'min-w-0' }, [
        make('span', { className: 'block font-mono break-all', dir: 'auto', translate: 'no', text: name }),
        make('span', { className: 'block wrap-anywhere' }, [
          t('photos.of'),
          ' ',
          make('bdi', { className: 'font-medium', dir: 'auto', translate: 'no', text: student?.name ?? '' }),
          ' ',
          make('bdi', {
            className: 'font-mono text-soft',
            dir: 'auto',
            translate: 'no',
            text: student?.student_id ?? '',
          }),
        ]),
      ]),
    ]),
  ]);
}
