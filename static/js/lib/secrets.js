// Where a page keeps what lets it in: a lecturer's token for as long as the tab is open, a kiosk's key for good.

/**
 * `storage` is sessionStorage or localStorage; without one (some browsers refuse it) the secret lasts until a reload.
 * @param {() => Storage} storage
 * @param {string} name
 */
export function createSecret(storage, name) {
  let held = read(storage, name);
  return {
    get: () => held,
    /** @param {string | null} value */
    set(value) {
      held = value;
      try {
        if (value === null) storage().removeItem(name);
        else storage().setItem(name, value);
      } catch {
        // Kept in this page alone.
      }
    },
  };
}

/**
 * @param {() => Storage} storage
 * @param {string} name
 */
function read(storage, name) {
  try {
    return storage().getItem(name);
  } catch {
    return null;
  }
}
