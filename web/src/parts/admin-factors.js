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
  page.need('factors', '/records/factor?size=1000');
  page.need('changes', '/filings?form=factor&size=50');
  return html`<div class="grid"><section class="card c12" aria-labelledby="h-fc"><div class="cardhead"><h2 id="h-fc">${t('factor.changes')}</h2></div><p class="dim">${t('factor.rule')}</p>
    ${view(page, 'changes', (d) => table({ rows: itemsOf(d), columns: [{ label: t('list.id'), head: true, cell: (r) => html`<a href=${href(`/f/${encodeURIComponent(r.id)}`, { view: r.state === 'proposed' ? 'review' : null })}>${r.id}</a>` }, { label: t('col.state'), cell: (r) => stateChip(r.state) }, { label: t('list.by'), cell: (r) => html`${who(r.by)} <span class="small dim nowrap">${stamp(r.at)}</span>` }] }), { empty: (d) => itemsOf(d).length === 0, hint: t('factor.none') })}
    ${may('propose') ? proposal(page) : nothing}</section>
    <section class="card c12" aria-labelledby="h-f"><div class="cardhead"><h2 id="h-f">${t('factor.inforce')}</h2></div>${view(page, 'factors', (d) => table({ caption: t('factor.inforce'), rows: recordsOf(d), columns: [{ label: t('factor.id'), head: true, cell: (r) => html`<code>${r.id}</code>` }, { label: t('admin.name'), cell: (r) => (language() === 'en' ? r.name_en : r.name_zh) || '—' },
    { label: t('factor.value'), num: true, raw: (r) => r.value, cell: (r) => r.value ?? '—' }, { label: t('col.unit'), cell: (r) => r.unit || '—' }, { label: t('factor.source'), cell: (r) => [r.source, r.clause].filter(Boolean).join(' ') || '—' }, { label: t('factor.valid_from'), cell: (r) => html`<span class="nowrap">${String(r.valid_from || '—').slice(0, 10)}</span>` }, { label: t('factor.valid_to'), cell: (r) => html`<span class="nowrap">${String(r.valid_to || '—').slice(0, 10)}</span>` }] }))}</section></div>`;
}

const CERTAINTY = ['V', 'C', 'H', 'M', 'L'];
/** Words of the certainty come from the type's own description of its column. */
function proposal(page) {
  const known = new Map(); // factor -> its newest edition
  for (const r of recordsOf(page.slots.get('factors').data)) if (!known.has(r.factor) || known.get(r.factor).edition < r.edition) known.set(r.factor, r);
  /** A factor that is known brings its next edition and what seldom changes. */
  const fill = (e) => {
    const f = e.target.form;
    const [name, edition] = e.target.value.trim().split('@');
    const k = known.get(name);
    e.target.value = name;
    f.edition.value = edition || (k ? Number(k.edition) + 1 : 1);
    for (const n of ['unit', 'name_zh', 'name_en', 'region', 'clause']) if (k && !f[n].value) f[n].value = k[n] ?? '';
  };
  const text = (name, label, more = {}) => html`<label>${label}<input name=${name} ?required=${more.required !== false} spellcheck="false" autocomplete="off" inputmode=${more.mode || 'text'} type=${more.type || 'text'} maxlength=${more.max || 200}></label>`;
  return html`<h3>${t('factor.propose')}</h3><form class="form wide3" id="factor-form" @submit=${(e) => propose(e, page)}>
    <label>${t('factor.code')}<input name="factor" required spellcheck="false" autocomplete="off" list="factor-list" placeholder="k.raw_coal" @change=${fill}></label><datalist id="factor-list">${[...known.values()].map((k) => html`<option value=${k.factor}>${language() === 'en' ? k.name_en : k.name_zh}</option>`)}</datalist>
    ${text('edition', t('factor.edition'), { mode: 'numeric' })}${text('value', t('factor.value'), { mode: 'decimal' })}${text('unit', t('col.unit'))}
    ${text('valid_from', t('factor.valid_from'), { type: 'date' })}${text('valid_to', t('factor.valid_to'), { type: 'date', required: false })}${text('source', t('factor.source'))}${text('clause', t('src.clause'), { required: false })}
    <label>${t('factor.certainty')}<select name="certainty" required><option value=""></option>${CERTAINTY.map((c) => html`<option value=${c}>${t(`certainty.${c}`)}</option>`)}</select></label>${text('region', t('factor.region'), { required: false })}
    ${text('name_zh', t('factor.name_zh'))}${text('name_en', t('factor.name_en'))}${text('reason', t('admin.reason'), { max: 300 })}<div class="row"><button class="primary">${t('factor.propose')}</button></div></form>`;
}

async function propose(e, page) {
  e.preventDefault();
  const v = Object.fromEntries([...new FormData(e.target)].map(([k, x]) => [k, String(x).trim()]));
  const { reason, factor, edition, ...row } = v;
  for (const k of Object.keys(row)) if (row[k] === '') delete row[k];
  page.error = null;
  try {
    const { data } = await send('POST', '/filings', { form: 'factor', sheet: { factor, edition: Number(edition) }, rows: [row] }, { csrf: csrf() });
    await send('POST', `/filings/${encodeURIComponent(data.id)}/propose`, { reason }, { csrf: csrf(), etag: `"${data.version}"` });
    go(href(`/f/${encodeURIComponent(data.id)}`));
  } catch (err) {
    page.error = err;
    await page.updateComplete;
    page.querySelector('#adm-err')?.focus();
  }
}
