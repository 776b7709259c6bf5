// The site's rules and percentages, for courses without their own: changed after a question that counts these courses.
// Its days without teaching are below them.

import { byId, setHidden, setText, whileBusy } from '../../lib/dom.js';
import { t } from '../../lib/messages.js';
import { followers } from '../../logic/faculty/courses.js';
import { may } from '../../logic/faculty/rights.js';
import { confirmThen } from '../confirm.js';
import { clearFaults, showFaults } from '../messages.js';
import { createPolicyFields, createRulesFields } from '../rule_fields.js';
import { createClosuresForm } from './closures_form.js';

/** @typedef {'rules' | 'policy'} Part a form of its own */
/** @typedef {ReturnType<typeof followers>} Followers */

/** @param {FacultyPage} page */
export function createSiteRulesDialog(page) {
  const rules = createRulesFields('site-rules');
  const policy = createPolicyFields('site-policy');
  const closures = createClosuresForm(page);
  const forms = {
    rules: {
      fields: rules,
      fill: (/** @type {AttendanceSettings} */ settings) => rules.fill(settings.rules),
      typed: () => ({ ...rules.typed(), since: sinceChosen() }),
      saved: 'rules.saved',
    },
    policy: {
      fields: policy,
      fill: (/** @type {AttendanceSettings} */ settings) => policy.fill(settings.policy, settings.remarks),
      typed: policy.typed,
      saved: 'policy.saved',
    },
  };
  /** @type {{ rules?: StatusRules & { since: string }, policy?: PercentagePolicy }} what the forms say until changed */
  const known = {};

  async function opening() {
    const [loading, problem, parts] = [byId('site-loading'), byId('site-problem'), byId('site-parts')];
    for (const part of [problem, parts]) setHidden(part, true);
    setHidden(loading, false);
    byId('site-rules-title').focus();
    try {
      const [{ data }, counted] = await Promise.all([page.api.get('/attendance-settings'), countFollowers()]);
      showFollowers(counted);
      for (const part of /** @type {Part[]} */ (['rules', 'policy'])) show(part, data);
      closures.show(data);
      setHidden(parts, false);
    } catch (error) {
      showFaults(problem, error, {});
    } finally {
      setHidden(loading, true);
    }
  }

  /** How many courses follow the site; null for admins who see no courses. */
  async function countFollowers() {
    return may(page.me, 'GET /courses') ? followers((await page.api.get('/courses')).data.courses) : null;
  }

  /**
   * @param {Part} part
   * @param {AttendanceSettings} settings
   */
  function show(part, settings) {
    byId(`site-${part}-form`).reset();
    clearFaults(byId(`site-${part}-summary`), forms[part].fields.inputs);
    forms[part].fill(settings);
    Object.assign(known, { [part]: forms[part].typed() });
  }

  /** @param {Part} part */
  async function ask(part) {
    const { fields, typed, saved } = forms[part];
    const box = byId(`site-${part}-summary`);
    clearFaults(box, fields.inputs);
    try {
      const wanted = typed();
      if (JSON.stringify(wanted) === JSON.stringify(known[part])) {
        page.said(t('site_rules.same'));
        return;
      }
      const counted = await countFollowers();
      showFollowers(counted);
      const count = counted && concerned(wanted, counted);
      const act = async () => {
        show(part, (await page.api.patch('/attendance-settings', { [part]: wanted })).data);
        page.said(t(saved));
      };
      if (count === 0) await act();
      else confirmThen({ ...question(part, count), danger: false, act });
    } catch (error) {
      showFaults(box, error, fields.inputs);
    }
  }

  /**
   * How many courses a change reaches: when attendance is low changes where days are locked, too.
   * @param {StatusRules | PercentagePolicy} wanted
   * @param {Followers} counted
   */
  function concerned(wanted, counted) {
    if (!('limit' in wanted)) return counted.rules;
    const { limit, in_row: inRow } = wanted;
    const lowStays = limit === known.policy?.limit && inRow === known.policy?.in_row;
    return counted.policy + (lowStays ? 0 : counted.locked);
  }

  for (const part of /** @type {Part[]} */ (['rules', 'policy'])) {
    byId(`site-${part}-form`).addEventListener('submit', (event) => {
      event.preventDefault();
      whileBusy(byId(`site-${part}-save`), () => ask(part));
    });
  }

  return { opening };
}

function sinceChosen() {
  return String(new FormData(byId('site-rules-form')).get('site-rules-since'));
}

/** @param {Followers | null} counted */
function showFollowers(counted) {
  for (const id of /** @type {const} */ (['site-rules-courses', 'site-policy-courses'])) setHidden(byId(id), !counted);
  if (!counted) return;
  const locked = counted.locked > 0 ? t('site_rules.locked', { count: counted.locked }) : '';
  setText(byId('site-rules-courses'), t('site_rules.follow', { count: counted.rules }));
  setText(byId('site-policy-courses'), `${t('site_rules.count', { count: counted.policy })} ${locked}`.trim());
}

/**
 * @param {Part} part
 * @param {number | null} count how many courses follow; null if that is unknown
 */
function question(part, count) {
  const words = part === 'rules' ? `rules_${sinceChosen()}` : 'policy';
  return {
    title: count === null ? t(`site_rules.ask_${part}_of_all`) : t(`site_rules.ask_${part}`, { count }),
    words: t(`site_rules.new_${words}`),
    stays: t(`site_rules.stays_${words}`),
    yes: t(`site_rules.save_${part}`),
  };
}
