// One session at a time: opens the camera, plays what the server asks, and redeems what was passed.

import { fillChooser } from '../lib/camera_devices.js';
import { playChallenge } from '../lib/challenge.js';
import { byId } from '../lib/dom.js';
import { stepMet } from '../logic/frames.js';
import { asProblem } from '../logic/problems.js';
import { doneTone, stepTone } from '../lib/sounds.js';
import { redeem } from './redeem.js';

/**
 * `dispatch` is told asked, passed, checked_in and refused, as logic/kiosk/kiosk.js knows them.
 * @param {{ api: Api, camera: Camera, dispatch: KioskDispatch }} kiosk
 */
export function createLivenessSession({ api, camera, dispatch }) {
  /** @type {AbortController | null} */
  let run = null; // the AbortController of the session under way
  /** @type {Challenge | null} */
  let last = null; // the server's last answer in it

  let wantsTime = false; // more time was asked for before the server had opened the session

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
      if (!mine.signal.aborted) fail(error, passed?.id);
    } finally {
      if (run === mine) run = null;
    }
  }

  /** @param {Challenge} challenge */
  function onProgress(challenge) {
    if (stepMet(last, challenge)) stepTone();
    last = challenge;
    dispatch({ type: 'asked', challenge });
    if (!wantsTime) return;
    wantsTime = false;
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

  /** Three times as long for each step. The next answer says that it was granted. */
  async function moreTime() {
    wantsTime = last === null;
    if (!last || last.more_time) return;
    try {
      await api.post(`/challenges/${encodeURIComponent(last.id)}/more-time`, {});
    } catch (error) {
      // the session may have ended meanwhile, and says so itself
      if (asProblem(error).status !== 410) fail(error);
    }
  }

  function stop() {
    run?.abort();
    run = null;
    last = null;
    wantsTime = false;
  }

  return { begin, claim, fail, moreTime, stop };
}
