/* Unit energy of processes against their three limit levels: one strip per process, each on its own scale (a converter gives
 * energy back and stands below zero, a blast furnace takes hundreds). */
import { html, svg, nothing } from '../lib/lit.js';
import { t } from '../lib/i18n.js';
import { num } from '../lib/format.js';
import { chip } from './bits.js';

const LEVELS = ['level1', 'level2', 'level3'];

/** Positions in per cent on a scale that holds the value and all levels. */
export function scale(row) {
  const all = [row.value, ...LEVELS.map((k) => row[k])].filter((v) => v !== null && v !== undefined);
  const [lo, hi] = [Math.min(...all), Math.max(...all)];
  const pad = (hi - lo || Math.abs(hi) || 1) * 0.18;
  return (v) => (100 * (v - lo + pad)) / (hi - lo + 2 * pad);
}

/** Which limit level a value reaches; levels of a standard may be absent. */
export function limitChip(v, l) {
  if (v === null || v === undefined) return chip('nodata', t('level.0'));
  const under = (k) => l[k] !== null && l[k] !== undefined && v <= l[k];
  if (under('level1')) return chip('ok', t('reach.1'));
  if (under('level2')) return chip('ok', t('reach.2'));
  return under('level3') ? chip('warn', t('reach.3')) : chip('bad', t('reach.over'));
}

/** @param {any[]} rows */
export function bullets(rows) {
  return html`<ul class="bullets">${rows.map((r) => {
    const x = scale(r);
    const has = LEVELS.filter((k) => r[k] !== null && r[k] !== undefined);
    return html`<li><div class="bh"><b>${r.label}</b><span class="bv">${num(r.value, 1)}</span>${limitChip(r.value, r)}</div>
      <svg class="bt" width="100%" height="18" aria-hidden="true">${strip(r, x, has)}</svg>
      <div class="bl">${has.map((k) => html`<span><svg width="10" height="10" aria-hidden="true">${mark(k, 5, 5)}</svg> ${t(`short.${k}`)} ${num(r[k])}</span>`)}<span class="dim">${r.standard || nothing}</span></div></li>`;
  })}</ul>`;
}

function strip(r, x, has) {
  const end = r.level3 !== null && r.level3 !== undefined ? x(r.level3) : 100;
  return svg`<rect class="in" x="0" y="6" width="${end}%" height="6" rx="3"></rect><rect class="out" x="${end}%" y="6" width="${100 - end}%" height="6" rx="3"></rect>
    ${has.map((k) => svg`<line class=${k} x1="${x(r[k])}%" x2="${x(r[k])}%" y1="2" y2="16"></line>`)}
    ${r.value === null || r.value === undefined ? nothing : svg`<circle class="now" cx="${x(r.value)}%" cy="9" r="6"></circle>`}`;
}
const mark = (k, x, y) => svg`<line class=${k} x1=${x} x2=${x} y1=${y - 5} y2=${y + 5}></line>`;
