// Draws the dialog that registers faces.

import { announce, byId, setAttribute, setHidden, setText } from '../../lib/dom.js';
import { askWords } from '../../logic/faculty/consent.js';
import { progressOf, selected } from '../../logic/faculty/enrol.js';
import { nameAndId, setOff } from '../../logic/names.js';
import { countOf } from '../../logic/faculty/roster.js';
import { hintFor, instruction } from '../../logic/instructions.js';
import { setMove } from '../../lib/moves.js';

const HINT_PAUSE_MS = 2500;
/** @type {Asked} */
const BEFORE = { state: 'neutral', accepted: [] };

export function createRegisterFacesView() {
  let spoken = '';
  let hintSpokenAt = 0;
  let phaseBefore = 'closed';

  /** @param {FaceRegistration} state */
  function render(state) {
    const { phase, challenge } = state;
    const student = selected(state);
    setAttribute(byId('register-body'), 'data-phase', phase);
    if (!student || state.phase === 'closed') return;
    setText(byId('register-name'), student.name);
    setText(byId('register-id'), student.student_id);
    setAttribute(
      byId('register-body'),
      'data-action',
      phase === 'running' ? (challenge?.action ?? 'look_straight') : '',
    );
    renderConsent(state);
    renderSaved(state);
    renderAsked(state);
    renderTrouble(state);
    renderChoices(state);
    renderButtons(state);
    speak(state);
    if (phase !== phaseBefore) moveFocus(phase);
    phaseBefore = phase;
  }

  /** @param {OpenFaceRegistration} state */
  function speak(state) {
    const sentence = sentenceFor(state);
    if (sentence && sentence !== spoken) {
      spoken = sentence;
      announce(byId('register-live'), sentence);
      return;
    }
    const words = state.phase === 'running' ? hintFor(state.challenge) : '';
    if (words && Date.now() - hintSpokenAt > HINT_PAUSE_MS) {
      hintSpokenAt = Date.now();
      announce(byId('register-live'), words);
    }
  }

  return { render };
}

/**
 * Enter must always do the next sensible thing, so the main button takes the focus whenever it has one.
 * @param {FaceRegistration['phase']} phase
 */
function moveFocus(phase) {
  if (phase === 'ready' || phase === 'done') byId('register-go').focus();
  else if (phase === 'consent') byId('register-consent-ask').focus();
  else if (phase === 'running') byId('register-name').focus();
  else if (phase === 'trouble' || phase === 'other') byId('register-trouble').focus();
}

/** @param {OpenFaceRegistration} state */
function sentenceFor(state) {
  switch (state.phase) {
    case 'consent':
      return askWords(state.student);
    case 'opening':
      return 'Opening the camera.';
    case 'ready':
      return `${setOff(state.student.name)}. Press Enter to start.`;
    case 'running':
      return instruction(state.challenge ?? BEFORE).text;
    case 'saving':
      return 'Saving.';
    case 'done':
      return doneWords(state);
    default:
      return '';
  }
}

/** @param {SavedFace} saved */
function savedWords({ name, faces, weak, alike }) {
  const poor = weak ? ' The pictures were poor: in better light and closer to the camera, register again.' : '';
  const code = alike ? ' Somebody else looks alike: give both a personal code, under “More”.' : '';
  return `${setOff(name)} is registered from ${countOf(faces, 'picture')}. The pictures themselves are not kept.${poor}${code}`;
}

/** @param {{ saved: SavedFace, upcoming: Student | null }} state */
function doneWords({ saved, upcoming }) {
  const then = upcoming ? `Next: ${setOff(upcoming.name)}. Press Enter to start.` : 'Everyone is registered.';
  return `${savedWords(saved)} ${then}`;
}

/** @param {OpenFaceRegistration} state */
function renderConsent({ phase, student }) {
  setHidden(byId('register-consent'), phase !== 'consent');
  if (phase === 'consent') setText(byId('register-consent-ask'), askWords(student));
}

/** @param {OpenFaceRegistration} state */
function renderSaved({ phase, saved }) {
  setHidden(byId('register-saved'), phase !== 'done' || !saved);
  if (saved) setText(byId('register-saved-text'), savedWords(saved));
}

/** @param {OpenFaceRegistration} state */
function renderAsked(state) {
  const { phase, challenge } = state;
  const quiet = phase === 'trouble' || phase === 'other' || phase === 'consent';
  setHidden(byId('register-stage'), quiet);
  setHidden(byId('register-opening'), phase !== 'opening');
  const { text, picture } = askedWords(state);
  setText(byId('register-text'), text);
  setMove(byId('register-move'), picture);
  const words = phase === 'running' ? hintFor(challenge) : '';
  setText(byId('register-hint'), words);
  setHidden(byId('register-hint'), words === '');
  const { done, total, text: count } = progressOf(challenge);
  setHidden(byId('register-progress'), phase !== 'running' || total === 0);
  setText(byId('register-count'), count);
  byId('register-meter').max = Math.max(1, total);
  byId('register-meter').value = done;
}

/** @param {OpenFaceRegistration} state */
function askedWords({ phase, challenge, student, upcoming }) {
  switch (phase) {
    case 'opening':
      return { text: 'One moment…', picture: 'look_straight' };
    case 'ready':
      return { text: readyWords(student), picture: 'look_straight' };
    case 'running':
      return instruction(challenge ?? BEFORE);
    case 'saving':
      return { text: 'Saving…', picture: 'done' };
    default:
      return upcoming
        ? { text: `Next: ${readyWords(upcoming)}`, picture: 'look_straight' }
        : { text: 'Everyone is registered.', picture: 'done' };
  }
}

/** @param {Student} student */
function readyWords({ name }) {
  return `${setOff(name)} looks at the camera. Then press Start.`;
}

/** @param {OpenFaceRegistration} state */
function renderTrouble({ phase, trouble, other, student }) {
  setHidden(byId('register-trouble'), phase !== 'trouble' && phase !== 'other');
  if (phase === 'trouble') {
    setText(byId('register-trouble-title'), trouble.title);
    setText(byId('register-trouble-text'), trouble.detail);
  } else if (phase === 'other') {
    setText(byId('register-trouble-title'), `This face is already registered to ${nameAndId(other)}`);
    setText(
      byId('register-trouble-text'),
      `Is ${setOff(student.name)} really in front of the camera? If they are two people who look alike, register: from then on both type their personal code, too, when they check in by face.`,
    );
  }
}

/** @param {FaceRegistration} state */
function renderChoices({ phase, student }) {
  setHidden(byId('register-choices'), phase !== 'ready');
  setHidden(byId('register-add-choice'), !student?.registered);
}

const GO = {
  consent: 'Agreed in person',
  opening: 'Start',
  ready: 'Start',
  running: 'Looking…',
  saving: 'Saving…',
  other: 'Try again',
  trouble: 'Try again',
};

/** @param {OpenFaceRegistration} state */
function renderButtons({ phase, upcoming }) {
  const go = byId('register-go');
  setText(go, phase === 'done' ? (upcoming ? 'Start the next' : 'Close') : GO[phase]);
  go.disabled = phase === 'opening' || phase === 'running' || phase === 'saving';
  setHidden(byId('register-other'), phase !== 'other');
  setHidden(byId('register-paper'), phase !== 'consent');
  byId('register-paper').disabled = false;
  setHidden(byId('register-skip'), phase === 'running' || phase === 'saving' || (phase === 'done' && !upcoming));
}
