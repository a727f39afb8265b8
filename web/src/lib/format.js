/* Numbers, units and times as people read them. Missing is "—", never 0. The city's clock is UTC+8, everywhere. */
import { language, t, has } from './i18n.js';

const MINUS = '\u2212';
const CITY_MS = 8 * 3600e3;

/** @param {?number} v @param {number} [decimals] fixed; without it up to 2 */
export function num(v, decimals) {
  if (v === null || v === undefined || v === '' || !Number.isFinite(Number(v))) return '—';
  const n = Number(v);
  const o = decimals === undefined ? { maximumFractionDigits: Math.abs(n) >= 1000 ? 0 : 2 }
    : { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  const s = Math.abs(n).toLocaleString('en-US', o);
  return (n < 0 && /[1-9]/.test(s) ? MINUS : '') + s;
}
/** With a sign always, for differences. */
export function signed(v, decimals) {
  const s = num(v, decimals);
  return s === '—' || s.startsWith(MINUS) || !/[1-9]/.test(s) ? s : '+' + s;
}
/** A fraction as per cent. */
export const pct = (v, decimals = 1) => (v === null || v === undefined ? '—' : num(v * 100, decimals) + '%');
export const signedPct = (v, decimals = 1) => (v === null || v === undefined ? '—' : signed(v * 100, decimals) + '%');

/** Name of a unit in the reader's language. */
export function unitName(u) {
  if (!u || u === '1') return '';
  return has(`unit.${u}`) ? t(`unit.${u}`) : u;
}

/* English prefixes per unit; Chinese uses 万 and 亿 before any unit that may carry them. */
const STEPS_EN = {
  tce: [[1e6, 'Mtce'], [1e3, 'ktce']], tCO2: [[1e6, 'MtCO₂'], [1e3, 'ktCO₂']], tCO2e: [[1e6, 'MtCO₂e'], [1e3, 'ktCO₂e']],
  kWh: [[1e9, 'TWh'], [1e6, 'GWh'], [1e3, 'MWh']], kW: [[1e6, 'GW'], [1e3, 'MW']], t: [[1e6, 'Mt'], [1e3, 'kt']], GJ: [[1e6, 'PJ'], [1e3, 'TJ']],
  m3: [[1e6, 'million m³'], [1e3, 'thousand m³']],
};

/** How to show numbers of this size: one divisor and unit for all of them. @returns {{div: number, unit: string}} */
export function scaleFor(size, unit) {
  const a = Math.abs(size || 0);
  if (language() === 'en') {
    for (const [d, u] of STEPS_EN[unit] || []) if (a >= d) return { div: d, unit: u };
    return { div: 1, unit: unitName(unit) };
  }
  if (STEPS_EN[unit]) {
    if (a >= 1e8) return { div: 1e8, unit: '亿' + unitName(unit) };
    if (a >= 1e4) return { div: 1e4, unit: '万' + unitName(unit) };
  }
  return { div: 1, unit: unitName(unit) };
}

const pretty = (u) => String(u).replace(/CO2/g, 'CO₂').replace('10^4', '10⁴');

/** The declared display of an indicator ({zh:{unit,factor},en:{…}} or "万吨标准煤 0.0001 | Mtce 0.000001"), else by size. */
export function displayOf(fig) {
  const d = fig.display;
  const l = language();
  if (d && typeof d === 'object' && d[l] && Number(d[l].factor) > 0) return { div: 1 / Number(d[l].factor), unit: pretty(d[l].unit) };
  if (typeof d === 'string' && d.includes('|')) {
    const m = /^(.*?)\s+([\d.eE+-]+)$/.exec(d.split('|')[l === 'en' ? 1 : 0].trim());
    if (m && Number(m[2]) > 0) return { div: 1 / Number(m[2]), unit: pretty(m[1]) };
  }
  return scaleFor(fig.value, fig.unit);
}
/** Decimals for a value shown divided by div. */
export function decimalsOf(fig, div) {
  if (div === 1) return fig.decimals === undefined || fig.decimals === null ? undefined : Number(fig.decimals);
  const a = Math.abs(fig.value / div);
  return a >= 1000 ? 1 : a >= 10 ? 2 : 3;
}

/** Milliseconds from RFC 3339 text, milliseconds or microseconds; NaN when absent. */
export function ms(x) {
  if (x === null || x === undefined || x === '') return NaN;
  if (typeof x === 'number') return x > 1e14 ? x / 1000 : x;
  return Date.parse(x);
}
const two = (n) => String(n).padStart(2, '0');
/** "2026-11-22 23:04" on the city's clock. */
export function stamp(x, seconds = false) {
  const v = ms(x);
  if (!Number.isFinite(v)) return '—';
  const d = new Date(v + CITY_MS);
  return `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}` +
    (seconds ? ':' + two(d.getUTCSeconds()) : '');
}
/** "11-22 23:04" */
export const shortStamp = (x) => stamp(x).slice(5);
/** RFC 3339 with the city's offset. */
export const rfc = (v) => stamp(v, true).replace(' ', 'T') + '+08:00';
/** A stretch of time, in the unit that a person would use. @param {number} s seconds */
export function span(s) {
  const [n, key] = s < 90 ? [s, 's'] : s < 5400 ? [s / 60, 'min'] : s < 172800 ? [s / 3600, 'h'] : [s / 86400, 'd'];
  return t(`span.${key}`, { n: num(n, n < 10 && n % 1 ? 1 : 0) });
}
/** A value in its unit as the server tells it of alarms: a share in per cent, a time as one. */
export function inUnit(v, unit) {
  if (v === null || v === undefined || !unit) return num(v);
  if (unit === '1') return pct(v);
  if (unit === 's' || unit === 'h') return span(unit === 'h' ? v * 3600 : v);
  return `${num(v)} ${unitName(unit)}`;
}
/** How long ago, in words. */
export function age(x, now) {
  const s = Math.max(0, Math.round((now - ms(x)) / 1000));
  if (!Number.isFinite(s)) return '—';
  if (s < 90) return t('age.s', { n: s });
  if (s < 5400) return t('age.min', { n: Math.round(s / 60) });
  if (s < 172800) return t('age.h', { n: Math.round(s / 3600) });
  return t('age.d', { n: Math.round(s / 86400) });
}
