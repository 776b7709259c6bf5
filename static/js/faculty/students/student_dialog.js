// Everything about one student: face, photo, name, attendance, and the ways off the list.

import { byId, closestTo, icon, make, saveFile, setHidden, setText } from '../../lib/dom.js';
import { consentWords } from '../../logic/faculty/consent.js';
import { asProblem, sentences } from '../../logic/problems.js';
import { faceWords, todayWords } from '../../logic/faculty/roster.js';
import { dayInWords } from '../../logic/time.js';
import { sendPhoto } from './photo_upload.js';
import { confirmThen, QUESTIONS } from '../confirm.js';
import { recordConsents } from './consent_source.js';
import { createLookAlikes } from './look_alikes.js';
import { fillBadge } from './roster_view.js';

const RECORDS = 20;

export function createStudentDialog(page) {
  const dialog = byId('student-dialog');
  const photo = byId('student-photo');
  const lookAlikes = createLookAlikes(page, update);
  let student = null;

  dialog.addEventListener('click', (event) => {
    const wanted = closestTo(event, '[data-do]')?.dataset.do;
    if (wanted && student) acts[wanted]();
  });
  photo.addEventListener('change', () => {
    const file = photo.files?.[0];
    photo.value = '';
    if (file) upload(file);
  });
  byId('edit-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const changes = { name: byId('edit-name').value.trim(), email: byId('edit-email').value.trim() };
    busyWith('Saving…', async () => {
      const { data } = await page.api.patch(address(), changes);
      update(data);
      page.quietly('The changes are saved.');
    });
  });
  byId('attendance-more').addEventListener('click', () => loadAttendance(byId('attendance-more').dataset.after));

  const acts = {
    register() {
      dialog.close();
      page.register(student);
    },
    hand: () =>
      student.today
        ? page.cancelCheckIn(student).then(follow)
        : busyWith('Checking in…', () => page.checkInByHand(student).then(follow)),
    photo: () => photo.click(),
    'remove-face': () =>
      confirmThen({
        ...QUESTIONS.removeFace(student),
        act: async () => {
          const { data } = await page.api.remove(`${address()}/faces`);
          update(data);
          page.said(`The face of ${data.name} is removed.`);
        },
      }),
    consent: () =>
      student.consent.state === 'given' || student.consent.state === 'outdated' ? withdraw() : recordConsent(),
    code: () =>
      busyWith('Making a code…', async () => {
        const { data } = await page.api.post(`${address()}/code`);
        setText(byId('student-code-digits'), `${data.code.slice(0, 3)} ${data.code.slice(3)}`);
        setHidden(byId('student-code'), false);
        byId('student-code').focus();
        lookAlikes.show(student);
      }),
    export: () =>
      busyWith('Collecting everything…', async () => {
        const { data } = await page.api.get(`${address()}/export`, { as: 'blob' });
        saveFile(data, `student-${student.key}.json`);
        page.quietly('The file is in your downloads.');
      }),
    remove: () =>
      confirmThen({
        ...QUESTIONS.remove(student),
        act: async () => {
          const { data } = await page.api.patch(address(), { removed: true });
          leave(data, `${data.name} is removed from the list.`);
        },
      }),
    erase: () =>
      confirmThen({
        ...QUESTIONS.erase(student),
        act: async () => {
          await page.api.remove(address());
          leave(student, 'The student is erased.');
        },
      }),
  };

  function open(chosen) {
    student = chosen;
    problem(null);
    setHidden(byId('student-busy'), true);
    setHidden(byId('student-code'), true);
    setText(byId('student-code-digits'), '');
    render();
    /** @type {HTMLDetailsElement} */ (byId('edit-form').parentElement).open = false;
    dialog.showModal();
    byId('student-name').focus();
    loadAttendance();
  }

  function recordConsent() {
    return busyWith('Recording the consent…', async () => {
      const [changed] = await recordConsents(page.api, [student.key], 'on_paper');
      update(changed);
      page.quietly('The consent is recorded.');
    });
  }

  function withdraw() {
    confirmThen({
      ...QUESTIONS.withdraw(student),
      act: async () => {
        const { data } = await page.api.remove(`${address()}/consent`);
        update(data);
        page.said(`The consent of ${data.name} is withdrawn, and the face erased.`);
      },
    });
  }

  function address() {
    return `/students/${encodeURIComponent(student.key)}`;
  }

  function update(changed) {
    if (!changed) return;
    page.dispatch({ type: 'student', student: changed });
    if (changed.key !== student.key) return;
    student = changed;
    render();
  }

  function follow(changed) {
    update(changed);
    loadAttendance();
  }

  function leave(gone, sentence) {
    page.dispatch({ type: 'gone', key: gone.key });
    dialog.close();
    page.said(sentence);
  }

  function render() {
    setText(byId('student-name'), student.name);
    setText(byId('student-line'), [student.student_id, student.email].filter(Boolean).join(' · '));
    fillBadge(byId('student-face'), faceWords(student));
    fillBadge(byId('student-today'), todayWords(student));
    setText(action('register'), student.registered ? 'Register again by camera' : 'Register face by camera');
    setText(action('hand'), student.today ? 'Cancel check-in' : 'Check in by hand');
    setHidden(action('remove-face'), !(student.registered || student.needs_again));
    const given = student.consent.state === 'given' || student.consent.state === 'outdated';
    setText(action('consent'), given ? 'Withdraw consent' : 'Record consent, signed on paper');
    setText(byId('student-consent'), consentWords(student));
    lookAlikes.show(student);
    byId('edit-name').value = student.name;
    byId('edit-email').value = student.email ?? '';
  }

  function action(name) {
    return /** @type {HTMLElement} */ (dialog.querySelector(`[data-do="${name}"]`));
  }

  function upload(file, confirmOther = false) {
    return busyWith('Looking at the photo…', async () => {
      try {
        const { student: changed } = await sendPhoto(page.api, student.key, file, confirmOther);
        update(changed);
        page.said(`${changed.name} is registered from a photo.`);
      } catch (error) {
        const refused = asProblem(error);
        if (refused.code !== 'face_of_another') throw refused;
        confirmThen({ ...QUESTIONS.faceOfAnother(student, refused.facts.other), act: () => upload(file, true) });
      }
    });
  }

  async function busyWith(words, act) {
    problem(null);
    setText(/** @type {Element} */ (byId('student-busy').lastElementChild), words);
    setHidden(byId('student-busy'), false);
    try {
      await act();
    } catch (error) {
      problem(error);
    } finally {
      setHidden(byId('student-busy'), true);
    }
  }

  function problem(error) {
    const box = byId('student-problem');
    setHidden(box, error === null);
    if (error === null) return;
    setText(box, sentences(asProblem(error)).join(' '));
    box.focus();
  }

  async function loadAttendance(after) {
    const mine = student.key;
    if (!after) byId('attendance-list').replaceChildren();
    setHidden(byId('attendance-busy'), false);
    setHidden(byId('attendance-empty'), true);
    setHidden(byId('attendance-more'), true);
    try {
      const { data } = await page.api.get(`${address()}/attendance`, { query: { limit: RECORDS, after } });
      if (student.key === mine) showAttendance(data);
    } catch (error) {
      if (student.key === mine) problem(error);
    } finally {
      setHidden(byId('attendance-busy'), true);
    }
  }

  return { open };
}

function showAttendance({ records, next }) {
  const list = byId('attendance-list');
  const items = records.map(itemOf);
  const further = list.children.length > 0;
  list.append(...items);
  setHidden(list, list.children.length === 0);
  setHidden(byId('attendance-empty'), list.children.length > 0);
  const more = byId('attendance-more');
  more.dataset.after = next ?? '';
  setHidden(more, !next);
  if (further) items[0]?.focus(); // the button may be gone
}

function itemOf(record) {
  const how = {
    kiosk: record.kiosk ? `at ${record.kiosk}` : 'at a kiosk',
    by_hand: 'by hand',
    cancellation: 'a check-in was cancelled',
  }[record.method];
  const line = make(
    'li',
    { className: 'flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 text-sm tabular', tabindex: '-1' },
    [
      make('span', { className: 'font-medium', text: `${dayInWords(record.date)}, ${record.local_time}` }),
      make('span', { className: 'text-soft', text: `${how}${record.by ? `, by ${record.by}` : ''}` }),
    ],
  );
  if (record.cancelled) line.append(make('span', { className: 'badge badge-warn' }, [icon('cross'), 'Cancelled']));
  return line;
}
