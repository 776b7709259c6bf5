// Everything about one student: face, photo, name, attendance, and the ways off the list.

import { fillBadge } from '../../lib/badge.js';
import { byId, closestTo, saveFile, setHidden, setText } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { consentWords } from '../../logic/faculty/consent.js';
import { asProblem, sentences } from '../../logic/problems.js';
import { addressOf } from '../../logic/faculty/places.js';
import { actsOn, hasAgreed, shownOf } from '../../logic/faculty/rights.js';
import { faceWords, moreTimeWords, todayWords } from '../../logic/faculty/roster.js';
import { listedName, setOff } from '../../logic/names.js';
import { sendPhoto } from '../photos/photo_upload.js';
import { confirmThen, QUESTIONS } from '../confirm.js';
import { createHold } from '../holds.js';
import { recordConsents } from './consent_source.js';
import { createCorrections } from './corrections.js';
import { createLookAlikes } from './look_alikes.js';
import { createStudentRecords } from './student_records.js';

/**
 * @param {FacultyPage} page
 * @param {ExcusesDialog} excuses
 */
export function createStudentDialog(page, excuses) {
  const dialog = byId('student-dialog');
  const photo = byId('student-photo');
  const lookAlikes = createLookAlikes(page, update);
  const corrections = createCorrections(page, update);
  const records = createStudentRecords(page, { isShown, failed: problem });
  const hold = createHold(page, byId('student-hold'), 'GET /students/{key}/hold');
  /** @type {Student | null} */
  let shown = null;

  dialog.addEventListener('click', (event) => {
    const wanted = closestTo(event, '[data-do]')?.dataset.do;
    if (wanted && shown) acts[wanted](shown);
  });
  photo.addEventListener('change', () => {
    const file = photo.files?.[0];
    photo.value = '';
    if (file && shown) upload(shown, file);
  });
  byId('edit-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const student = shown;
    if (!student) return;
    const id = byId('edit-id').value.trim();
    const changes = {
      ...(id !== student.student_id && { student_id: id }),
      name: byId('edit-name').value.trim(),
      known_as: byId('edit-known-as').value.trim(),
      email: byId('edit-email').value.trim(),
    };
    busyWith(t('correct.saving'), async () => {
      const { data } = await page.api.patch(address(student), changes);
      update(data);
      page.quietly(t('correct.saved'));
    });
  });
  byId('attendance-more').addEventListener('click', () => {
    if (shown) records.load(shown, byId('attendance-more').dataset.after);
  });

  /** @type {Record<string, (student: Student) => unknown>} */
  const acts = {
    register(student) {
      dialog.close();
      page.register(student);
    },
    hand: (student) =>
      student.today
        ? page.cancelCheckIn(student, student.today).then(follow)
        : busyWith('Checking in…', () => page.checkInByHand(student).then(follow)),
    photo: () => photo.click(),
    'remove-face': (student) =>
      confirmThen({
        ...QUESTIONS.removeFace(student),
        act: async () => {
          const { data } = await page.api.remove(`${address(student)}/faces`);
          update(data);
          page.said(`The face of ${setOff(data.name)} is erased.`);
        },
      }),
    consent: (student) => (hasAgreed(student) ? withdraw(student) : recordConsent(student)),
    'more-time': (student) =>
      busyWith('Saving…', async () => {
        const { data } = await page.api.patch(address(student), { more_time: !student.more_time });
        update(data);
        page.quietly(moreTimeWords(data).done);
      }),
    code: (student) =>
      busyWith('Making a code…', async () => {
        if (!(await hasCode(student))) await newCode(student);
        else if (isShown(student)) confirmThen({ ...QUESTIONS.renewCode(student), act: () => renewCode(student) });
      }),
    excuses: async (student) => {
      const changed = await excuses.open(student, null, { may: true });
      if (changed && isShown(student)) records.load(student);
    },
    statement: ({ key }) => page.go(addressOf('sheets', { sheet: 'statement', of: key })),
    export: (student) =>
      busyWith('Collecting everything…', async () => {
        const { data } = await page.api.get(`${address(student)}/export`, { as: 'blob' });
        saveFile(data, `student-${student.key}.json`);
        page.quietly('The file is in your downloads.');
      }),
    remove: (student) =>
      confirmThen({
        ...QUESTIONS.remove(student),
        act: async () => {
          const { data } = await page.api.patch(address(student), { removed: true });
          leave(data, `${setOff(data.name)} is removed from the list.`);
        },
      }),
    erase: (student) =>
      confirmThen({
        ...QUESTIONS.erase(student),
        act: async (_, reason) => {
          await page.api.remove(`${address(student)}?reason=${encodeURIComponent(reason)}`);
          leave(student, 'The student is erased.');
        },
      }),
  };

  /**
   * Whether a new code would end one. Where that cannot be known, it may.
   * @param {Student} student
   */
  async function hasCode(student) {
    try {
      return (await page.api.get(`${address(student)}/alike`)).data.code_issued;
    } catch {
      return true;
    }
  }

  /** @param {Student} student */
  async function renewCode(student) {
    await newCode(student);
    byId('confirm').addEventListener('close', () => byId('student-code').focus(), { once: true });
  }

  /** @param {Student} student */
  async function newCode(student) {
    const { data } = await page.api.post(`${address(student)}/code`);
    if (!isShown(student)) return;
    setText(byId('student-code-digits'), `${data.code.slice(0, 3)} ${data.code.slice(3)}`);
    setHidden(byId('student-code'), false);
    byId('student-code').focus();
    lookAlikes.show(student);
  }

  /** @param {Student} student */
  function open(student) {
    shown = student;
    problem(null);
    setHidden(byId('student-busy'), true);
    setHidden(byId('student-code'), true);
    setText(byId('student-code-digits'), '');
    render(student);
    byId('student-corrections').open = false;
    dialog.showModal();
    byId('student-name').focus();
    hold.show(address(student));
    if (student.role !== null) records.load(student);
  }

  /** @param {Student} student */
  function recordConsent(student) {
    return busyWith('Recording the consent…', async () => {
      const [changed] = await recordConsents(page.api, [student.key], 'on_paper');
      update(changed);
      page.quietly('The consent is recorded.');
    });
  }

  /** @param {Student} student */
  function withdraw(student) {
    confirmThen({
      ...QUESTIONS.withdraw(student),
      act: async () => {
        const { data } = await page.api.remove(`${address(student)}/consent`);
        update(data);
        page.said(`The consent of ${setOff(data.name)} is withdrawn, and the face erased.`);
      },
    });
  }

  /** @param {Student} student */
  function isShown(student) {
    return shown?.key === student.key;
  }

  /** @param {Student} changed */
  function update(changed) {
    page.dispatch({ type: 'student', student: changed });
    if (!isShown(changed)) return;
    shown = changed;
    render(changed);
  }

  /** @param {Student} changed */
  function follow(changed) {
    update(changed);
    if (isShown(changed)) records.load(changed);
  }

  /**
   * @param {Student} gone
   * @param {string} sentence
   */
  function leave(gone, sentence) {
    page.dispatch({ type: 'gone', key: gone.key });
    dialog.close();
    page.said(sentence);
  }

  /** @param {Student} student */
  function render(student) {
    setText(byId('student-name'), listedName(student));
    setText(byId('student-line'), [student.student_id, student.email ?? ''].filter(Boolean).map(setOff).join(' · '));
    fillBadge(byId('student-face'), faceWords(student));
    fillBadge(byId('student-today'), todayWords(student));
    setText(action('register'), student.registered ? 'Register again by camera' : 'Register face by camera');
    setText(action('hand'), student.today ? 'Cancel check-in' : 'Check in by hand');
    action('hand').classList.toggle('btn-primary', !student.today);
    for (const [name, offered] of Object.entries(actsOn(student))) setHidden(action(name), !offered);
    const { face, consent } = shownOf(student);
    setHidden(byId('student-face'), !face);
    setHidden(byId('student-consent'), !consent);
    setHidden(byId('student-today'), student.role === null);
    setHidden(byId('student-attendance'), student.role === null);
    setText(action('consent'), hasAgreed(student) ? 'Withdraw consent' : 'Record consent, signed on paper');
    setText(action('more-time'), moreTimeWords(student).offer);
    setText(byId('student-consent'), consentWords(student));
    lookAlikes.show(student);
    corrections.show(student);
  }

  /** @param {string} name */
  function action(name) {
    return /** @type {HTMLElement} */ (dialog.querySelector(`[data-do="${name}"]`));
  }

  /**
   * @param {Student} student
   * @param {File} file
   * @param {boolean} [confirmOther]
   * @returns {Promise<void>}
   */
  function upload(student, file, confirmOther = false) {
    return busyWith('Looking at the photo…', async () => {
      try {
        const { student: changed } = await sendPhoto(page.api, student.key, file, confirmOther);
        update(changed);
        page.said(`${setOff(changed.name)} is registered from a photo.`);
      } catch (error) {
        const refused = asProblem(error);
        if (refused.code !== 'face_of_another') throw refused;
        confirmThen({
          ...QUESTIONS.faceOfAnother(student, refused.facts.other),
          act: () => upload(student, file, true),
        });
      }
    });
  }

  /**
   * @param {string} words
   * @param {() => Promise<void>} act
   */
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

  /** @param {unknown} error */
  function problem(error) {
    const box = byId('student-problem');
    setHidden(box, error === null);
    if (error === null) return;
    setText(box, sentences(asProblem(error)).join(' '));
    box.focus();
  }

  return { open };
}

/** @param {Student} student */
function address(student) {
  return `/students/${encodeURIComponent(student.key)}`;
}
