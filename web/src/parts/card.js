/* A card: heading, 图|表|来源 tabs kept in the address (?view=table for all, ?view=flow.table for one), export links. */
import { html, nothing } from '../lib/lit.js';
import { t } from '../lib/i18n.js';
import { here, patch } from '../lib/url.js';
import { exportUrl } from '../lib/api.js';
import { view } from './states.js';
import { savePng } from './png.js';

const TABS = ['chart', 'table', 'source'];

/** Which tab of a card is open, by the address. */
export function tabOf(id) {
  let all = 'chart';
  for (const part of (here().q.get('view') || '').split(',')) {
    const [a, b] = part.split('.');
    if (b === undefined && TABS.includes(a)) all = a;
    else if (a === id && TABS.includes(b)) return b;
  }
  return all;
}
function setTab(id, tab) {
  const parts = (here().q.get('view') || '').split(',').filter((p) => p && p.split('.')[0] !== id);
  const all = parts.find((p) => TABS.includes(p)) || 'chart';
  if (tab !== all) parts.push(`${id}.${tab}`);
  patch({ view: parts.join(',') || null }, true);
}

function onKey(e, id, tabs, tab) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
  if (!step) return;
  e.preventDefault();
  const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
  setTab(id, next);
  requestAnimationFrame(() => document.getElementById(`tab-${id}-${next}`)?.focus());
}

/** @typedef {object} CardOptions
 * @property {string} id @property {string} cls @property {string} title @property {string} [unit] @property {unknown} [tools]
 * @property {string} slot name of the answer @property {?string} [api] path below /api/v1, for export @property {(d: any) => boolean} [empty] @property {unknown} [hint]
 * @property {(d: any) => unknown} [chart] @property {(d: any) => unknown} table @property {(d: any) => unknown} source
 * @property {unknown} [foot] @property {(root: Element) => HTMLCanvasElement} [png] @property {boolean} [noPng] */

/** @param {import('../lib/page.js').Page} page @param {CardOptions} o */
export function card(page, o) {
  const tabs = o.chart ? TABS : TABS.slice(1);
  let tab = tabOf(o.id);
  if (!tabs.includes(tab)) tab = tabs[0];
  const draw = { chart: o.chart, table: o.table, source: o.source }[tab];
  return html`<section class="card ${o.cls}" id="card-${o.id}" aria-labelledby="h-${o.id}" data-card=${o.id}>
    <div class="cardhead"><h2 id="h-${o.id}">${o.title}</h2>${o.unit ? html`<span class="unit">${o.unit}</span>` : nothing}<span class="grow"></span>${o.tools || nothing}
      <div class="tabs" role="tablist" aria-label="${o.title}: ${t('tab.label')}" @keydown=${(e) => onKey(e, o.id, tabs, tab)}>${tabs.map((k) => html`<button role="tab"
        id="tab-${o.id}-${k}" aria-selected=${k === tab ? 'true' : 'false'} aria-controls="pane-${o.id}" tabindex=${k === tab ? '0' : '-1'}
        @click=${() => setTab(o.id, k)}>${t(`tab.${k}`)}</button>`)}</div></div>
    <div class="cardbody" role="tabpanel" id="pane-${o.id}" aria-labelledby="tab-${o.id}-${tab}">${view(page, o.slot, draw, { empty: o.empty, hint: o.hint })}</div>
    <div class="cardfoot">${o.foot || nothing}<span class="grow"></span>${o.api ? outLinks(page, o, tab) : nothing}</div>
  </section>`;
}

function outLinks(page, o, tab) {
  const picture = tab === 'chart' && o.chart && !o.noPng;
  return html`<span class="out"><a download href=${exportUrl(o.api, 'csv')} aria-label="${t('do.csv')}: ${o.title}">CSV</a>
    <a download href=${exportUrl(o.api, 'xlsx')} aria-label="${t('do.xlsx')}: ${o.title}">XLSX</a>
    ${picture ? html`<button aria-label="PNG ${t('do.png')}: ${o.title}" @click=${(e) => savePng(e.target.closest('.card'), o, page)}>PNG</button>` : nothing}</span>`;
}
