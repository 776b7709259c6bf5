// The audit trail, for admins: filters, pages, and the same as a file.

import { byId, make, saveFile, setHidden, setText, whileBusy } from '../../lib/dom.js';
import { createTurns } from '../../lib/turns.js';
import { changesInWords, factsInWords, stateInWords, whoInWords, whomInWords } from '../../logic/faculty/audit.js';
import { may } from '../../logic/faculty/rights.js';
import { fileNameOf } from '../../logic/download.js';
import { setOff } from '../../logic/names.js';
import { asProblem } from '../../logic/problems.js';
import { momentIn } from '../../logic/time.js';

const A_PAGE = 50;
const TIMEOUT_MS = 120000;

/** @typedef {{ key: string, words: string }} NamedPerson */

/** @param {FacultyPage} page */
export function createAuditDialog(page) {
  const form = byId('audit-form');
  const list = byId('audit-list');
  const more = byId('audit-more');
  /** @type {NamedPerson | null} the one person whose entries are shown */
  let whom = null;
  /** @type {number | null} */
  let before = null;
  /** @type {[string, string][]} accounts and courses by their bare keys */
  let known = [];
  const turns = createTurns();

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    show();
  });
  more.addEventListener('click', () => whileBusy(more, () => load(before)));
  byId('audit-get').addEventListener('click', () => whileBusy(byId('audit-get'), download));
  byId('audit-whom-all').addEventListener('click', () => only(null));

  function query() {
    return {
      action: byId('audit-action').value,
      who: byId('audit-who').value,
      from: byId('audit-from').value,
      to: byId('audit-to').value,
      whom: whom?.key,
      asked: byId('audit-asked').checked ? '1' : '',
    };
  }

  async function show() {
    const { from, to } = query();
    if (from && to && from > to) {
      problem('The first day is after the last. Swap them, or leave one empty.');
      return;
    }
    list.replaceChildren();
    await load(null);
  }

  /** @param {number | null} from */
  async function load(from) {
    const wanted = turns.take();
    problem('');
    setText(byId('audit-count'), 'Looking…');
    try {
      const { data } = await page.api.get('/audit', { query: { ...query(), before: from, limit: A_PAGE } });
      if (!wanted()) return;
      const items = append(data);
      setHidden(list, list.children.length === 0);
      setHidden(more, before === null);
      const count = list.children.length;
      setText(
        byId('audit-count'),
        count === 0
          ? 'No entries match.'
          : `${count} ${count === 1 ? 'entry' : 'entries'}${before === null ? '' : ', and older ones'}.`,
      );
      if (from !== null) items[0]?.focus();
    } catch (error) {
      if (!wanted()) return;
      setText(byId('audit-count'), '');
      problem(asProblem(error).detail);
    }
  }

  /** @param {AuditPage} entries */
  function append({ actions, entries, next }) {
    fillActions(actions);
    const items = entries.map(itemOf);
    list.append(...items);
    before = next;
    return items;
  }

  /** @param {AuditPage['actions']} actions */
  function fillActions(actions) {
    const select = byId('audit-action');
    if (select.options.length > 1) return;
    select.append(...actions.map(({ name, words }) => make('option', { value: name, text: words })));
  }

  /** @param {AuditEntry} entry */
  function itemOf(entry) {
    const state = stateInWords(entry);
    const facts = factsInWords(entry).join(', ');
    const called = names(entry);
    const about = entry.whom.flatMap((one) => namedPerson({ ...one, name: called.get(bareKey(one)) ?? null }));
    return make('li', { className: 'space-y-1 px-4 py-3', tabindex: '-1' }, [
      make('p', { className: 'flex flex-wrap items-baseline justify-between gap-x-4' }, [
        make('span', { className: 'font-medium', text: entry.words }),
        make('time', {
          className: 'text-sm text-soft tabular',
          datetime: entry.time,
          text: momentIn(Date.parse(entry.time), page.health?.time_zone),
        }),
      ]),
      ...(about.length > 0 ? [make('p', { className: 'flex flex-wrap gap-x-3' }, about.slice(0, 10).map(nameOf))] : []),
      ...(about.length > 10
        ? [make('p', { className: 'text-sm text-soft', text: `and ${about.length - 10} others` })]
        : []),
      make('p', {
        className: 'text-sm text-soft',
        text: [whoInWords(entry.who), entry.place === entry.who.key ? '' : setOff(entry.place), facts]
          .filter(Boolean)
          .join(' \u00b7 '),
      }),
      ...changesInWords(entry, called).map((text) => make('p', { className: 'text-sm text-soft', text })),
      ...(state ? [make('p', { className: 'text-sm font-medium text-bad', text: state })] : []),
    ]);
  }

  /**
   * Who and what the values of an entry may name, by key.
   * @param {AuditEntry} entry
   */
  function names({ whom: about }) {
    /** @type {[string, string][]} */
    const here = about.flatMap((one) => (one.name ? [[bareKey(one), one.name]] : []));
    return new Map([...known, ...here]);
  }

  /** @param {NamedPerson} person */
  function nameOf({ key, words }) {
    if (whom?.key === key) return make('span', { text: words });
    const button = make('button', {
      type: 'button',
      className: 'min-h-11 text-left underline underline-offset-4',
      text: words,
    });
    button.append(make('span', { className: 'sr-only', text: ': show these entries only' }));
    button.addEventListener('click', () => only({ key, words }));
    return button;
  }

  /** @param {NamedPerson | null} person */
  function only(person) {
    whom = person;
    setHidden(byId('audit-whom'), person === null);
    setText(byId('audit-whom-text'), person === null ? '' : `Only what was about: ${person.words}`);
    byId('audit-title').focus();
    show();
  }

  async function download() {
    try {
      const { data, headers } = await page.api.get('/audit.csv', { query: query(), as: 'blob', timeout: TIMEOUT_MS });
      saveFile(data, fileNameOf(headers.get('Content-Disposition')) ?? 'audit.csv');
      page.said('The audit trail is in your downloads.');
      problem('');
    } catch (error) {
      problem(asProblem(error).detail);
    }
  }

  async function fillPeople() {
    const select = byId('audit-who');
    const chosen = select.value;
    /** @type {Kiosk[]} */
    const kiosks = (await page.api.get('/kiosks')).data.kiosks;
    /** @type {Account[]} */
    const accounts = (await page.api.get('/accounts')).data.accounts;
    /** @type {CourseOfList[]} */
    const courses = may(page.me, 'GET /courses') ? (await page.api.get('/courses')).data.courses : [];
    known = [
      ...accounts.map(({ key, name }) => /** @type {[string, string]} */ ([key, name])),
      ...courses.map(({ key, code }) => /** @type {[string, string]} */ ([key, code])),
    ];
    const options = [
      ...accounts.map(({ key, name }) => [`account:${key}`, name]),
      ...kiosks.map(({ key, name }) => [`kiosk:${key}`, `Kiosk ${name}`]),
      ...['nobody', 'terminal', 'server'].map((key) => [key, whoInWords({ key, name: null })]),
    ];
    select.replaceChildren(
      select.options[0],
      ...options.map(([value, text]) => make('option', { value, text, dir: 'auto', translate: 'no' })),
    );
    select.value = chosen;
  }

  /** @param {string} sentence */
  function problem(sentence) {
    setText(byId('audit-problem'), sentence);
    setHidden(byId('audit-problem'), sentence === '');
  }

  return {
    async opening() {
      const zone = page.health?.time_zone;
      setText(byId('audit-zone'), zone ? `Times are in ${zone.replaceAll('_', ' ')}.` : '');
      problem('');
      try {
        await fillPeople();
      } catch (error) {
        problem(asProblem(error).detail);
        return;
      }
      await show();
    },
  };
}

/** @param {KeyAndName} one */
function bareKey({ key }) {
  return key.slice(key.indexOf(':') + 1);
}

/**
 * Whom an entry is about with the words for it; nothing where that is no student or account.
 * @param {KeyAndName} one
 * @returns {NamedPerson[]}
 */
function namedPerson(one) {
  const words = whomInWords(one);
  return words === null ? [] : [{ key: one.key, words }];
}
