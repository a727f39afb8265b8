/* 填报 tab of a unit's page: its filings, its tree of sites, processes and equipment, and who may file for it. */
import { html, nothing } from '../lib/lit.js';
import { t, nm, word } from '../lib/i18n.js';
import { q } from '../lib/api.js';
import { may } from '../lib/me.js';
import { href } from '../lib/url.js';
import { stamp } from '../lib/format.js';
import { itemsOf, monthName, stateChip, clock, who } from '../lib/filing.js';
import { table } from './bits.js';
import { view } from './states.js';

/** @param {import('../lib/page.js').Page} page @param {string} id @param {?object} subject */
export function unitFilings(page, id, subject) {
  page.need('filings', q('/filings', { subject: id, size: '100' }));
  page.need('users', may('users') ? q('/users', { q: id, size: '50' }) : null);
  page.need('types', '/types');
  const title = (f) => { const x = itemsOf(page.slots.get('types').data).find((y) => y.type === f.form); return x ? nm(x.title) : f.title ? nm(f.title) : f.form; };
  return html`<section class="card c12" aria-labelledby="h-uf"><div class="cardhead"><h2 id="h-uf">${t('unit.filings')}</h2></div>${view(page, 'filings', (d) => table({ caption: t('list.count', { n: itemsOf(d).length }), rows: itemsOf(d), columns: [{ label: t('list.form'), head: true, cell: (r) => html`<a href=${href(`/f/${encodeURIComponent(r.id)}`, { view: ['submitted', 'approved'].includes(r.state) ? 'review' : null, tab: null })}>${title(r)}</a>` },
    { label: t('col.month'), cell: (r) => html`<span class="nowrap">${monthName(r.month)}</span>` }, { label: t('col.state'), cell: (r) => stateChip(r.state) }, { label: t('work.due'), cell: (r) => (r.state === 'accepted' ? r.due || '—' : clock(r)) }, { label: t('list.by'), cell: (r) => html`${who(r.by)} <span class="small dim nowrap">${stamp(r.at)}</span>` }] }), { empty: (d) => itemsOf(d).length === 0, hint: t('unit.no_filings') })}</section>
    <section class="card c6" aria-labelledby="h-tree"><div class="cardhead"><h2 id="h-tree">${t('unit.tree')}</h2></div>${subject ? html`<ul class="utree"><li><b>${nm(subject)}</b>${(subject.children || []).length ? html`<ul>${subject.children.map((c) => html`<li>${nm(c)} <span class="tag">${word('kind_of', c.kind)}</span> <code class="small">${c.id}</code></li>`)}</ul>` : html`<p class="dim">${t('unit.no_tree')}</p>`}</li></ul>` : nothing}</section>
    ${may('users') ? html`<section class="card c6" aria-labelledby="h-uu"><div class="cardhead"><h2 id="h-uu">${t('unit.users')}</h2></div>${view(page, 'users', (d) => table({ rows: itemsOf(d).filter((u) => u.org === id), columns: [{ label: t('admin.name'), head: true, cell: (r) => r.name }, { label: t('admin.roles'), cell: (r) => String(r.roles || '').split(' ').filter(Boolean).map((x) => word('role', x)).join(' · ') || '—' }] }), { empty: (d) => itemsOf(d).filter((u) => u.org === id).length === 0, hint: t('unit.no_users') })}</section>` : nothing}`;
}
