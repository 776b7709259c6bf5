// Plays one challenge: captures, sends and reports, as the pure core in logic/frames.js commands.

import { begin, advance, hinted, NO_ANSWER, NO_PICTURE, pause, paceOf } from '../logic/frames.js';
import { Problem, asProblem } from '../logic/problems.js';
import { sleep } from './sleep.js';

const FRAME_TIMEOUT_MS = 8000;
/** A picture or an answer that takes longer is waited for in words. */
const SLOW_MS = 1500;

/**
 * Opens a challenge by posting `request` to `path`, and sends frames until it is passed; resolves to the passed challenge.
 * Throws a Problem (code `stopped` when `signal` was aborted). `onProgress` sees every answer, and the last one with a hint
 * while no picture or answer comes.
 * @param {{
 *   api: Api,
 *   camera: Camera,
 *   request: object,
 *   path?: string,
 *   onProgress: (challenge: Challenge) => void,
 *   signal: AbortSignal,
 * }} session
 */
export async function playChallenge({ api, camera, request, path = '/challenges', onProgress, signal }) {
  const opened = await api.post(path, { json: request, signal });
  let state = begin(opened.data);
  onProgress(opened.data);
  let sentAt = -Infinity;
  for (;;) {
    if (signal.aborted) throw new Problem({ code: 'stopped', detail: '' });
    const { command } = state;
    if (command.do === 'finish') return state.challenge;
    if (command.do === 'stop') throw problemOf(command.problem);
    if (command.do === 'capture') {
      await sleep(pause(sentAt, performance.now(), paceOf(state.challenge)));
      sentAt = performance.now();
      state = advance(state, { type: 'captured', bytes: await inWords(NO_PICTURE, camera.grab()) });
    } else {
      await sleep(command.do === 'resend' ? command.wait : 0);
      state = advance(state, await inWords(NO_ANSWER, exchange(api, state, signal)));
      if (!signal.aborted) onProgress(state.challenge);
    }
  }

  /**
   * What the promise resolves to, waited for with a hint where that takes long.
   * @template T
   * @param {string} hint
   * @param {Promise<T>} promise
   * @returns {Promise<T>}
   */
  async function inWords(hint, promise) {
    const { challenge } = hinted(state, hint);
    const waiting = setTimeout(() => signal.aborted || onProgress(challenge), SLOW_MS);
    try {
      return await promise;
    } finally {
      clearTimeout(waiting);
    }
  }
}

/**
 * @param {Api} api
 * @param {FrameState} state
 * @param {AbortSignal} signal
 * @returns {Promise<FrameEvent>}
 */
async function exchange(api, { challenge, pending }, signal) {
  try {
    const { data } = await api.post(`/challenges/${encodeURIComponent(challenge.id)}/frames`, {
      query: { number: pending?.number, nonce: pending?.nonce },
      body: pending?.bytes,
      type: 'image/jpeg',
      timeout: FRAME_TIMEOUT_MS,
      signal,
    });
    return { type: 'answered', challenge: data };
  } catch (error) {
    const problem = asProblem(error);
    return { type: problem.code === 'server_away' ? 'lost' : 'refused', problem };
  }
}

/** @param {ProblemLike} problem */
function problemOf(problem) {
  return problem instanceof Problem ? problem : new Problem(problem);
}
