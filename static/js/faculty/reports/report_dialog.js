// Downloads the attendance report.

import { byId, everyElement, saveFile, setHidden, setText, whileBusy } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { asProblem } from '../../logic/problems.js';
import { fileNameOf } from '../../logic/download.js';
import { weekStart } from '../../logic/time.js';
import { keyOfStudent } from '../named_student.js';

const TIMEOUT_MS = 120000;

/** @param {FacultyPage} page */
export function createReportDialog(page) {
  const dialog = byId('report-dialog');
  const from = byId('report-from');
  const to = byId('report-to');

  for (const button of everyElement('[data-days]')) {
    button.addEventListener('click', () => {
      const today = page.state.date;
      /** @type {Record<string, string>} */
      const first = { today, week: today && weekStart(today), all: '' };
      from.value = first[button.dataset.days ?? 'all'];
      to.value = button.dataset.days === 'all' ? '' : today;
      // The date fields change silently; who cannot see them is told.
      page.quietly(from.value ? `From ${from.value} to ${to.value}.` : 'All days.');
    });
  }
  byId('report-form').addEventListener('change', choose);
  byId('report-form').addEventListener('submit', (event) => {
    event.preventDefault();
    if (from.value && to.value && from.value > to.value) {
      problem('The first day is after the last. Swap them, or leave one empty.');
    } else whileBusy(byId('report-get'), download);
  });

  /** Show what belongs to the file that is chosen. */
  function choose() {
    const file = String(new FormData(byId('report-form')).get('file'));
    setHidden(byId('report-separators'), file !== 'csv');
    setText(byId('report-get-text'), t(`report.get_${file}`));
  }

  async function download() {
    problem('');
    setHidden(byId('report-busy'), false);
    try {
      const chosen = new FormData(byId('report-form'));
      const file = String(chosen.get('file'));
      const typed = byId('report-student').value.trim();
      const query = {
        from: from.value,
        to: to.value,
        student: typed && (await keyOfStudent(page, typed)),
        by_day: String(chosen.get('shape')),
        separator: file === 'csv' ? String(chosen.get('separator')) : '',
        methods: byId('report-methods').checked ? '1' : '',
      };
      const { data, headers } = await page.api.get(`/reports/attendance.${file}`, {
        query,
        as: 'blob',
        timeout: TIMEOUT_MS,
      });
      saveFile(data, fileNameOf(headers.get('Content-Disposition')) ?? `attendance.${file}`);
      dialog.close();
      page.said('The report is in your downloads.');
    } catch (error) {
      problem(asProblem(error).detail);
    }
    setHidden(byId('report-busy'), true);
  }

  /** @param {string} sentence */
  function problem(sentence) {
    setText(byId('report-problem'), sentence);
    setHidden(byId('report-problem'), sentence === '');
  }

  return {
    opening() {
      byId('report-methods').checked = false; // not kept for the next report
      const zone = page.health?.time_zone;
      setText(byId('report-zone'), zone ? `Times are in ${zone.replaceAll('_', ' ')}.` : '');
      setHidden(byId('report-busy'), true);
      problem('');
      choose();
    },
  };
}
