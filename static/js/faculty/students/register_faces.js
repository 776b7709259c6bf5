// Registering faces: joins the pure core, the camera, the server and the dialog.

import { createCamera } from '../../lib/camera.js';
import { fillChooser, rememberCamera } from '../../lib/camera_devices.js';
import { playChallenge } from '../../lib/challenge.js';
import { byId } from '../../lib/dom.js';
import * as enrol from '../../logic/faculty/enrol.js';
import { stepMet } from '../../logic/frames.js';
import { asProblem } from '../../logic/problems.js';
import { nextUnregistered } from '../../logic/faculty/roster.js';
import { CAMERA_TROUBLES, cameraTroubleWords } from '../../logic/camera_troubles.js';
import { allowTones, doneTone, stepTone } from '../../lib/sounds.js';
import { createConsentStep } from './consent_step.js';
import { createRegisterFacesView } from './register_faces_view.js';

/** @param {FacultyPage} page */
export function createRegisterFaces(page) {
  const dialog = byId('register-dialog');
  const view = createRegisterFacesView();
  const camera = createCamera(byId('register-video'), { onEnded: refuse });
  const consent = createConsentStep(page, { student: () => state.student, agreed });
  let state = enrol.initial;
  /** @type {AbortController | null} */
  let run = null;

  /** @param {FaceRegistrationEvent} event */
  function dispatch(event) {
    state = enrol.next(state, event);
    view.render(state);
  }

  /** @param {Student} student */
  function open(student) {
    clearChoices();
    dispatch({ type: 'open', student });
    dialog.showModal();
    byId('register-name').focus();
    if (state.phase === 'consent') consent.ask();
    else openCamera();
  }

  /** @param {Student} student */
  function agreed(student) {
    page.dispatch({ type: 'student', student });
    dispatch({ type: 'agreed', student });
    if (camera.isOpen) dispatch({ type: 'camera' });
    else openCamera();
  }

  /**
   * Turns to another student; a student who was not asked is asked first, and `then` is for the others.
   * @param {Student} student
   * @param {(student: Student) => void} then
   */
  function choose(student, then) {
    clearChoices();
    dispatch({ type: 'choose', student });
    if (state.phase === 'consent') consent.ask();
    else then(student);
  }

  function clearChoices() {
    byId('register-add').checked = false;
    byId('register-still').checked = false;
  }

  /** @param {string} [deviceId] */
  async function openCamera(deviceId) {
    try {
      await camera.open(deviceId);
      await fillChooser(byId('register-camera-field'), byId('register-camera'), camera.deviceId);
      dispatch({ type: 'camera' });
    } catch (error) {
      refuse(asProblem(error));
    }
  }

  /** @param {Student} student */
  async function capture(student) {
    const mine = new AbortController();
    run = mine;
    allowTones();
    dispatch({ type: 'start' });
    try {
      const still = byId('register-still').checked;
      const request = { purpose: 'enrol', student_key: student.key, without_turning: still };
      const passed = await playChallenge({ api: page.api, camera, request, onProgress, signal: mine.signal });
      dispatch({ type: 'captured', id: passed.id });
      await save(student, passed.id, false);
    } catch (error) {
      if (!mine.signal.aborted) refuse(asProblem(error));
    }
  }

  /** @param {Challenge} challenge */
  function onProgress(challenge) {
    if (stepMet(state.challenge, challenge)) stepTone();
    dispatch({ type: 'asked', challenge });
  }

  /**
   * @param {Student} student
   * @param {string} challenge
   * @param {boolean} confirmOther
   */
  async function save(student, challenge, confirmOther) {
    try {
      const add = student.registered && byId('register-add').checked;
      const json = { challenge, confirm_other: confirmOther, add };
      const { data } = await page.api.post(`/students/${encodeURIComponent(student.key)}/faces`, { json });
      doneTone();
      page.dispatch({ type: 'student', student: data.student });
      if (state.student?.key !== student.key) return;
      const upcoming = nextUnregistered(page.state.students, student.key);
      const { name, alike } = data.student;
      dispatch({
        type: 'saved',
        saved: { name, faces: add ? data.student.faces : data.faces, weak: data.weak, alike: alike.length > 0 },
        upcoming,
      });
    } catch (error) {
      if (state.student?.key !== student.key) return;
      const problem = asProblem(error);
      if (problem.code === 'face_of_another') dispatch({ type: 'face_of_another', other: problem.facts.other });
      else refuse(problem);
    }
  }

  /** @param {ProblemLike} problem */
  function refuse(problem) {
    if (problem.code === 'stopped') return;
    const trouble = CAMERA_TROUBLES.has(problem.code) ? cameraTroubleWords(problem.code) : enrol.troubleWords(problem);
    run?.abort();
    dispatch({ type: 'refused', trouble: { ...trouble, code: problem.code } });
  }

  /** The main button: what comes next. */
  function go() {
    if (state.phase === 'consent') consent.record('in_person');
    else if (state.phase === 'ready') capture(state.student);
    else if (state.phase === 'done' && state.upcoming) choose(state.upcoming, capture);
    else if (state.phase === 'done') dialog.close();
    else if (state.phase === 'trouble' || state.phase === 'other') retry();
  }

  function retry() {
    dispatch({ type: 'retry' });
    if (state.phase === 'consent') consent.ask();
    else if (camera.isOpen) dispatch({ type: 'camera' });
    else openCamera();
  }

  function skip() {
    const student = nextUnregistered(page.state.students, (state.upcoming ?? state.student)?.key);
    if (!student) {
      dialog.close();
      return;
    }
    choose(student, () => {
      if (camera.isOpen) return;
      dispatch({ type: 'retry' });
      openCamera();
    });
  }

  byId('register-go').addEventListener('click', go);
  byId('register-skip').addEventListener('click', skip);
  byId('register-other').addEventListener('click', () => {
    const { student, challengeId } = state;
    dispatch({ type: 'confirm_other' });
    if (student && challengeId) save(student, challengeId, true);
  });
  byId('register-camera').addEventListener('change', () => {
    const chosen = byId('register-camera').value;
    rememberCamera(chosen);
    openCamera(chosen);
  });
  dialog.addEventListener('close', () => {
    run?.abort();
    camera.stop();
    const student = enrol.selected(state);
    dispatch({ type: 'close' });
    page.focusRow(student?.key);
  });

  return { open };
}
