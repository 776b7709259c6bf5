// The one on-screen keypad: digits, and letters where a field takes them. A kiosk may have no other keyboard.

import { icon, make, setAttribute, setHidden } from './dom.js';
import { t } from './messages.js';

const DIGITS = '123456789';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ-/._';
const KEY = 'btn min-h-14 text-xl px-0';
const SMALL_KEY = 'btn min-h-11 text-lg px-0';

/**
 * Fills `pad` with keys that type into whichever of the fields was used last. One that hides what is
 * typed is for a code, and takes digits alone.
 * @param {HTMLElement} pad
 * @param {HTMLInputElement[]} fields
 */
export function createKeypad(pad, fields) {
  let [field] = fields;
  let small = false; // whether letters are typed in lower case

  const digits = make('div', { className: 'grid grid-cols-3 gap-2' });
  const letters = make('div', { className: 'grid gap-2' });
  const alphabet = make('div', { className: 'grid grid-cols-6 gap-1.5 sm:grid-cols-10' });
  const toLetters = control(t('keypad.letters'), () => show(true));
  const toCase = control(t('keypad.small'), () => {
    small = !small;
    setAttribute(toCase, 'aria-pressed', String(small));
    drawAlphabet();
  });
  digits.append(...[...DIGITS].map((key) => keyFor(key, KEY)), toLetters, keyFor('0', KEY), eraser());
  const under = make('div', { className: 'grid grid-cols-3 gap-2' }, [
    control(t('keypad.digits'), () => show(false)),
    toCase,
    eraser(),
  ]);
  letters.append(alphabet, under);
  setAttribute(toCase, 'aria-pressed', 'false');
  pad.replaceChildren(digits, letters);
  drawAlphabet();
  use(field);
  show(false);

  for (const each of fields) {
    each.inputMode = 'none'; // the system's keyboard stays away: it would cover this one
    each.addEventListener('focus', () => use(each));
  }
  // The field keeps the focus, and with it the place where the next character goes.
  pad.addEventListener('pointerdown', (event) => event.preventDefault());

  /**
   * Types into this field from now on.
   * @param {HTMLInputElement} chosen
   */
  function use(chosen) {
    field = chosen;
    const plain = chosen.type === 'password';
    toLetters.classList.toggle('invisible', plain); // its place stays, and 0 in the middle
    if (plain) show(false);
  }

  /** @param {boolean} wanted */
  function show(wanted) {
    const held = pad.contains(document.activeElement);
    setHidden(digits, wanted);
    setHidden(letters, !wanted);
    if (held) /** @type {HTMLElement} */ ((wanted ? letters : digits).querySelector('button')).focus();
  }

  function drawAlphabet() {
    const shown = small ? LETTERS.toLowerCase() : LETTERS;
    alphabet.replaceChildren(...[...shown].map((key) => keyFor(key, SMALL_KEY)));
  }

  /**
   * @param {string} key
   * @param {string} className
   */
  function keyFor(key, className) {
    const button = make('button', { type: 'button', className, text: key, 'data-key': key, translate: 'no' });
    button.addEventListener('click', () => write(key));
    return button;
  }

  /**
   * @param {string} text
   * @param {() => void} act
   */
  function control(text, act) {
    const button = make('button', { type: 'button', className: 'btn min-h-14 px-1', text });
    button.addEventListener('click', act);
    return button;
  }

  function eraser() {
    const button = make('button', { type: 'button', className: KEY, 'aria-label': t('keypad.erase') }, [
      icon('backspace'),
    ]);
    button.addEventListener('click', () => {
      const [from, to] = selection();
      put('', from === to ? Math.max(0, from - 1) : from, to);
    });
    return button;
  }

  /** @param {string} key */
  function write(key) {
    put(key, ...selection());
  }

  /** @returns {[number, number]} */
  function selection() {
    const end = field.value.length;
    return document.activeElement === field ? [field.selectionStart ?? end, field.selectionEnd ?? end] : [end, end];
  }

  /**
   * @param {string} text
   * @param {number} from
   * @param {number} to
   */
  function put(text, from, to) {
    if (field.maxLength >= 0 && field.value.length - (to - from) + text.length > field.maxLength) return;
    field.setRangeText(text, from, to, 'end');
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
  return { use };
}
