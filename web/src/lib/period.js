/* Statistical periods are whole months, [from..to] inclusive, relative to the latest month the city has; load ranges are
 * moments on the city's clock (UTC+8). Both live in the address: ?r=ytd or ?r=2026-01..2026-05, ?t=24h. */
import { language } from './i18n.js';
import { rfc, ms } from './format.js';

/** "2026-11" -> month index; null when it is not a month. */
export function monthIndex(s) {
  const m = /^(\d{4})-(\d{2})$/.exec(s || '');
  return m && m[2] >= '01' && m[2] <= '12' ? Number(m[1]) * 12 + Number(m[2]) - 1 : null;
}
/** month index -> "2026-11" */
export const monthText = (i) => `${Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, '0')}`;

export const PERIODS = ['ytd', 'month', 'quarter', 'heat', '12m', 'lastyear'];

/** @param {?string} r @param {string} latest @returns {{key: string, from: number, to: number, text: string}} */
export function period(r, latest) {
  const now = new Date(Date.now() + 8 * 3600e3); // an empty city has no latest month
  const last = monthIndex(latest) === null ? now.getUTCFullYear() * 12 + now.getUTCMonth() : monthIndex(latest);
  const y0 = Math.floor(last / 12) * 12;
  const make = (key, from, to) => ({ key, from, to, text: `${monthText(from)}..${monthText(to)}` });
  const whole = (r || '').replace(/^(\d{4})$/, '$1-01..$1-12').replace(/^(\d{4}-\d{2})$/, '$1..$1'); // as the API takes them: a year, a month
  const m = /^(\d{4}-\d{2})\.\.(\d{4}-\d{2})$/.exec(whole);
  if (m) {
    const a = monthIndex(m[1]);
    const b = monthIndex(m[2]);
    if (a !== null && b !== null && a <= b) return make('custom', a, b);
  }
  switch (r) {
    case 'month': return make('month', last, last);
    case 'quarter': return make('quarter', last - (last % 3), last);
    case '12m': return make('12m', last - 11, last);
    case 'lastyear': return make('lastyear', y0 - 12, y0 - 1);
    case 'heat': { // the heating season (November to March) that is running, or the last one
      const start = last % 12 >= 10 ? y0 + 10 : y0 - 2;
      return make('heat', start, Math.min(start + 4, last));
    }
    default: return make('ytd', y0, last);
  }
}

/** The period n steps earlier or later: cumulative ones move by a year, others by their own length. */
export function shift(p, n) {
  const len = p.to - p.from + 1;
  const by = len === 1 || len === 3 ? len : 12 * Math.ceil(len / 12);
  return `${monthText(p.from + n * by)}..${monthText(p.to + n * by)}`;
}

const MON = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** "2026年1–11月" / "Jan–Nov 2026" */
export function periodName(from, to) {
  const [ya, ma, yb, mb] = [Math.floor(from / 12), from % 12, Math.floor(to / 12), to % 12];
  if (language() === 'en') {
    if (from === to) return `${MON[ma]} ${ya}`;
    return ya === yb ? `${MON[ma]}–${MON[mb]} ${ya}` : `${MON[ma]} ${ya} – ${MON[mb]} ${yb}`;
  }
  if (from === to) return `${ya}年${ma + 1}月`;
  return ya === yb ? `${ya}年${ma + 1}–${mb + 1}月` : `${ya}年${ma + 1}月–${yb}年${mb + 1}月`;
}

export const RANGES = ['24h', 'today', 'week', '7d', 'month', '30d'];
const DAY = 86400e3;

/** @param {?string} r @param {string} now RFC 3339 @returns {{key: string, from: number, to: number, query: string}} */
export function range(r, now) {
  const n = Math.floor(ms(now) / 900e3) * 900e3; // whole quarter hours, so that one address gives one answer for a while
  const local = n + 8 * 3600e3;
  const midnight = n - (local % DAY);
  const make = (key, from, to) => ({ key, from, to, query: `from=${encodeURIComponent(rfc(from))}&to=${encodeURIComponent(rfc(to))}` });
  const m = /^(\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2})?)\.\.(\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2})?)$/.exec(r || '');
  if (m) {
    const at = (s) => Date.parse((s.includes('T') ? s : s + 'T00:00') + ':00+08:00');
    if (at(m[1]) < at(m[2])) return make('custom', at(m[1]), at(m[2]));
  }
  switch (r) {
    case 'today': return make('today', midnight, Math.max(n, midnight + 900e3));
    case 'week': return make('week', midnight - ((new Date(local).getUTCDay() + 6) % 7) * DAY, n);
    case '7d': return make('7d', n - 7 * DAY, n);
    case 'month': return make('month', midnight - (new Date(local).getUTCDate() - 1) * DAY, n);
    case '30d': return make('30d', n - 30 * DAY, n);
    default: return make('24h', n - DAY, n);
  }
}
