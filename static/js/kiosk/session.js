// One check-in at a time: opens the camera, plays what the server asks, redeems what was passed.

import { fillChooser } from '../camera.js';
import { playChallenge } from '../challenge.js';
import { byId } from '../dom.js';
import { backoffSeconds, stepMet } from '../logic/frames.js';
import { asProblem } from '../logic/problems.js';
import { doneTone, stepTone } from '../tone.js';

const REDEEM_TRIES = 5;

/** `dispatch` is told asked, passed, checked_in and refused, as logic/kiosk.js knows them. */
export function createSession({ api, camera, dispatch }) {
  let run = null; // the AbortController of the check-in under way
  let last = null; // the server's last answer in it

  async function begin(request) {
    stop();
    const mine = new AbortController();
    run = mine;
    last = null;
    let passed = null;
    try {
      if (!camera.isOpen) await camera.open(); // hands free, it is open already
      if (mine.signal.aborted) return;
      fillChooser(byId('camera-field'), byId('camera'), camera.deviceId).catch(() => {});
      passed = await playChallenge({ api, camera, request, onProgress, signal: mine.signal });
      dispatch({ type: 'passed' });
      finish(await redeem({ challenge: passed.id }));
    } catch (error) {
      if (!mine.signal.aborted) fail(error, passed?.id);
    } finally {
      if (run === mine) run = null;
    }
  }

  function onProgress(challenge) {
    if (stepMet(last, challenge)) stepTone();
    last = challenge;
    dispatch({ type: 'asked', challenge });
  }

  function finish(answer) {
    doneTone();
    dispatch({ type: 'checked_in', answer });
  }

  function fail(error, claim = null) {
    const problem = asProblem(error);
    if (problem.code !== 'stopped') dispatch({ type: 'refused', problem, claim });
  }

  /** A passed session redeemed again, with what the person added: who looks like somebody else says who they are. */
  async function claim(session, added) {
    dispatch({ type: 'claimed' });
    try {
      finish(await redeem({ challenge: session, ...added }));
    } catch (error) {
      fail(error, session);
    }
  }

  /** A lost answer costs nobody a check-in: the same challenge may be redeemed again and gets the same record. */
  async function redeem(body) {
    for (let tries = 0; ; tries += 1) {
      try {
        return (await api.post('/check-ins', { json: body })).data;
      } catch (error) {
        const problem = asProblem(error);
        const passing = problem.code === 'server_away' || (problem.status === 503 && problem.retryAfter !== null);
        if (!passing || tries >= REDEEM_TRIES) throw problem;
        await sleep(problem.retryAfter ?? backoffSeconds(tries));
      }
    }
  }

  function stop() {
    run?.abort();
    run = null;
  }

  return { begin, claim, fail, stop };
}

function sleep(seconds) {
  return new Promise((done) => { setTimeout(done, seconds * 1000); });
}
