/* Schematic map of the districts: one square each, roughly where they lie. Not a boundary map, and says so. */
import { html } from '../lib/lit.js';
import { t, nm } from '../lib/i18n.js';
import { num } from '../lib/format.js';
import { same, here } from '../lib/url.js';

/* [column, row] of the districts whose places are known; others are put below, in order. */
const PLACE = { 210803: [1, 1], 210802: [2, 1], 210811: [3, 1], 210882: [4, 1], 210804: [2, 2], 210881: [3, 2] };

/** Five classes: equal rounded steps between the least and the most, or 1-2-5 steps when they lie far apart.
 * @returns {{edges: number[], of: (v: ?number) => string}} */
export function classes(values) {
  const known = values.filter((v) => v !== null && v > 0);
  const least = Math.min(...known);
  const most = Math.max(...known);
  if (known.length > 1 && most / least > 6) { // far apart: 1-2-5 steps, else all but one would look alike
    const series = [];
    for (let e = Math.floor(Math.log10(least)) - 1; e <= Math.ceil(Math.log10(most)); e++) series.push(...[1, 2, 5].map((k) => Number((k * Math.pow(10, e)).toPrecision(1))));
    const edges = series.filter((e) => e <= most).slice(-4);
    return { edges, of: (v) => (v === null || v === undefined ? 'qn' : `q${edges.filter((e) => v >= e).length}`) };
  }
  const all = values.filter((v) => v !== null && v !== undefined && Number.isFinite(v));
  const top = Math.max(0, ...all);
  const low = all.length > 1 && Math.min(...all) < top ? Math.min(...all) : 0; // all the same: as of nothing
  const raw = (top - low) / 5 || 1;
  const mag = Math.pow(10, Math.floor(Math.log10(raw)));
  const step = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].map((k) => k * mag).find((k) => k >= raw * 0.999) || raw;
  const edges = [1, 2, 3, 4].map((k) => Number(((Math.floor(low / step) + k) * step).toPrecision(6)));
  return { edges, of: (v) => (v === null || v === undefined ? 'qn' : `q${edges.filter((e) => v >= e).length}`) };
}

/** @param {{id: string, name_zh: string, name_en: string, value: ?number}[]} rows @param {number} div */
export function tilemap(rows, div) {
  const cls = classes(rows.map((r) => (r.value === null ? null : r.value / div)));
  const whole = rows.every((r) => r.value === null || (div === 1 && Number.isInteger(r.value))); // counted things have no decimals
  const chosen = here().q.get('d');
  let extra = 0;
  const at = (id) => PLACE[id] || [(extra % 4) + 1, 3 + Math.floor(extra++ / 4)];
  return html`<div class="tmap" role="group" aria-label=${t('map.label')}>${rows.map((r) => {
    const [x, y] = at(r.id);
    const v = r.value === null ? null : r.value / div;
    return html`<a class="${cls.of(v)} x${x} y${y}" href=${same({ d: chosen === r.id ? null : r.id })} aria-current=${chosen === r.id ? 'true' : 'false'}><b>${nm(r)}</b><span>${num(v, v === null || whole ? 0 : Math.abs(v) >= 100 ? 0 : Math.abs(v) >= 10 ? 1 : 2)}</span></a>`;
  })}</div>
  <div class="key" aria-hidden="true">${[0, 1, 2, 3, 4].map((i) => html`<span><i class="q${i}"></i>${i === 0 ? `<${num(cls.edges[0])}` : i === 4 ? `≥${num(cls.edges[3])}`
    : `${num(cls.edges[i - 1])}–${num(cls.edges[i])}`}</span>`)}<span><i class="qn"></i>${t('level.0')}</span></div>`;
}
