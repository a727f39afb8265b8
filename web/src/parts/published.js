/* 发布与重述: what was given out of this figure, and what became of it since: old and new value, difference, reason, who and when. */
import { html, nothing } from '../lib/lit.js';
import { t } from '../lib/i18n.js';
import { send, q } from '../lib/api.js';
import { me, csrf, may } from '../lib/me.js';
import { href, go, same } from '../lib/url.js';
import { num, stamp, unitName } from '../lib/format.js';
import { itemsOf } from '../lib/filing.js';
import { table, chip } from './bits.js';

const exact = (v) => (v === null || v === undefined ? '—' : num(Number(v), 3));
const who = (r) => [...new Set(((r.cause && r.cause.records) || []).map((x) => x.by).filter(Boolean))];
const what = (r) => [...((r.cause && r.cause.records) || []).slice(0, 3).map((x) => `${x.type} ${x.id} v${x.version}`), ...(r.cause && r.cause.readings ? [t('pub.readings')] : []), ...((r.cause && r.cause.records) || []).length > 3 ? ['…'] : []];

/** @param {import('../lib/page.js').Page} page @param {string} id the figure @param {?string} subject null: the city */
export function publishedCard(page, id, subject) {
  const f = page.slots.get('figure').data;
  const known = Boolean(me().user);
  const all = page.need('publications', known && f ? q('/publications', { figure: id, subject: f.subject || subject, size: '20' }) : null);
  const list = all.data ? itemsOf(all.data) : [];
  const p = f && f.published;
  const mayPropose = f && may('propose') && f.period && f.period.to && f.period.to < page.city.now.slice(0, 7);
  if (!p && !list.length && !mayPropose) return nothing;
  return html`<section class="card" id="card-published" aria-labelledby="h-pub"><div class="cardhead"><h2 id="h-pub">${t('pub.title')}</h2><span class="unit">${f ? unitName(f.unit) : ''}</span></div>
    ${p ? html`<p>${t('pub.given', { value: exact(p.value), at: stamp(p.at) })} ${chip((f.restated || []).length ? 'warn' : 'ok', t((f.restated || []).length ? 'pub.restated' : 'pub.unchanged'))}</p>
      ${(f.restated || []).length ? table({ caption: t('pub.changes'), moves: true, rows: f.restated, columns: [{ label: t('pub.when'), head: true, cell: (r) => html`<span class="nowrap">${stamp(r.at)}</span>` }, { label: t('pub.old'), num: true, raw: (r) => r.old, cell: (r) => exact(r.old) }, { label: t('pub.new'), num: true, raw: (r) => r.new, cell: (r) => exact(r.new) },
    { label: t('pub.difference'), num: true, raw: (r) => r.difference, cell: (r) => exact(r.difference) }, { label: t('admin.reason'), cell: (r) => html`${r.reason || '—'}<br><span class="small dim">${what(r).join(' · ')}</span>` }, { label: t('pub.who'), cell: (r) => who(r).join(', ') || '—' }] }) : nothing}` : nothing}
    ${list.length ? table({ caption: t('pub.list'), moves: true, rows: list, columns: [{ label: t('pub.period'), head: true, cell: (r) => html`<a class="nowrap" href=${same({ r: `${r.period.from}..${r.period.to}` })}>${r.period.from === r.period.to ? r.period.from : `${r.period.from}..${r.period.to}`}</a>` },
    { label: t('pub.value'), num: true, cell: (r) => exact(r.value) }, { label: t('col.version'), cell: (r) => `v${r.version}${r.current ? '' : ` ${t('pub.earlier')}`}` }, { label: t('pub.who'), cell: (r) => html`${r.by} <span class="small dim nowrap">${stamp(r.at)}</span>` }] }) : nothing}
    ${mayPropose ? html`<form class="form" id="publish" @submit=${(e) => propose(e, page, id, f)}><label for="pub-reason">${t('pub.reason')}</label><input id="pub-reason" name="reason" required maxlength="300"><div class="row"><button>${t('pub.propose')}</button></div>
      ${page.pubError ? html`<p class="err" role="alert">${page.pubError.message}</p>` : nothing}</form>` : nothing}</section>`;
}

async function propose(e, page, id, f) {
  e.preventDefault();
  page.pubError = null;
  try {
    const period = `${f.period.from}..${f.period.to}`;
    const { data } = await send('POST', '/publications', { figure: id, subject: f.subject, period, reason: new FormData(e.target).get('reason').trim() }, { csrf: csrf() });
    go(href(`/f/${encodeURIComponent(data.filing)}`, { view: null }));
  } catch (err) {
    page.pubError = err;
    page.requestUpdate();
  }
}
