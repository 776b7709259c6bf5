// A badge: a state in a colour, with a picture and words.

import { icon, refill, setAttribute } from './dom.js';

const BADGES = {
  good: 'badge badge-good',
  warn: 'badge badge-warn',
  plain: 'badge badge-plain',
  bad: 'badge badge-bad',
  now: 'badge badge-now',
};

/**
 * @param {HTMLElement} badge
 * @param {Badge} state
 */
export function fillBadge(badge, { kind, icon: picture, text, detail }) {
  setAttribute(badge, 'class', BADGES[kind]);
  refill(badge, `${kind}|${text}|${detail}`, () => [icon(picture), detail ? `${text}, ${detail}` : text]);
}
