/* Factors: which version is in force, from which source; a change is a form of the flow two_person, decided by another. */
import { html, nothing } from '../lib/lit.js';
import { t, language } from '../lib/i18n.js';
import { href, go } from '../lib/url.js';
import { send } from '../lib/api.js';
import { csrf, may } from '../lib/me.js';
import { recordsOf, itemsOf, stateChip, who } from '../lib/filing.js';
import { stamp } from '../lib/format.js';
import { table } from './bits.js';
import { view } from './states.js';

/** @param {import('../lib/page.js').Page} page */
export function factorTab(page) {
  page.need('factors', '/records/factor?size=200');
  page.need('changes', '/filings?form=factor&size=50');
  return html`<div class="grid"><section class="card c12" aria-labelledby="h-fc"><div class="cardhead"><h2 id="h-fc">${t('factor.changes')}</h2></div><p class="dim">${t('factor.rule')}</p>
    ${view(page, 'changes', (d) => table({ rows: itemsOf(d), columns: [{ label: t('list.id'), head: true, cell: (r) => html`<a href=${href(`/f/${encodeURIComponent(r.id)}`, { view: r.state === 'proposed' ? 'review' : null })}>${r.id}</a>` }, { label: t('col.state'), cell: (r) => stateChip(r.state) }, { label: t('list.by'), cell: (r) => html`${who(r.by)} <span class="small dim nowrap">${stamp(r.at)}</span>` }] }), { empty: (d) => itemsOf(d).length === 0, hint: t('factor.none') })}
    ${may('propose') ? html`<form class="form wide3" @submit=${(e) => propose(e, page)}><label>${t('factor.id')}<input name="id" required spellcheck="false" autocomplete="off" placeholder="k.raw_coal@2"></label><label>${t('factor.value')}<input name="value" required inputmode="decimal"></label><label>${t('col.unit')}<input name="unit" required></label><label>${t('factor.source')}<input name="source" required></label>
      <label>${t('factor.from')}<input name="valid_from" type="date" required></label><label>${t('admin.reason')}<input name="reason" required maxlength="300"></label><div class="row"><button class="primary">${t('factor.propose')}</button></div></form>` : nothing}</section>
    <section class="card c12" aria-labelledby="h-f"><div class="cardhead"><h2 id="h-f">${t('factor.inforce')}</h2></div>${view(page, 'factors', (d) => table({ caption: t('factor.inforce'), rows: recordsOf(d), columns: [{ label: t('factor.id'), head: true, cell: (r) => html`<code>${r.id}</code>` }, { label: t('admin.name'), cell: (r) => (language() === 'en' ? r.name_en : r.name_zh) || '—' },
    { label: t('factor.value'), num: true, raw: (r) => r.value, cell: (r) => r.value ?? '—' }, { label: t('col.unit'), cell: (r) => r.unit || '—' }, { label: t('factor.source'), cell: (r) => [r.source, r.clause].filter(Boolean).join(' ') || '—' }, { label: t('factor.from'), cell: (r) => html`<span class="nowrap">${String(r.valid_from || '—').slice(0, 10)}</span>` }, { label: t('factor.to'), cell: (r) => html`<span class="nowrap">${String(r.valid_to || '—').slice(0, 10)}</span>` }] }))}</section></div>`;
}

async function propose(e, page) {
  e.preventDefault();
  const v = Object.fromEntries(new FormData(e.target));
  try {
    const { reason, ...row } = v;
    const { data } = await send('POST', '/filings', { form: 'factor', sheet: { id: row.id }, rows: [row] }, { csrf: csrf() });
    await send('POST', `/filings/${encodeURIComponent(data.id)}/propose`, { reason }, { csrf: csrf(), etag: `"${data.version}"` });
    go(href(`/f/${encodeURIComponent(data.id)}`));
  } catch (err) {
    page.error = err;
  }
}
