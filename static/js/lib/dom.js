// Small helpers over the document. Text from data is set as text, never as markup; names, IDs and codes in it, which
// logic/names.js sets off, keep their own direction, and no browser translates them.

import { partsOf, plain } from '../logic/names.js';

/**
 * @template {keyof PageElements} Id
 * @param {Id} id
 * @returns {PageElements[Id]}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return /** @type {any} */ (element); // the build lists which element has which id
}

/**
 * Sets text only where it changed, so that live regions do not speak twice.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== plain(text)) element.replaceChildren(...pieces(text));
}

/**
 * @param {string} text
 * @returns {(Node | string)[]}
 */
function pieces(text) {
  return partsOf(text).map((words, place) => (place % 2 === 0 ? words : ownWords(words)));
}

/** @param {string} text */
function ownWords(text) {
  const isolated = document.createElement('bdi');
  isolated.dir = 'auto';
  isolated.translate = false;
  isolated.textContent = text;
  return isolated;
}

/**
 * @param {HTMLElement} element
 * @param {boolean} hidden
 */
export function setHidden(element, hidden) {
  if (element.hidden !== hidden) element.hidden = hidden;
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {string | number | null | undefined} value
 */
export function setAttribute(element, name, value) {
  if (value === null || value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== plain(String(value))) element.setAttribute(name, plain(String(value)));
}

/**
 * A copy of a <template>'s one element.
 * @param {keyof PageElements} templateId
 */
export function copyOf(templateId) {
  const template = /** @type {HTMLTemplateElement} */ (/** @type {Element} */ (byId(templateId)));
  return /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
}

/**
 * @param {Element} element
 * @param {string} name
 */
export function part(element, name) {
  return /** @type {HTMLElement} */ (element.querySelector(`[data-part="${name}"]`));
}

/**
 * The section of the page that is one of its screens.
 * @param {string} name
 */
export function screenSection(name) {
  return byId(/** @type {'screen-starting'} */ (`screen-${name}`));
}

/**
 * Runs what belongs to each button when it is pressed.
 * @param {{ [Id in keyof PageElements]?: () => void }} acts
 */
export function onClicks(acts) {
  for (const [id, act] of Object.entries(acts)) {
    byId(/** @type {keyof PageElements} */ (id)).addEventListener('click', () => act());
  }
}

export const SVG = 'http://www.w3.org/2000/svg';

/** @param {string} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `static/img/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/**
 * An element with classes, text and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string> & { className?: string, text?: string }} [attributes]
 * @param {(Node | string)[]} [children]
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, { className, text, ...attributes } = {}, children = []) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.append(...pieces(text));
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, plain(value));
  element.append(...children.flatMap((child) => (typeof child === 'string' ? pieces(child) : [child])));
  return element;
}

/**
 * The element that an event is about, or the nearest one around it, that fits the selector.
 * @param {Event} event
 * @param {string} selector
 */
export function closestTo(event, selector) {
  return /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(selector));
}

/**
 * All elements of the page that fit the selector.
 * @param {string} selector
 * @returns {HTMLElement[]}
 */
export function everyElement(selector) {
  return [...document.querySelectorAll(selector)].map((element) => /** @type {HTMLElement} */ (element));
}

/**
 * Replaces the children only where `signature` changed since the last time.
 * @param {HTMLElement | SVGElement} element
 * @param {string} signature
 * @param {() => (Node | string)[]} build
 */
export function refill(element, signature, build) {
  if (element.dataset.signature === signature) return;
  element.dataset.signature = signature;
  element.replaceChildren(...build());
}

/**
 * Runs `act` while the button takes no second press. It is not `disabled` meanwhile, which would take the focus from
 * somebody who pressed it by keyboard.
 * @param {HTMLElement} button
 * @param {() => Promise<unknown> | void} act
 */
export async function whileBusy(button, act) {
  if (button.getAttribute('aria-disabled') === 'true') return;
  button.setAttribute('aria-disabled', 'true');
  try {
    await act();
  } finally {
    button.removeAttribute('aria-disabled');
  }
}

let announcing = 0;

/**
 * Says a sentence to screen readers through a role=status element, even the same one twice.
 * @param {HTMLElement} region
 * @param {string} sentence
 */
export function announce(region, sentence) {
  announcing += 1;
  const mine = announcing;
  region.textContent = '';
  setTimeout(() => {
    if (mine === announcing) setText(region, sentence);
  }, 60);
}

/**
 * Offers bytes as a file to save.
 * @param {Blob} blob
 * @param {string} name
 */
export function saveFile(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = make('a', { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}
