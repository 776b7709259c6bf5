// What the kiosk says: each cause of a trouble has its own words and its own way on.

import { argumentsOf, isMessage, messageIfComplete, t } from '../../lib/messages.js';
import { closedNow, closedWords, standingWords } from './classes.js';
import { facesHere } from './faces_here.js';

/** What the server names a site's contact where the site named none. */
const UNNAMED = 'your lecturer';

/**
 * Whom students can ask, as the site names them.
 * @param {Health | null} health
 */
export function contactOf(health) {
  const named = health?.contact;
  return named && named !== UNNAMED ? named : t('contact.unnamed');
}

/** @type {Record<string, string>} */
const SAME_AS = {
  challenge_expired: 'too_slow',
  expired: 'too_slow',
  one_person: 'several_faces',
  challenge_not_passed: 'out_of_order',
  models_not_ready: 'not_ready',
  models_failed: 'not_ready',
  passive_missing: 'not_ready',
  too_many_sessions: 'busy',
};

/** What kept somebody from continuing, where the failure's own words say it already. */
/** @type {Record<string, string>} */
const SAID_ALREADY = { lost_face: 'no_face', several_faces: 'one_person' };

/**
 * The words for a trouble, by its code. An unknown code has the server's own sentence. `help` is empty where the text
 * says already whom to ask. `cause` is what kept the person from continuing, empty where nobody knows.
 * @param {{ code: string, detail?: string, params?: Params, hint?: string | null, otherWay?: boolean }} trouble
 * @param {string} contact
 * @param {string} [otherwise] the title for an unknown code
 */
export function troubleWords(trouble, contact, otherwise = t('trouble.unfinished')) {
  const code = SAME_AS[trouble.code] ?? trouble.code;
  const values = { ...trouble.params, contact };
  const text = trouble.otherWay ? 'trouble.other_way' : `trouble_text.${code}`;
  const namesContact = isMessage(text) && argumentsOf(text).includes('contact');
  return {
    title: messageIfComplete(`trouble_title.${code}`, values) ?? otherwise,
    detail: messageIfComplete(text, values) ?? (trouble.detail || t('trouble.try_again')),
    cause: SAID_ALREADY[code] === trouble.hint ? '' : (messageIfComplete(`cause.${trouble.hint}`, {}) ?? ''),
    help: namesContact ? '' : t('trouble.help', { contact }),
    canRetry: !['insecure', 'faces_off', 'class_without_faces'].includes(code),
  };
}

/**
 * What the idle kiosk says.
 * @param {Pick<KioskState, 'arrival' | 'said' | 'handsFree' | 'somebody' | 'place' | 'health'>} state
 */
export function readyWords({ arrival, said, handsFree, somebody, place, health }) {
  if (closedNow({ place })) return closedWords(place);
  const title = arrival || said ? t('ready.next') : t('ready.welcome');
  if (!facesHere({ health, place })) return { title, detail: t('ready.text_code') };
  if (somebody) return { title, detail: t('ready.hold_still') };
  return { title, detail: handsFree ? t('ready.hands_free') : t('ready.text') };
}

/**
 * The greeting. `fact` and `note` may be read aloud by a screen reader; `shown` and `more` are for the screen, because the
 * status is nobody else's business.
 * @param {Pick<Arrival, 'name' | 'time' | 'already' | 'standing'>} arrival
 */
export function arrivalWords({ name, time, already, standing }) {
  const fact = already ? t('greeted.already', { time }) : t('greeted.checked_in', { time });
  const { status, note } = standingWords({ time, standing });
  const shown = status && !already ? status : fact;
  return { hello: greeting(time, name), fact, note, shown, more: already ? status || note : note };
}

/**
 * The last check-in, on the idle screen.
 * @param {Pick<Arrival, 'name' | 'time' | 'already'>} arrival
 */
export function recentWords({ name, time, already }) {
  return already ? t('ready.already', { name, time }) : t('ready.checked_in', { name, time });
}

/**
 * The greeting for a local time like "09:03".
 * @param {string} localTime
 * @param {string} name
 */
export function greeting(localTime, name) {
  const hour = Number.parseInt(localTime, 10);
  if (hour >= 5 && hour < 12) return t('greeted.morning', { name });
  if (hour >= 12 && hour < 18) return t('greeted.afternoon', { name });
  return Number.isNaN(hour) ? t('greeted.hello', { name }) : t('greeted.evening', { name });
}

/**
 * What "Not me" did.
 * @param {string} outcome
 * @param {string} name
 * @param {string} contact
 */
export function notMeWords(outcome, name, contact) {
  switch (outcome) {
    case 'cancelled':
      return t('not_me.cancelled', { name, contact });
    case 'already':
      return t('not_me.already', { name, contact });
    case 'too_late':
      return t('not_me.too_late', { name, contact });
    default:
      return t('not_me.failed', { name, contact });
  }
}
