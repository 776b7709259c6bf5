// The least of a page that modules need which draw: every element by its id, each made once, in which nothing is drawn.

/**
 * Stands in for one element: takes everything, and keeps what is set.
 * @returns {any}
 */
function element() {
  /** @type {Record<string, ((event: unknown) => unknown)[]>} */
  const listeners = {};
  return {
    hidden: false,
    dataset: {},
    style: {},
    value: '',
    textContent: '',
    classList: { toggle() {} },
    children: /** @type {unknown[]} */ ([]),
    attributes: /** @type {Record<string, string>} */ ({}),
    addEventListener(/** @type {string} */ type, /** @type {(event: unknown) => unknown} */ act) {
      (listeners[type] ??= []).push(act);
    },
    /** Tells the listeners, and waits for what they do. */
    happens: (/** @type {string} */ type) =>
      Promise.all((listeners[type] ?? []).map((act) => act({ preventDefault() {} }))),
    append(/** @type {unknown[]} */ ...more) {
      this.children.push(...more);
    },
    replaceChildren(/** @type {unknown[]} */ ...all) {
      this.children = all;
      this.textContent = all.map((one) => /** @type {any} */ (one).textContent ?? one).join('');
    },
    setAttribute(/** @type {string} */ name, /** @type {string} */ value) {
      this.attributes[name] = value;
    },
    getAttribute(/** @type {string} */ name) {
      return this.attributes[name] ?? null;
    },
    removeAttribute(/** @type {string} */ name) {
      delete this.attributes[name];
    },
    querySelector: () => element(),
    querySelectorAll: () => [],
    matches: () => false,
    contains: () => false,
    focus() {},
    showModal() {
      this.open = true;
    },
    close() {
      this.open = false;
      this.onclose?.();
    },
  };
}

/** @type {Map<string, any>} */
const elements = new Map();

/**
 * @param {string} id
 * @returns {any}
 */
export function elementOf(id) {
  if (!elements.has(id)) elements.set(id, element());
  return elements.get(id);
}

/**
 * The element itself and everything in it, from the outside in.
 * @param {any} one
 * @returns {any[]}
 */
export function everyPart(one) {
  return [one, ...(one.children ?? []).flatMap(everyPart)];
}

/** Resolves once everything that does not wait for a timer has been done. */
export function settled() {
  return new Promise((done) => {
    setImmediate(done);
  });
}

Object.assign(globalThis, {
  document: {
    hidden: false,
    activeElement: null,
    documentElement: element(),
    getElementById: elementOf,
    createElement: element,
    createElementNS: element,
    querySelector: element,
    querySelectorAll: () => [],
    addEventListener() {},
  },
});
