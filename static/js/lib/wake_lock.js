// Keeps the screen on while the page is seen, where the browser can. A lock ends whenever the page is hidden.

const ASK_EVERY_MS = 60000;

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
        ask();
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
