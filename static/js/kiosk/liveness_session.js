// One session at a time: opens the camera, plays what the server asks, and redeems what was passed.

import { fillChooser } from '../lib/camera_devices.js';
import { playChallenge } from '../lib/challenge.js';
import { byId } from '../lib/dom.js';
import { CAMERA_TROUBLES } from '../logic/camera_troubles.js';
import { stepMet } from '../logic/frames.js';
import { asProblem } from '../logic/problems.js';
import { doneTone, stepTone } from '../lib/sounds.js';
import { redeem } from './redeem.js';

/**
 * `dispatch` is told asked, passed, checked_in and refused, as logic/kiosk/kiosk.js knows them. `wantsTime` says whether
 * the person has asked for more time.
 * @param {{ api: Api, camera: Camera, dispatch: KioskDispatch, wantsTime: () => boolean }} kiosk
 */
export function createLivenessSession({ api, camera, dispatch, wantsTime }) {
  /** @type {AbortController | null} */
  let run = null; // the AbortController of the session under way
  /** @type {Challenge | null} */
  let last = null; // the server's last answer in it, null once the server waits for nothing more
  let extended = ''; // the last session that more time was asked for

  /**
   * `look`, where it is no check-in, is given the passed session.
   * @param {Record<string, unknown>} request
   * @param {((session: string) => Promise<void>) | null} [look]
   */
  async function begin(request, look = null) {
    stop();
    const mine = new AbortController();
    run = mine;
    last = null;
    let passed = null;
    try {
      fillChooser(byId('camera-field'), byId('camera'), '').catch(() => {}); // in case this one does not open
      if (!camera.isOpen) await camera.open(); // hands free, it is open already
      if (mine.signal.aborted) return;
      fillChooser(byId('camera-field'), byId('camera'), camera.deviceId).catch(() => {});
      passed = await playChallenge({ api, camera, request, onProgress, signal: mine.signal });
      dispatch({ type: 'passed' });
      if (look) await look(passed.id);
      else finish(await redeem(api, { challenge: passed.id }));
    } catch (error) {
      if (mine.signal.aborted) return;
      // If it wasn't the camera, the server has ended the session, or can't be told.
      if (!CAMERA_TROUBLES.has(asProblem(error).code)) last = null;
      fail(error, passed?.id);
    } finally {
      if (run === mine) run = null;
    }
  }

  /** @param {Challenge} challenge */
  function onProgress(challenge) {
    if (stepMet(last, challenge)) stepTone();
    last = challenge;
    dispatch({ type: 'asked', challenge });
    moreTime();
  }

  /** @param {CheckedIn} answer */
  function finish(answer) {
    doneTone();
    dispatch({ type: 'checked_in', answer });
  }

  /**
   * `passed` is the id of the session that was passed before, if one was.
   * @param {unknown} error
   * @param {string | null} [passed]
   */
  function fail(error, passed = null) {
    const problem = asProblem(error);
    if (problem.code !== 'stopped') dispatch({ type: 'refused', problem, claim: passed });
  }

  /**
   * A passed session redeemed again, with what the person added: who looks like somebody else says who they are.
   * @param {string} session
   * @param {Record<string, string>} added
   */
  async function claim(session, added) {
    dispatch({ type: 'claimed' });
    try {
      finish(await redeem(api, { challenge: session, ...added }));
    } catch (error) {
      fail(error, session);
    }
  }

  /** Three times as long for each step, once somebody has asked for it and there is a session to give it to. */
  function moreTime() {
    if (wantsTime() && last?.next && !last.more_time) extend(last.id);
  }

  /**
   * Asks for more time once: for each step, or to type what a claim in this session needs.
   * @param {string} session
   */
  async function extend(session) {
    if (session === extended) return;
    extended = session;
    try {
      await api.post(addressOf(session, '/more-time'), {});
    } catch (error) {
      // the session may have ended meanwhile, and says so itself
      if (asProblem(error).status !== 410) fail(error);
    }
  }

  /** Who leaves is not refused: without this, the server would wait, and find that they were too slow. */
  function leave() {
    if (!last?.next) return;
    // The page may be closing. What the server doesn't hear of ends when its time is over.
    api.remove(addressOf(last.id), { keepalive: true }).catch(() => {});
  }

  function stop() {
    run?.abort();
    run = null;
    leave();
    last = null;
  }

  return { begin, claim, extend, fail, moreTime, stop };
}

/**
 * @param {string} session
 * @param {string} [what]
 */
function addressOf(session, what = '') {
  return `/challenges/${encodeURIComponent(session)}${what}`;
}
