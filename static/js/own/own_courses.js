// A student's courses with percentages and classes. A class that is not right is asked about from a list, in two taps;
// with a text only where the student's own keyboard is.

import { make, whileBusy } from '../lib/dom.js';
import { t } from '../lib/messages.js';
import {
  asksFor,
  codeIssuedWords,
  countsWords,
  formulaShown,
  mayMissWords,
  ownClassWords,
  percentInWords,
  requestAbout,
  requestWords,
} from '../logic/own.js';
import { asProblem, sentences } from '../logic/problems.js';
import { setOff } from '../logic/names.js';

const TEXT_LENGTH = 500;

/**
 * `active` is told about each press, `ended` that the pass is no longer valid. `texts`: whether a request may have a text.
 * @param {HTMLElement} box
 * @param {{ api: Api, texts: boolean, active: () => void, ended: () => void, said: (sentence: string) => void }} how
 */
export function createOwnCourses(box, { api, texts, active, ended, said }) {
  /** @type {string | null} */
  let token = null;
  /** @type {OwnAttendance | null} */
  let own = null;
  /** @type {string | null} the class that is being asked about */
  let asking = null;
  /** What is typed about it; it outlasts a request that failed. */
  let typed = '';
  let problem = '';

  /** @param {string} secret */
  async function show(secret) {
    token = secret;
    ask(null);
    await load();
  }

  /** @param {string | null} meeting */
  function ask(meeting) {
    asking = meeting;
    typed = '';
    problem = '';
  }

  async function load() {
    const secret = token;
    if (secret === null) return;
    const { data } = await api.get('/own', { secret });
    if (token !== secret) return;
    own = data;
    draw();
  }

  /** Forget everything, here and on the server: whoever comes next must not use the pass. */
  function clear() {
    const ending = token;
    token = null;
    own = null;
    ask(null);
    if (ending !== null) api.remove('/own/pass', { secret: ending }).catch(() => {}); // it ends by its time, too
    box.replaceChildren();
  }

  function draw() {
    const shown = own;
    if (shown === null) return;
    const none = make('p', { className: 'note', text: t('own.no_course') });
    box.replaceChildren(
      make('p', { className: 'text-sm text-soft break-words empty:hidden', text: codeIssuedWords(shown) }),
      ...(shown.courses.length > 0 ? shown.courses.map((course) => courseOf(shown, course)) : [none]),
    );
  }

  /**
   * @param {OwnAttendance} shown
   * @param {OwnCourse} course
   */
  function courseOf(shown, course) {
    const classes = course.classes.map((meeting) => classOf(shown, course, meeting));
    return make('section', { className: 'space-y-2' }, [
      make('h2', {
        className: 'text-lg font-semibold break-words',
        text: `${setOff(course.code)} ${setOff(course.title)}`,
      }),
      make('p', { className: 'flex flex-wrap items-baseline gap-x-3 tabular' }, [
        make('span', { className: 'text-xl font-semibold', text: percentInWords(course) }),
        make('span', { className: 'text-soft', text: formulaShown(course) }),
      ]),
      make('p', { className: 'font-medium empty:hidden', text: mayMissWords(course) }),
      make('p', { className: 'text-sm text-soft', text: countsWords(course) }),
      make('ul', { className: 'divide-y divide-line' }, classes),
    ]);
  }

  /**
   * @param {OwnAttendance} shown
   * @param {OwnCourse} course
   * @param {OwnClass} meeting
   */
  function classOf(shown, course, meeting) {
    const request = requestAbout(shown, meeting.key);
    const asks = asksFor(shown, course, meeting);
    const line = make('p', { className: 'min-w-0 flex-1 basis-48 break-words', text: ownClassWords(meeting) });
    const head = make('div', { className: 'flex flex-wrap items-center gap-x-4 gap-y-1' }, [line]);
    const open = asking === meeting.key;
    if (asks.length > 0) head.append(askButton(meeting, open));
    return make('li', { className: 'py-2', 'data-class': meeting.key }, [
      head,
      ...(request ? requestOf(request) : []),
      ...(open ? [choicesOf(meeting, asks)] : []),
    ]);
  }

  /**
   * @param {OwnClass} meeting
   * @param {boolean} open
   */
  function askButton(meeting, open) {
    const button = make(
      'button',
      { type: 'button', className: 'btn', text: t('own.ask'), 'aria-expanded': String(open) },
      [make('span', { className: 'sr-only', text: ` ${ownClassWords(meeting)}` })],
    );
    button.addEventListener('click', () => {
      active();
      ask(open ? null : meeting.key);
      draw();
      focusOn(meeting.key, open ? 'button' : '[data-asks]');
    });
    return button;
  }

  /**
   * @param {OwnClass} meeting
   * @param {AskedFor[]} asks
   */
  function choicesOf(meeting, asks) {
    const id = 'own-text';
    const text = make('textarea', { id, className: 'field', rows: '3', maxlength: String(TEXT_LENGTH) });
    text.value = typed;
    text.addEventListener('input', () => {
      typed = text.value;
      active();
    });
    const field = make('div', {}, [
      make('label', { className: 'field-label', for: id, text: t('own.text') }),
      text,
      make('p', { className: 'field-hint', text: t('own.text_hint') }),
    ]);
    const group = make('div', { className: 'flex flex-wrap gap-2', role: 'group', 'aria-label': t('own.what') });
    const choices = asks.map((asked) => {
      const button = make('button', {
        type: 'button',
        className: 'btn',
        text: t(`own.asks.${asked}`),
        'data-asks': asked,
      });
      button.addEventListener('click', () => whileBusy(group, () => whileBusy(button, () => send(meeting, asked))));
      return button;
    });
    group.append(...choices);
    return make('div', { className: 'mt-2 space-y-3 rounded-control bg-sunk p-3' }, [
      ...(texts ? [field] : []),
      make('p', { className: 'font-medium', text: t('own.what') }),
      group,
      make('p', { className: 'field-error empty:hidden', role: 'alert', text: problem }),
    ]);
  }

  /** @param {OwnRequest} request */
  function requestOf(request) {
    const words = make('p', { className: 'text-sm text-soft break-words', text: requestWords(request) });
    if (!request.may_pass_on) return [words];
    const button = make('button', { type: 'button', className: 'btn mt-1', text: t('own.pass_on') });
    const path = `/own/requests/${encodeURIComponent(request.id)}/registrar`;
    const passOn = () => sent(request.meeting, () => api.post(path, { secret: token ?? undefined }));
    button.addEventListener('click', () => whileBusy(button, passOn));
    return [words, button];
  }

  /**
   * @param {OwnClass} meeting
   * @param {AskedFor} asks
   */
  function send(meeting, asks) {
    const text = typed.trim();
    const json = { meeting: meeting.key, asks, ...(text !== '' && { text }) };
    return sent(meeting.key, () => api.post('/own/requests', { json, secret: token ?? undefined }));
  }

  /**
   * @param {string} meeting
   * @param {() => Promise<unknown>} act
   */
  async function sent(meeting, act) {
    const secret = token;
    active();
    problem = '';
    try {
      await act();
      if (token !== secret) return;
      ask(null);
      said(t('own.sent'));
      await load();
      focusOn(meeting, 'p');
    } catch (error) {
      if (token !== secret) return; // it was somebody else's
      if (asProblem(error).code === 'not_logged_in') ended();
      problem = sentences(asProblem(error)).join(' ');
      if (asking === null) said(problem);
      draw();
      focusOn(meeting, '[data-asks]');
    }
  }

  /**
   * @param {string} meeting
   * @param {string} what
   */
  function focusOn(meeting, what) {
    const item = [...box.querySelectorAll('li')].find((each) => each.dataset.class === meeting);
    const target = /** @type {HTMLElement | null | undefined} */ (item?.querySelector(what));
    if (target?.matches('p')) target.tabIndex = -1;
    target?.focus();
  }

  return { show, clear };
}
