// Who teaches a course: from when, until when, and as what.

import { byId, make, setHidden, whileBusy } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { mayTeach, serviceWords, staffInOrder } from '../../logic/faculty/courses.js';
import { Problem } from '../../logic/problems.js';
import { dayIn } from '../../logic/time.js';
import { clearFaults, showFaults } from '../messages.js';

/**
 * @param {FacultyPage} page
 * @param {() => Course | null} course
 */
export function wireStaffDialog(page, course) {
  const dialog = byId('staff-dialog');
  const box = byId('staff-summary');
  const fields = {
    account: byId('staff-account'),
    first_day: byId('staff-first'),
    last_day: byId('staff-last'),
  };
  /** @type {Course | null} */
  let shown = null;

  byId('course-staff').addEventListener('click', async () => {
    const asked = course();
    shown = asked;
    if (!asked) return;
    clearFaults(box, fields);
    setHidden(byId('staff-form'), !mayChange());
    byId('staff-list').replaceChildren();
    dialog.showModal();
    try {
      const { staff } = (await page.api.get(address())).data;
      if (asked === shown && dialog.open) render(staff);
    } catch (error) {
      if (asked !== shown) return;
      dialog.close();
      page.wentWrong(t('staff.not_loaded'), error);
    }
  });

  function mayChange() {
    return shown !== null && mayTeach(shown, page.me?.roles ?? []);
  }

  function address() {
    return `/courses/${encodeURIComponent(shown?.key ?? '')}/staff`;
  }

  /** @param {CourseStaffMember[]} staff */
  function render(staff) {
    const today = dayIn(Date.now(), page.health?.time_zone);
    const may = mayChange();
    byId('staff-list').replaceChildren(
      ...staffInOrder(staff, today).map((one) => {
        const over = one.last_day !== null && one.last_day < today;
        const line = `${t(`staff.${one.role}`)} · ${serviceWords(one)}`;
        return make('li', { className: 'flex items-center justify-between gap-3 px-4 py-2' }, [
          make('p', { className: 'min-w-0' }, [
            make('span', {
              className: 'block font-medium wrap-anywhere',
              text: one.name,
              dir: 'auto',
              translate: 'no',
            }),
            make('span', { className: 'block text-sm text-soft tabular', text: line }),
          ]),
          ...(may && !over ? [endButton(one)] : []),
        ]);
      }),
    );
  }

  /** @param {CourseStaffMember} member */
  function endButton({ account, name }) {
    const label = t('members.of', { act: t('staff.end'), name });
    const button = make('button', { type: 'button', className: 'btn', 'aria-label': label, text: t('staff.end') });
    button.addEventListener('click', () =>
      whileBusy(button, async () => {
        clearFaults(box, fields);
        try {
          render((await page.api.remove(`${address()}/${encodeURIComponent(account)}`)).data.staff);
          page.quietly(t('staff.ended', { name }));
          byId('staff-title').focus();
        } catch (error) {
          showFaults(box, error, fields);
        }
      }),
    );
    return button;
  }

  byId('staff-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    clearFaults(box, fields);
    try {
      const account = fields.account.value.trim();
      if (account === '') {
        const errors = [{ field: 'account', message: t('staff.missing') }];
        throw new Problem({ code: 'invalid_input', detail: '', errors });
      }
      const days = { first_day: fields.first_day.value || null, last_day: fields.last_day.value || null };
      render((await page.api.put(address(), { account, role: byId('staff-role').value, ...days })).data.staff);
      page.quietly(t('staff.saved', { name: account }));
      byId('staff-form').reset();
    } catch (error) {
      showFaults(box, error, fields);
    }
  });
}
