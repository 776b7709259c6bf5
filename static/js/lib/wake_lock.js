// Keeps the screen on while the page is seen, where the browser can. A lock ends whenever the page is hidden.

const ASK_EVERY_MS = 60000;
/** After a lock that was taken away: a device that saves its battery takes each one at once. */
const ASK_AGAIN_MS = 1000;

export function keepAwake() {
  /** @type {WakeLockSentinel | null} */
  let lock = null;
  let asking = false;

  async function ask() {
    if (lock || asking || document.visibilityState !== 'visible') return;
    asking = true;
    try {
      lock = (await navigator.wakeLock?.request('screen')) ?? null;
      lock?.addEventListener('release', () => {
        lock = null;
        setTimeout(ask, ASK_AGAIN_MS);
      });
    } catch {
      // Refused, by a low battery for example: it is asked for again.
    } finally {
      asking = false;
    }
  }

  for (const moment of ['visibilitychange', 'fullscreenchange', 'pointerdown', 'keydown']) {
    document.addEventListener(moment, ask, { passive: true });
  }
  setInterval(ask, ASK_EVERY_MS);
  ask();
}
