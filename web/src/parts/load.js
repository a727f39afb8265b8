/* The load curve: quarter-hour mean power, the band it usually moves in, estimated stretches, the peak. */
import { html, nothing } from '../lib/lit.js';
import { t } from '../lib/i18n.js';
import { q } from '../lib/api.js';
import { num, stamp, rfc, ms, unitName } from '../lib/format.js';
import { patch } from '../lib/url.js';
import { RANGES } from '../lib/period.js';
import { card } from './card.js';
import { table, source } from './bits.js';
import { timeLine, runs } from './options.js';

const DAY = 86400e3;

/** Band of the same quarter hour over the seven days before: [t, min, max] per step. */
export function usual(d, before) {
  if (!before || !before.v) return [];
  const step = d.step_s * 1000;
  const at = (ts) => {
    const i = Math.round((ts - before.t0) / (before.step_s * 1000));
    return i >= 0 && i < before.v.length ? before.v[i] : null;
  };
  return d.v.map((_, i) => {
    const ts = d.t0 + i * step;
    const old = [1, 2, 3, 4, 5, 6, 7].map((k) => at(ts - k * DAY)).filter((v) => v !== null && v !== undefined);
    return old.length ? [ts, Math.min(...old), Math.max(...old)] : null;
  });
}

/** Hourly mean and min-max of quarter hours, for long ranges. */
export function hourly(d) {
  const n = Math.round(3600 / d.step_s);
  const line = [];
  const band = [];
  for (let i = 0; i < d.v.length; i += n) {
    const v = d.v.slice(i, i + n).filter((x) => x !== null);
    const ts = d.t0 + i * d.step_s * 1000;
    line.push([ts, v.length ? v.reduce((a, b) => a + b, 0) / v.length : null]);
    band.push(v.length ? [ts, Math.min(...v), Math.max(...v)] : null);
  }
  return { line, band };
}

const tools = (page) => html`<select id="range" aria-label=${t('range.label')} @change=${(e) => patch({ t: e.target.value === '24h' ? null : e.target.value })}>${RANGES.map((k) => html`<option
  value=${k} ?selected=${page.range.key === k}>${t(`range.${k}`)}</option>`)}${page.range.key === 'custom' ? html`<option selected value=${page.q.get('t')}>${t('period.custom')}</option>`
    : nothing}</select>`;

/** @param {import('../lib/page.js').Page} page @param {string} subject @param {string} cls */
export function loadCard(page, subject, cls) {
  const r = page.range;
  const path = `/load/${encodeURIComponent(subject)}?${r.query}`;
  page.need('load', path);
  const short = r.to - r.from <= 2 * DAY;
  page.need('usual', short ? q(`/load/${encodeURIComponent(subject)}`, { from: rfc(r.from - 7 * DAY), to: rfc(r.from) }) : null);
  const draw = (d) => {
    const step = d.step_s * 1000;
    const before = page.slots.get('usual').data;
    // days of this range may serve as "days before" for later days of it
    const own = before ? { t0: before.t0, step_s: before.step_s, v: [...before.v, ...d.v] } : null;
    const long = d.v.length > 400;
    const hours = long ? hourly(d) : null;
    return html`<qf-chart .make=${timeLine({
      from: r.from, to: r.to, step, unit: unitName(d.unit), lineName: long ? t('load.mean_hour') : t('load.line'), line: long ? hours.line : d.v.map((v, i) => [d.t0 + i * step, v]),
      band: long ? hours.band : usual(d, own), bandName: long ? t('load.band_hour') : t('load.band'),
      estimated: runs(d.estimated || []).map(([a, b]) => [d.t0 + a * step, d.t0 + (b + 1) * step]),
      peak: d.peak && d.peak.value !== null ? { value: d.peak.value, at: ms(d.peak.at) } : null,
    })} .label=${sentence(d)}></qf-chart>`;
  };
  return card(page, {
    id: 'load', cls, title: t('load.title'), unit: unitName('kW'), slot: 'load', api: path, tools: tools(page), empty: (d) => !d.v || d.v.every((v) => v === null), chart: draw,
    table: (d) => {
      const est = new Set(d.estimated || []);
      return table({ caption: t('load.title'), api: path, limit: 200, rows: d.v.map((v, i) => ({ at: d.t0 + i * d.step_s * 1000, v, est: est.has(i) })), columns: [
        { label: t('col.time'), head: true, cell: (x) => stamp(x.at) }, { label: t('load.line'), unit: unitName(d.unit), num: true, raw: (x) => x.v, cell: (x) => num(x.v, 1) },
        { label: t('col.quality'), cell: (x) => (x.v === null ? t('quality.missing') : x.est ? html`<span class="tag hatch">${t('quality.estimated')}</span>` : t('quality.measured')) }] });
    },
    source: (d) => source([[t('src.api'), html`<code>/api/v1${path}</code>`], [t('src.what'), t('load.note')], [t('load.peak'), d.peak && d.peak.value !== null ? `${num(d.peak.value)} ${unitName('kW')} · ${stamp(d.peak.at)}` : '—'],
      [t('quality.estimated'), `${(d.estimated || []).length} / ${d.v.length}`]]),
    foot: peakText(page),
  });
}

function peakText(page) {
  const d = page.slots.get('load').data;
  return d && d.peak && d.peak.value !== null ? html`<span>${t('load.peak')} <b>${num(d.peak.value)} ${unitName('kW')}</b> · ${stamp(d.peak.at)}</span>` : nothing;
}

function sentence(d) {
  const v = d.v.filter((x) => x !== null);
  return `${t('load.sentence', { min: num(Math.min(...v)), max: num(Math.max(...v)), est: (d.estimated || []).length })} `;
}
