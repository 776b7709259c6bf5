// Rows that are kept by key and touched only where something changed, so that the focus and a screen reader's place
// survive every refresh.

/**
 * @template {HTMLElement} Row
 * @template Item
 * @param {HTMLElement} body
 * @param {{ key: (item: Item) => string, make: () => Row, fill: (row: Row, item: Item) => void }} how
 */
export function createKeyedRows(body, { key, make, fill }) {
  /** @type {Map<string, { row: Row, signature: string }>} */
  const known = new Map();

  /** @param {Item[]} items */
  function render(items) {
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    const wanted = new Set(items.map(key));
    for (const [name, { row }] of known) {
      if (wanted.has(name)) continue;
      row.remove();
      known.delete(name);
    }
    let place = body.firstElementChild;
    for (const item of items) {
      const row = rowFor(item);
      if (row === place) place = row.nextElementSibling;
      else body.insertBefore(row, place);
    }
    if (focused && focused !== document.activeElement && body.contains(focused)) focused.focus({ preventScroll: true });
  }

  /** @param {Item} item */
  function rowFor(item) {
    const { row, signature } = known.get(key(item)) ?? { row: make(), signature: '' };
    const now = JSON.stringify(item);
    if (now !== signature) {
      row.dataset.key = key(item);
      fill(row, item);
      known.set(key(item), { row, signature: now });
    }
    return row;
  }

  return { render };
}
