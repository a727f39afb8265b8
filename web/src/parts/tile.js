/* A figure as a tile: value, level, target, gap, year on year, completeness, and the way to its why. */
import { html, svg, nothing } from '../lib/lit.js';
import { t, nm } from '../lib/i18n.js';
import { displayOf, decimalsOf, num, signed, signedPct, pct } from '../lib/format.js';
import { monthIndex, periodName } from '../lib/period.js';
import { href } from '../lib/url.js';
import { level, shares } from './bits.js';

/** How a figure is shown: value text, unit, divisor, decimals. */
export function shown(f) {
  const { div, unit } = displayOf(f);
  const dec = decimalsOf(f, div);
  return { div, unit, dec, text: num(f.value === null ? null : f.value / div, dec) };
}

/** Change on the year before as a fraction; null when it is not given. */
export function yoyOf(f) {
  if (!f.yoy || f.yoy.value === null || f.yoy.value === undefined) return null;
  return f.yoy.unit === '%' ? f.yoy.value / 100 : Number(f.yoy.value);
}

/** Year on year for reading: a share changes by percentage points, all else by per cent. */
export function yoyText(f) {
  const points = f.unit === '%' && f.yoy && f.yoy.change !== null && f.yoy.change !== undefined;
  return points ? `${signed(Number(f.yoy.change), 2)} ${t('fig.points')}` : signedPct(yoyOf(f));
}

/** What the change is against, "2024-01..2024-11, 1 of 1 subject-months in both years" in the reader's words. */
export function yoyBasis(f) {
  const b = f.yoy && f.yoy.basis ? nm(f.yoy.basis) : '';
  const m = /^(\d{4}-\d\d)(?:\.\.(\d{4}-\d\d))?, (\d+) of (\d+) subject-months/.exec(b);
  return m ? t('fig.yoy_basis', { period: periodName(monthIndex(m[1]), monthIndex(m[2] || m[1])), n: m[3], all: m[4] }) : b;
}

/** A small line of monthly values, ornament only (the figure page has the chart and its table). */
export function spark(values) {
  const v = values.filter((x) => x !== null);
  if (v.length < 3) return nothing;
  const [lo, hi] = [Math.min(...v), Math.max(...v)];
  const y = (x) => 22 - ((x - lo) / (hi - lo || 1)) * 18;
  const pts = values.map((x, i) => (x === null ? null : [(i * 88) / (values.length - 1), y(x)])).filter(Boolean);
  const d = pts.map((p, i) => `${i ? 'L' : 'M'}${p[0].toFixed(1)} ${p[1].toFixed(1)}`).join('');
  return html`<svg class="spark" viewBox="0 0 88 28" preserveAspectRatio="none" aria-hidden="true">${svg`<path class="area" d=${`${d}L88 28L0 28Z`}></path><path d=${d}></path>`}</svg>`;
}

/** @param {any} f figure @param {?(?number)[]} line monthly values */
export function tile(f, line) {
  const s = shown(f);
  const q = shares(f.quality);
  const subject = f.subject ? { d: undefined } : {};
  return html`<section class="card tile c3" data-figure=${f.id} aria-labelledby="t-${f.id}">
    <div class="t"><h2 id="t-${f.id}">${nm(f.title)}</h2>${level(f)}</div>
    <div class="vrow"><div class="v" data-v=${f.value === null ? '' : f.value} title=${f.value === null ? '' : `${f.value} ${f.unit}`}>${s.text}<small>${s.unit}</small></div>${line ? spark(line) : nothing}</div>
    <dl><div><dt>${t('fig.target')}</dt><dd>${num(f.target === null || f.target === undefined ? null : f.target / s.div, s.dec)}</dd></div>
      <div><dt>${t('fig.gap')}</dt><dd>${signed(f.gap === null || f.gap === undefined ? null : f.gap / s.div, s.dec)}</dd></div>
      <div><dt>${t('fig.yoy')}</dt><dd>${yoyText(f)}</dd></div></dl>
    <div class="b"><a href=${href(`/m/${f.id}`, subject)}>${t('fig.why')}</a>
      <span class="dim small">${t('fig.complete')} ${pct(f.completeness)}${q && q.estimated > 0 ? html` · ${t('quality.estimated')} ${pct(q.estimated)}` : nothing}</span></div>
  </section>`;
}
