/* Small pieces used everywhere: level chips, quality bar, tables, pager, source lists. */
import { html, nothing } from '../lib/lit.js';
import { t, word } from '../lib/i18n.js';
import { num, pct } from '../lib/format.js';
import { same } from '../lib/url.js';

/** Where a figure stands, as the engine says: `level` with a limit is the level of the standard it reaches (1 to 4, 1 the best), `level`
 * without one is that of the barometer of targets (1 the worst). A target without a level is met or missed; no nearness is invented
 * here. @returns {['ok'|'warn'|'bad'|'nodata', string]} kind and key of its word */
export function standing(f) {
  if (f.value === null || f.value === undefined) return ['nodata', 'level.0'];
  if (f.level && !f.limit && typeof f.target === 'number') return [['bad', 'level.1'], ['warn', 'level.2'], ['ok', 'level.3']][Math.min(3, f.level) - 1];
  if (f.level) return [['ok', 'reach.1'], ['ok', 'reach.2'], ['warn', 'reach.3'], ['bad', 'reach.over']][Math.min(4, f.level) - 1];
  if (f.target === null || f.target === undefined || (f.better !== 'up' && f.better !== 'down')) return ['nodata', 'level.none'];
  // a running period against the target of a whole year: only "already over" can be said
  if ((f.flags || []).includes('target_of_longer_period') && !(f.better === 'down' && f.value > f.target)) return ['nodata', 'level.longer'];
  return (f.better === 'down' ? f.value <= f.target : f.value >= f.target) ? ['ok', 'level.met'] : ['bad', 'level.missed'];
}
export function level(f) {
  const [kind, key] = standing(f);
  return chip(kind, t(key));
}

/** A chip for a state word. @param {'ok'|'warn'|'bad'|'nodata'} kind */
export function chip(kind, text) {
  const s = { bad: '■', warn: '▲', ok: '●', nodata: '○' }[kind];
  return html`<span class="st ${kind}"><span aria-hidden="true">${s}</span>${text}</span>`;
}

/** Shares of measured, filed and estimated, as fractions of their sum. */
export function shares(q) {
  if (!q) return null;
  const v = ['measured', 'filed', 'estimated'].map((k) => Math.abs(Number(q[k]) || 0));
  const sum = v[0] + v[1] + v[2];
  return sum > 0 ? { measured: v[0] / sum, filed: v[1] / sum, estimated: v[2] / sum } : null;
}
export const qualityText = (s) => ['measured', 'filed', 'estimated'].filter((k) => s[k] > 0).map((k) => `${t(`quality.${k}`)} ${pct(s[k])}`).join(' · ');

/** @typedef {{label: string, unit?: string, num?: boolean, cell: (row: any, i: number) => unknown, raw?: (row: any) => unknown, head?: boolean, cls?: string}} Column */

/** A real table. Cells with `raw` carry the untouched value in data-v, for copying and for tests.
 * @param {{caption?: string, columns: Column[], rows: any[], api?: ?string, cls?: string, rowClass?: (r: any) => string, limit?: number, moves?: boolean}} o moves: wider than its card */
export function table(o) {
  const rows = o.limit ? o.rows.slice(0, o.limit) : o.rows;
  const moves = rows.length > 30 || o.moves || window.innerWidth < 900; // what may scroll must be reachable by keyboard
  return html`<div class="scroll ${rows.length > 30 ? 'tall' : ''}" tabindex=${moves ? '0' : nothing} role=${moves ? 'region' : nothing}
    aria-label=${moves ? o.caption || t('tab.table') : nothing}>
    <table class=${o.cls || nothing} data-api=${o.api || nothing}>
    ${o.caption ? html`<caption>${o.caption}${o.limit && o.rows.length > o.limit ? ' · ' + t('table.first', { n: o.limit, all: o.rows.length }) : ''}</caption>` : nothing}
    <thead><tr>${o.columns.map((c) => html`<th scope="col" class=${c.cls || (c.num ? 'n' : nothing)}>${c.label}${c.unit ? html` <small>(${c.unit})</small>` : nothing}</th>`)}</tr></thead>
    <tbody>${rows.map((r, i) => html`<tr class=${(o.rowClass && o.rowClass(r)) || nothing}>${o.columns.map((c) => cell(c, r, i))}</tr>`)}</tbody>
    </table></div>`;
}
function cell(c, r, i) {
  const raw = c.raw ? c.raw(r) : undefined;
  const v = !c.raw ? nothing : raw === null || raw === undefined ? '' : String(raw);
  return c.head ? html`<th scope="row" data-v=${v}>${c.cell(r, i)}</th>` : html`<td class=${c.cls || (c.num ? 'n' : nothing)} data-v=${v}>${c.cell(r, i)}</td>`;
}

/** Number column of a field. */
export const ncol = (label, unit, key, div = 1, decimals) => ({
  label, unit, num: true, raw: (r) => (r[key] === undefined ? null : r[key]), cell: (r) => num(r[key] === null || r[key] === undefined ? null : r[key] / div, decimals),
});

/** Page links; the page number lives in the address. */
export function pager(total, size, page) {
  const last = Math.max(1, Math.ceil(total / size));
  const link = (n, text, off) => html`<a class="btn" href=${same({ page: n > 1 ? String(n) : null })} aria-disabled=${off ? 'true' : nothing}
    tabindex=${off ? '-1' : nothing}>${text}</a>`;
  return html`<nav class="pager" aria-label=${t('pager.label')}>${link(page - 1, t('pager.prev'), page <= 1)}
    <span>${t('pager.at', { n: page, all: last, total: num(total, 0) })}</span>${link(page + 1, t('pager.next'), page >= last)}</nav>`;
}

/** Definition list of [label, value]; empty values are left out. */
export const source = (pairs) => html`<dl class="src">${pairs.filter((p) => p && p[1] !== null && p[1] !== undefined && p[1] !== '')
  .map(([k, v]) => html`<dt>${k}</dt><dd>${v}</dd>`)}</dl>`;

/** Words of the flags of a figure; "factor_outside_validity:k.x" keeps its tail. */
export function flagWord(f) {
  const [a, ...rest] = String(f).split(':');
  return word('flag', a) + (rest.length ? ` ${rest.join(':')}` : '');
}

/** Search field that is quiet while an input method composes. @param {(v: string) => void} done */
export function searchBox(id, label, value, done) {
  let timer = 0;
  const fire = (el) => { clearTimeout(timer); done(el.value.trim()); };
  return html`<input type="search" id=${id} aria-label=${label} placeholder=${label} .value=${value || ''}
    @input=${(e) => { if (e.isComposing) return; clearTimeout(timer); const el = e.target; timer = setTimeout(() => fire(el), 350); }}
    @compositionend=${(e) => fire(e.target)}
    @keydown=${(e) => { if (e.key === 'Enter' && !e.isComposing && e.keyCode !== 229) { e.preventDefault(); fire(e.target); } }}>`;
}
