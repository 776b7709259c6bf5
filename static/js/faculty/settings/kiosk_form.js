// Name, room and kind of one kiosk, as a form in the list of kiosks.

import { make } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { missingFields } from '../forms.js';
import { clearFaults, showFaults } from '../messages.js';

/**
 * @param {FacultyPage} page
 * @param {Kiosk} kiosk
 * @param {{ closed: () => void, changed: (name: string) => Promise<void> }} done
 */
export function createKioskForm(page, kiosk, { closed, changed }) {
  const box = make('div', { className: 'note note-bad', role: 'alert', tabindex: '-1', hidden: '' });
  const name = make('input', { id: `kiosk-name-${kiosk.key}`, className: 'field', autocomplete: 'off' });
  const room = make('input', { id: `kiosk-room-${kiosk.key}`, className: 'field', autocomplete: 'off' });
  const entrance = make('input', { id: `kiosk-entrance-${kiosk.key}`, type: 'checkbox' });
  const fields = { name, room };
  const cancel = make('button', { type: 'button', className: 'btn', text: t('kiosks.cancel') });
  const form = make('form', { className: 'space-y-4 pt-4', novalidate: '', autocomplete: 'off', hidden: '' }, [
    box,
    make('div', { className: 'grid gap-4 sm:grid-cols-2' }, [
      labelled(name, t('kiosks.name')),
      labelled(room, t('kiosks.room')),
    ]),
    make('label', { className: 'switch', for: entrance.id }, [
      entrance,
      make('span', { text: t('kiosks.at_entrance') }),
    ]),
    make('p', { className: 'text-sm text-soft', text: t('kiosks.rooms_hint') }),
    make('div', { className: 'flex flex-wrap gap-2' }, [
      make('button', { type: 'submit', className: 'btn btn-primary', text: t('kiosks.save') }),
      cancel,
    ]),
  ]);

  function reset() {
    clearFaults(box, fields);
    name.value = kiosk.name;
    room.value = kiosk.room ?? '';
    entrance.checked = kiosk.entrance;
  }

  cancel.addEventListener('click', () => {
    reset();
    closed();
  });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    clearFaults(box, fields);
    const missing = missingFields({ name }, { name: t('kiosks.no_name') });
    if (missing) {
      showFaults(box, missing, fields);
      return;
    }
    try {
      const json = { name: name.value.trim(), room: room.value.trim() || null, entrance: entrance.checked };
      const { data } = await page.api.patch(`/kiosks/${encodeURIComponent(kiosk.key)}`, json);
      await changed(data.name);
    } catch (error) {
      showFaults(box, error, fields);
    }
  });
  reset();
  return form;
}

/**
 * @param {HTMLInputElement} input
 * @param {string} words
 */
function labelled(input, words) {
  return make('div', {}, [make('label', { className: 'field-label', for: input.id, text: words }), input]);
}
