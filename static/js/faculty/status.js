// Shows how the server is: connection, model profile, notices, demo.

import { byId, icon, make, refill, setAttribute, setHidden, setText } from '../lib/dom.js';
import { t } from '../lib/messages.js';

/** @param {boolean} connected */
export function renderConnection(connected) {
  const chip = byId('connection');
  const kind = connected ? 'ok' : 'away';
  setAttribute(chip, 'data-state', kind);
  setAttribute(chip, 'class', connected ? 'badge badge-good' : 'badge badge-warn');
  refill(chip, kind, () =>
    connected
      ? [icon('check'), make('span', { className: 'max-sm:sr-only', text: 'Connected' })]
      : [icon('alert'), make('span', { text: 'Server away, trying again…' })],
  );
}

/** @param {Health} health */
export function renderHealth(health) {
  setText(byId('site'), health.site_name);
  setHidden(byId('demo'), !health.demo);
  setAttribute(document.documentElement, 'data-faces', health.faces.used ? null : 'off');
  renderProfile(health.profile);
  const problem =
    health.faces.ready || !health.faces.used
      ? ''
      : `Faces cannot be compared now. ${health.faces.problem?.detail ?? ''} Checking in by hand works.`;
  setText(byId('profile-problem'), problem);
  setHidden(byId('profile-problem'), problem === '');
  renderKept(health.days_kept);
  setHidden(byId('notices'), health.notices.length === 0);
  const { time_zone: zone, time_zone_chosen: chosen } = health;
  setText(byId('time-zone'), t(chosen ? 'settings.time_zone' : 'settings.time_zone_of_computer', { zone }));
  refill(byId('notices'), JSON.stringify(health.notices), () =>
    health.notices.map((notice) => make('p', { className: 'note note-warn', text: notice })),
  );
}

/** @param {DaysKept} days */
function renderKept(days) {
  const rows = /** @type {const} */ (['identities', 'faces', 'notes', 'requests']).map((kind) => [kind, days[kind]]);
  refill(byId('kept'), JSON.stringify(days), () =>
    [...rows, ['audit', 0]].flatMap(([kind, count]) => [
      make('dt', { text: t(`kept.${kind}`) }),
      make('dd', { className: 'font-medium', text: t('kept.days', { days: count }) }),
    ]),
  );
}

/** @param {Profile} profile */
function renderProfile(profile) {
  setHidden(byId('profile'), false);
  setText(byId('profile-name'), profile.name ?? 'none');
  setText(byId('profile-reason'), profile.reason);
  setText(byId('profile-advice'), profile.advice ?? '');
  const parts = profile.detector ? `Faces are found by ${profile.detector} and compared by ${profile.recogniser}.` : '';
  setText(byId('profile-parts'), [parts, profile.measured].filter(Boolean).join(' '));
}
