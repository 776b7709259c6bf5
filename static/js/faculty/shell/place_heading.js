// The heading of the place that is shown: where the focus goes when there is nowhere nearer.

/** @returns {HTMLElement | null} */
function placeHeading() {
  return document.querySelector('[data-place]:not([hidden]) h1');
}

export function focusPlaceHeading() {
  placeHeading()?.focus({ preventScroll: true });
}
