// Draws the figure that shows a movement: parts of static/img/moves.svg laid over each other, which the stylesheet moves
// by their classes and the figure's data-move.

import { SVG } from './dom.js';

const HEAD = ['ear-left', 'ear-right', 'skull', 'hair', 'eyes-open', 'eyes-shut', 'nose', 'mouth', 'mouth-open'];
/** @type {Record<string, string>} */
const ARROWS = {
  turn_left: 'arrow-left',
  turn_right: 'arrow-right',
  turn_slightly_left: 'arrow-left',
  turn_slightly_right: 'arrow-right',
  tilt_up: 'arrow-up',
  chin_up: 'arrow-up',
  tilt_down: 'arrow-down',
  chin_down: 'arrow-down',
  come_closer: 'arrows-out',
  move_back: 'arrows-in',
  close_eyes: 'pause',
};

/**
 * Shows `move` in an <svg class="move">; the same one again changes nothing, so that it does not start again.
 * @param {SVGElement} svg
 * @param {string} move
 */
export function setMove(svg, move) {
  if (svg.dataset.move === move) return;
  svg.dataset.move = move;
  svg.setAttribute('viewBox', '-6 -14 132 132');
  if (move === 'done') {
    svg.replaceChildren(part('done'));
    return;
  }
  const head = document.createElementNS(SVG, 'g');
  head.setAttribute('class', 'move-head');
  head.append(...HEAD.map(part));
  const arrow = ARROWS[move];
  svg.replaceChildren(part('bust'), head, ...(arrow ? [part(arrow)] : []));
}

/** @param {string} name */
function part(name) {
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `static/img/moves.svg#${name}`);
  use.setAttribute('class', `move-${name}`);
  return use;
}
