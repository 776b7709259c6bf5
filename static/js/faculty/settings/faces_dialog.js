// How reliably faces are recognised here, and whose should be registered again.

import { byId, closestTo, make, setHidden, setText } from '../../lib/dom.js';
import { accuracyWords, limitChoice, movingWords, pairWords, whyWeak } from '../../logic/faculty/faces_report.js';
import { mayAssist } from '../../logic/faculty/rights.js';
import { nameAndId } from '../../logic/names.js';
import { listedStudents } from '../students/roster_source.js';
import { asProblem } from '../../logic/problems.js';

/** @param {FacultyPage} page */
export function createFacesDialog(page) {
  byId('faces-weak').addEventListener('click', (event) => {
    const pressed = /** @type {HTMLButtonElement | null} */ (closestTo(event, 'button'));
    const key = pressed?.value;
    const student = page.state.students.find((one) => one.key === key);
    if (!student) return;
    byId('faces-dialog').close();
    page.register(student);
  });

  byId('faces-limit').addEventListener('click', async (event) => {
    problem('');
    try {
      const { data } = await page.api.put('/recognition/limit', {
        by: /** @type {HTMLInputElement} */ (event.target).value,
      });
      showAccuracy(data);
      byId('faces-sure-title').focus();
      page.said(data.loosened ? 'This site’s faces set the limit now.' : 'The models’ own limit holds again.');
    } catch (error) {
      problem(asProblem(error).detail);
    }
  });

  async function opening() {
    byId('faces-dialog-title').focus();
    problem('');
    const profile = page.health?.profile;
    showAccuracy(profile?.accuracy);
    setHidden(byId('faces-moving-part'), !profile?.moving);
    byId('faces-moving').replaceChildren(...sentences(movingWords(profile?.moving)));
    show({ weak: [], alike: [] }, 'Looking…', []);
    try {
      const { data } = await page.api.get('/reports/faces');
      const students = await listedStudents(page);
      show(data, data.weak.length === 0 ? 'Nobody needs to register again.' : '', students);
    } catch (error) {
      show({ weak: [], alike: [] }, '', []);
      problem(asProblem(error).detail);
    }
  }

  return { opening };
}

/** @param {Accuracy | null | undefined} accuracy */
function showAccuracy(accuracy) {
  byId('faces-sure').replaceChildren(...sentences(accuracyWords(accuracy)));
  const choice = limitChoice(accuracy);
  setHidden(byId('faces-limit-part'), choice === null);
  if (choice === null) return;
  setText(byId('faces-limit-words'), choice.words);
  setText(byId('faces-limit'), choice.act);
  byId('faces-limit').value = choice.by;
}

/** @param {string[]} words */
function sentences(words) {
  return words.map((text) => make('p', { text }));
}

/**
 * @param {FaceReport} report
 * @param {string} summary
 * @param {Student[]} students
 */
function show({ weak, alike }, summary, students) {
  const own = new Set(students.filter(mayAssist).map(({ key }) => key));
  setText(byId('faces-summary'), summary);
  byId('faces-weak').replaceChildren(...weak.map((one) => weakItem(one, own.has(one.student.key))));
  setHidden(byId('faces-alike-part'), alike.length === 0);
  byId('faces-alike').replaceChildren(
    ...alike.map((pair) => make('li', { className: 'px-4 py-2.5', text: pairWords(pair) })),
  );
}

/**
 * @param {WeakFace} weak
 * @param {boolean} mayRegister
 */
function weakItem(weak, mayRegister) {
  const { student } = weak;
  return make('li', { className: 'flex flex-wrap items-center gap-3 px-4 py-2.5' }, [
    make('div', { className: 'min-w-0 flex-1' }, [
      make('p', { className: 'font-medium break-words', text: nameAndId(student) }),
      ...whyWeak(weak).map((sentence) => make('p', { className: 'text-sm text-soft', text: sentence })),
    ]),
    ...(mayRegister ? [againButton(student)] : []),
  ]);
}

/** @param {StudentName} student */
function againButton({ key, name }) {
  return make('button', {
    type: 'button',
    className: 'btn',
    value: key,
    'aria-label': `Register again: ${name}`,
    text: 'Register again',
  });
}

/** @param {string} sentence */
function problem(sentence) {
  setText(byId('faces-dialog-problem'), sentence);
  setHidden(byId('faces-dialog-problem'), sentence === '');
}
