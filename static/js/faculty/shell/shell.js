// Shows one place of the faculty page at a time, by its address, and the dialogs that have addresses above it. Every way
// to another address goes through here: links, buttons, Back and Forward, and an address typed by hand.

import { closestTo, everyElement, setAttribute, setHidden } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { hasDialog, parsePlace, placeUnder, titleKey, writePlace } from '../../logic/faculty/places.js';
import { focusPlaceHeading } from './place_heading.js';

/**
 * What the browser keeps with each entry of its history. `above`: the entry before is the place under this dialog.
 * @typedef {{ above: boolean }} EntryState
 */

/**
 * `dialogOf` names the dialog of an address that has one, and `open` opens it. `mayOpen` says whether this account may;
 * `refused` is told where it may not, and the page shows the place under it.
 * @param {{
 *   home: () => PlaceAddress,
 *   placesShown: () => string[],
 *   mayOpen: (address: PlaceAddress) => boolean,
 *   refused: () => void,
 *   dialogOf: (address: PlaceAddress) => HTMLDialogElement,
 *   open: (address: PlaceAddress) => void,
 *   shown: (address: PlaceAddress) => void,
 * }} site
 * @returns {Shell}
 */
export function createShell({ home, placesShown, mayOpen, refused, dialogOf, open, shown }) {
  let here = home();
  /** @type {PlaceAddress | null} the place that is to be seen, under a dialog or not */
  let under = null;
  /** @type {Set<EventTarget>} the dialogs closed here, whose close event changes no address */
  const closing = new Set();
  /** @type {{ promise: Promise<void>, done: () => void } | null} while the browser goes back, which takes a moment */
  let goingBack = null;
  /** @type {Map<string, number>} how far down each place was read */
  const depths = new Map();

  /**
   * @param {PlaceAddress} address
   * @returns {Promise<void>}
   */
  async function go(address) {
    if (goingBack) await goingBack.promise;
    if (writePlace(address) === writePlace(here)) {
      scrollTo(0, 0);
      focusPlaceHeading();
      return;
    }
    history.pushState(entry(isAbove(address)), '', writePlace(address));
    arrive(address, 0);
  }

  /**
   * @param {PlaceAddress} address
   * @param {number} depth where the place is read on
   */
  function arrive(address, depth) {
    closeDialogs();
    here = address;
    if (!(isAboveEntry() || isUnder(placeUnder(address)))) {
      showPlace(placeUnder(address));
      focusPlaceHeading();
      scrollTo(0, depth);
    }
    document.title = t(titleKey(here));
    if (hasDialog(address)) openDialog(address);
  }

  /** @param {PlaceAddress} place */
  function showPlace(place) {
    if (under) depths.set(writePlace(under), scrollY);
    under = place;
    for (const element of everyElement('[data-place]')) setHidden(element, element.dataset.place !== place.place);
    for (const item of everyElement('[data-nav]')) {
      const current = place.course === null && place.meeting === null ? 'page' : 'true';
      const link = /** @type {Element} */ (item.firstElementChild);
      setAttribute(link, 'aria-current', item.dataset.nav === place.place ? current : null);
    }
    shown(place);
  }

  /** @param {PlaceAddress} address */
  function openDialog(address) {
    if (mayOpen(address)) {
      open(address);
      return;
    }
    leaveDialog();
    refused();
  }

  /** Close what is open, without a change of the address. */
  function closeDialogs() {
    for (const dialog of document.querySelectorAll('dialog')) {
      if (!dialog.open) continue;
      closing.add(dialog);
      dialog.close();
    }
  }

  /** The dialog of this address was closed, or never opened: the address of what is under it comes back. */
  function leaveDialog() {
    if (!hasDialog(here)) return;
    if (isAboveEntry()) {
      let done = () => {};
      const promise = new Promise((/** @type {(value: void) => void} */ resolve) => {
        done = resolve;
      });
      goingBack = { promise, done };
      history.back();
      return;
    }
    here = under ?? placeUnder(here);
    history.replaceState(entry(false), '', writePlace(here));
    document.title = t(titleKey(here));
  }

  /** The browser went back or forward, or somebody changed the address. */
  function moved() {
    const asked = placeAt(location.hash);
    const address = asked ?? home();
    const back = goingBack;
    goingBack = null;
    if (back && isUnder(address)) {
      here = address;
      document.title = t(titleKey(here));
    } else if (writePlace(address) !== writePlace(here)) {
      const depth = history.state ? (depths.get(writePlace(address)) ?? 0) : 0;
      history.replaceState(history.state ?? entry(isAbove(address)), '', asked ? location.hash : pathOf());
      arrive(address, depth);
    }
    back?.done();
  }

  /**
   * The place that a fragment names, if this account can go there.
   * @param {string} fragment
   */
  function placeAt(fragment) {
    const address = parsePlace(fragment);
    return address && placesShown().includes(address.place) ? address : null;
  }

  /** @param {PlaceAddress} address */
  function isAbove(address) {
    return hasDialog(address) && !hasDialog(here);
  }

  /** @param {PlaceAddress} address */
  function isUnder(address) {
    return under !== null && writePlace(under) === writePlace(address);
  }

  /**
   * Show the place that the address names. An address that names none is removed. `placed` is called before a dialog
   * of the address opens.
   */
  function start(placed = () => {}) {
    const asked = placeAt(location.hash);
    history.scrollRestoration = 'manual';
    history.replaceState(history.state ?? entry(false), '', asked ? location.hash : pathOf());
    for (const item of everyElement('[data-nav]')) setHidden(item, !placesShown().includes(item.dataset.nav ?? ''));
    for (const dialog of document.querySelectorAll('dialog')) dialog.addEventListener('close', () => closed(dialog));
    showPlace(placeUnder(asked ?? home()));
    placed();
    arrive(asked ?? home(), 0);
    globalThis.addEventListener('popstate', moved);
    globalThis.addEventListener('hashchange', moved);
    document.addEventListener('click', followLink);
  }

  /** @param {HTMLDialogElement} dialog */
  function closed(dialog) {
    if (!closing.delete(dialog) && hasDialog(here) && dialogOf(here) === dialog) leaveDialog();
  }

  /** @param {MouseEvent} event */
  function followLink(event) {
    const link = /** @type {HTMLAnchorElement | null} */ (closestTo(event, 'a[href^="#"]'));
    const elsewhere = event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey; // a new tab or window
    if (!link || elsewhere || event.defaultPrevented) return;
    const address = placeAt(link.hash);
    event.preventDefault();
    if (address) go(address);
    else focusPlaceHeading(); // the link that skips the navigation
  }

  return { go, start, leaveDialog, isAt: (address) => writePlace(here) === writePlace(address) };
}

/**
 * @param {boolean} above
 * @returns {EntryState}
 */
function entry(above) {
  return { above };
}

/** Whether the browser's present entry is a dialog that opened above the entry before. */
function isAboveEntry() {
  return Boolean(/** @type {EntryState | null} */ (history.state)?.above);
}

function pathOf() {
  return location.pathname + location.search;
}
