// Where a page keeps what lets it in: a lecturer's token for as long as the tab is open, a kiosk's key for good.

/** `storage` is sessionStorage or localStorage; without one (some browsers refuse it) the secret lasts until a reload. */
export function createSecret(storage, name) {
  let held = read(storage, name);
  return {
    get: () => held,
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

function read(storage, name) {
  try {
    return storage().getItem(name);
  } catch {
    return null;
  }
}
