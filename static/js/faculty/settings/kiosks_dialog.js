// The kiosks: pairing by the six digits that a kiosk shows, a key for a program, name and room, revoking.

import { byId, make, setHidden, setText } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { may } from '../../logic/faculty/rights.js';
import { asProblem } from '../../logic/problems.js';
import { lastSeen } from '../../logic/time.js';
import { confirmThen, QUESTIONS } from '../confirm.js';
import { missingFields } from '../forms.js';
import { clearFaults, showFaults } from '../messages.js';
import { createKioskForm } from './kiosk_form.js';
import { setOff } from '../../logic/names.js';

/** @param {FacultyPage} page */
export function createKiosksDialog(page) {
  const list = byId('kiosks-list');
  const pairing = {
    form: byId('pair-form'),
    box: byId('pair-summary'),
    fields: { code: byId('pair-code'), name: byId('pair-name') },
  };
  const program = { form: byId('program-form'), box: byId('program-summary'), fields: { name: byId('program-name') } };

  pairing.form.addEventListener('submit', (event) =>
    add(event, pairing, ({ kiosk }) => {
      page.said(`${setOff(kiosk.name)} is paired and ready for check-ins.`);
    }),
  );
  program.form.addEventListener('submit', (event) =>
    add(event, program, ({ key }) => {
      byId('program-key').value = key ?? '';
      setHidden(byId('program-key-field'), false);
      byId('program-key').select();
    }),
  );
  byId('kiosks-say').addEventListener('change', async () => {
    const shows = byId('kiosks-say').checked;
    try {
      await page.api.patch('/attendance-settings', { kiosk_shows_status: shows });
      problem('');
      page.said(t(shows ? 'kiosks.status_shown' : 'kiosks.status_hidden'));
    } catch (error) {
      byId('kiosks-say').checked = !shows;
      problem(asProblem(error).detail);
    }
  });
  byId('kiosks-dialog').addEventListener('close', () => {
    for (const { form, box, fields } of [pairing, program]) {
      form.reset();
      clearFaults(box, fields);
    }
    byId('program-key').value = '';
    setHidden(byId('program-key-field'), true);
  });

  /**
   * @param {SubmitEvent} event
   * @param {FacultyForm} entry
   * @param {(added: NewKiosk) => void} done
   */
  async function add(event, { form, box, fields }, done) {
    event.preventDefault();
    clearFaults(box, fields);
    const missing = missingFields(fields, {
      code: 'Type the six digits that the kiosk shows.',
      name: 'Type a name, such as its room.',
    });
    if (missing) {
      showFaults(box, missing, fields);
      return;
    }
    try {
      const json = Object.fromEntries(Object.entries(fields).map(([name, input]) => [name, input.value.trim()]));
      const { data } = await page.api.post('/kiosks', { json });
      form.reset();
      await opening();
      done(data);
    } catch (error) {
      showFaults(box, error, fields);
    }
  }

  async function opening() {
    problem('');
    setHidden(byId('kiosks-busy'), list.children.length > 0);
    try {
      const [{ data }, site] = await Promise.all([page.api.get('/kiosks'), page.api.get('/attendance-settings')]);
      byId('kiosks-say').checked = site.data.kiosk_shows_status;
      list.replaceChildren(...data.kiosks.map(itemOf));
      setHidden(list, data.kiosks.length === 0);
      setHidden(byId('kiosks-empty'), data.kiosks.length > 0);
    } catch (error) {
      problem(asProblem(error).detail);
    } finally {
      setHidden(byId('kiosks-busy'), true);
    }
  }

  /** @param {Kiosk} kiosk */
  function itemOf(kiosk) {
    const mayRevoke = may(page.me, 'DELETE /kiosks/{key}');
    const revoke = make('button', { type: 'button', className: 'btn text-sm text-bad', text: 'Revoke' });
    revoke.append(make('span', { className: 'sr-only', text: ` ${setOff(kiosk.name)}` }));
    revoke.addEventListener('click', () =>
      confirmThen({
        ...QUESTIONS.revokeKiosk(kiosk),
        act: async () => {
          await page.api.remove(`/kiosks/${encodeURIComponent(kiosk.key)}`);
          page.said(`${setOff(kiosk.name)} is revoked.`);
          await opening();
        },
      }),
    );
    const change = make('button', { type: 'button', className: 'btn text-sm', 'aria-expanded': 'false' }, [
      make('span', { 'aria-hidden': 'true', text: t('kiosks.change') }),
      make('span', { className: 'sr-only', text: t('kiosks.change_of', { name: kiosk.name }) }),
    ]);
    const form = createKioskForm(page, kiosk, {
      closed() {
        setHidden(form, true);
        change.setAttribute('aria-expanded', 'false');
        change.focus();
      },
      async changed(name) {
        await opening();
        page.said(t('kiosks.changed', { name }));
        focusOn(kiosk.key);
      },
    });
    change.addEventListener('click', () => {
      setHidden(form, !form.hidden);
      change.setAttribute('aria-expanded', String(!form.hidden));
      if (!form.hidden) form.querySelector('input')?.focus();
    });
    return make('li', { className: 'px-4 py-3', 'data-kiosk': kiosk.key }, [
      make('div', { className: 'flex flex-wrap items-center justify-between gap-x-4 gap-y-2' }, [
        make('span', { className: 'min-w-0 flex-1 basis-40' }, [
          make('span', { className: 'block font-medium break-words', text: kiosk.name, dir: 'auto', translate: 'no' }),
          make('span', { className: 'block text-sm break-words', text: roomOf(kiosk) }),
          make('span', {
            className: 'block text-sm text-soft',
            text: lastSeen(kiosk.last_seen, page.health?.time_zone),
          }),
        ]),
        make('span', { className: 'flex gap-2' }, mayRevoke ? [change, revoke] : [change]),
      ]),
      form,
    ]);
  }

  /** @param {string} key */
  function focusOn(key) {
    const item = [...list.children].find((each) => /** @type {HTMLElement} */ (each).dataset.kiosk === key);
    item?.querySelector('button')?.focus();
  }

  /** @param {string} sentence */
  function problem(sentence) {
    setText(byId('kiosks-problem'), sentence);
    setHidden(byId('kiosks-problem'), sentence === '');
  }

  return { opening };
}

/** @param {Kiosk} kiosk */
function roomOf({ room, entrance }) {
  const where = room ?? (entrance ? '' : t('kiosks.no_room'));
  return [where, entrance ? t('kiosks.entrance') : ''].filter(Boolean).join(' · ');
}
