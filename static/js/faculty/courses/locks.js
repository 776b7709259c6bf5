// Locked days of a course: what is locked, one lock more, and a registrar's unlocking with a reason.

import { byId, make, setHidden, setText, whileBusy } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { mayTeach } from '../../logic/faculty/courses.js';
import { lockedBy, lockedDays } from '../../logic/faculty/locks.js';
import { Problem } from '../../logic/problems.js';
import { dayIn } from '../../logic/time.js';
import { confirmThen } from '../confirm.js';
import { clearFaults, showFaults } from '../messages.js';

/** @param {FacultyPage} page */
export function createLocks(page) {
  const form = byId('lock-form');
  const box = byId('lock-summary');
  const fields = { first_day: byId('lock-first'), last_day: byId('lock-last') };
  const unlockBox = byId('unlock-summary');
  const unlockFields = { reason: byId('unlock-reason') };
  /** @type {string | null} */
  let course = null;
  /** @type {CourseLock | null} the one that is being unlocked */
  let chosen = null;

  /** @param {Course} of */
  async function show(of) {
    if (course !== of.key) form.reset();
    course = of.key;
    clearFaults(box, fields);
    setHidden(form, !mayTeach(of, page.me?.roles ?? []));
    await load();
  }

  async function load() {
    const asked = course;
    /** @type {CourseLocks} */
    const { locks, may_unlock: may } = (await page.api.get(address())).data;
    if (asked !== course) return;
    setHidden(byId('locks-none'), locks.length > 0);
    byId('locks-list').replaceChildren(...locks.map((lock) => itemOf(lock, may)));
  }

  function address() {
    return `/courses/${encodeURIComponent(course ?? '')}/locks`;
  }

  /**
   * @param {CourseLock} lock
   * @param {boolean} may
   */
  function itemOf(lock, may) {
    const days = lockedDays(lock);
    const day = dayIn(Date.parse(lock.at), page.health?.time_zone);
    return make('li', { className: 'flex flex-wrap items-center justify-between gap-3 px-4 py-2' }, [
      make('p', { className: 'min-w-0' }, [
        make('span', { className: 'block font-medium', text: days }),
        make('span', { className: 'block text-sm text-soft break-words', text: lockedBy(lock, day) }),
      ]),
      ...(may ? [unlockButton(lock, days)] : []),
    ]);
  }

  /**
   * @param {CourseLock} lock
   * @param {string} days
   */
  function unlockButton(lock, days) {
    const label = t('members.of', { act: t('locks.unlock'), name: days });
    const button = make('button', { type: 'button', className: 'btn', 'aria-label': label, text: t('locks.unlock') });
    button.addEventListener('click', () => {
      chosen = lock;
      byId('unlock-form').reset();
      clearFaults(unlockBox, unlockFields);
      setText(byId('unlock-days'), days);
      byId('unlock-dialog').showModal();
      unlockFields.reason.focus();
    });
    return button;
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    clearFaults(box, fields);
    const days = { first_day: fields.first_day.value || null, last_day: fields.last_day.value };
    if (days.last_day === '') {
      const errors = [{ field: 'last_day', message: t('locks.missing_day') }];
      showFaults(box, new Problem({ code: 'invalid_input', detail: '', errors }), fields);
      return;
    }
    confirmThen({
      title: t('locks.sure', { days: lockedDays(days) }),
      words: t('locks.sure_text'),
      yes: t('locks.lock'),
      danger: false,
      act: () => lockDays(days),
    });
  });

  /** @param {{ first_day: string | null, last_day: string }} days */
  async function lockDays(days) {
    try {
      await page.api.post(address(), { json: days });
    } catch (error) {
      byId('confirm').close();
      showFaults(box, error, fields);
      return;
    }
    form.reset();
    await load();
    page.said(t('locks.locked'));
  }

  byId('unlock-form').addEventListener('submit', (event) => {
    event.preventDefault();
    whileBusy(byId('unlock-go'), unlock);
  });

  async function unlock() {
    if (!chosen) return;
    clearFaults(unlockBox, unlockFields);
    try {
      const reason = unlockFields.reason.value.trim();
      if (reason === '') {
        const errors = [{ field: 'reason', message: t('locks.missing_reason') }];
        throw new Problem({ code: 'invalid_input', detail: '', errors });
      }
      await page.api.post(`${address()}/${encodeURIComponent(chosen.key)}/unlock`, { json: { reason } });
      byId('unlock-dialog').close();
      await load();
      page.said(t('locks.unlocked'));
      byId('locks-title').focus();
    } catch (error) {
      showFaults(unlockBox, error, unlockFields);
    }
  }

  return { show };
}
