// What a kiosk can be set to, kept by its own browser.

/** @type {Settings} */
export const DEFAULTS = Object.freeze({ handsFree: false, tones: true, aloud: false });

/**
 * The settings in a stored text; whatever is missing or damaged is as by default.
 * @param {string | null | undefined} text
 * @returns {Settings}
 */
export function settingsFrom(text) {
  let stored = null;
  try {
    stored = JSON.parse(text ?? '');
  } catch {
    // Never set, or damaged.
  }
  const known = Object.keys(DEFAULTS).filter((name) => typeof stored?.[name] === 'boolean');
  return { ...DEFAULTS, ...Object.fromEntries(known.map((name) => [name, stored[name]])) };
}
