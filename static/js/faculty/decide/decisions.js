// The list of what waits, asked for while somebody is logged in: the place shows it, the navigation counts it.

import { byId, setHidden, setText } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { createWatch } from '../watch.js';

const EVERY_S = 30;

/**
 * `changed` is told about each new list, `failed` what the server refuses.
 * @param {Api} api
 * @param {{ changed: (list: DecisionList) => void, failed: (error: unknown) => void }} told
 */
export function watchDecisions(api, { changed, failed }) {
  /** @type {string | null} */
  let etag = null;

  /** @param {() => boolean} wanted */
  async function look(wanted) {
    const answer = await api.get('/decisions', { etag });
    if (!wanted()) return null;
    etag = answer.etag;
    if (answer.status === 304) return EVERY_S;
    /** @type {DecisionList} */
    const list = answer.data;
    const { total } = list.counts;
    setText(byId('decide-count'), String(total));
    setText(byId('decide-count-words'), t('decide.waiting', { count: total }));
    setHidden(byId('decide-badge'), total === 0);
    changed(list);
    return EVERY_S;
  }

  return createWatch(look, failed);
}
