/* Values per subject from a trend by child: sums over the months; and the list of all units, district by district. */
import { q, get } from '../lib/api.js';
import { whole } from '../lib/me.js';

/** One row per month and key, whether the server nests the months under each key or not. */
export function flat(rows) {
  return rows.flatMap((r) => (Array.isArray(r.months) ? r.months.map((m) => ({ ...m, key: r.key, name: r.name || r.label })) : [r]));
}

/** @returns {Map<string, {key: string, name: any, value: ?number, estimated: number}>} */
export function totals(rows) {
  const m = new Map();
  for (const r of flat(rows)) {
    const e = m.get(r.key) || { key: r.key, name: r.name, value: null, estimated: 0 };
    if (r.value !== null && r.value !== undefined) e.value = (e.value || 0) + Number(r.value);
    e.estimated += Number(r.estimated) || 0;
    m.set(r.key, e);
  }
  return m;
}

/** Rows grouped by key, in order of first sight: {key, name, rows}. */
export function byKey(rows) {
  const m = new Map();
  for (const r of flat(rows)) {
    const k = r.key === undefined || r.key === null ? '' : String(r.key);
    if (!m.has(k)) m.set(k, { key: k, name: r.name, rows: [] });
    m.get(k).rows.push(r);
  }
  return [...m.values()];
}

/** The districts, or the chosen one, whose units one may see. */
export const openDistricts = (city, d, id) => (d ? [d] : (city.districts || []).map((x) => x.id)).filter((x) => whole(id.split('.')[0], x));

/** Fill the slot "units" with the units' totals of an additive figure, largest first. One question per district, since a
 * figure is broken down by one step of the tree at a time. @param {import('../lib/page.js').Page} page */
export function unitsOf(page, p, d, id) {
  const districts = openDistricts(page.city, d, id);
  const key = `${id}|${p.text}|${districts.join(',')}`;
  let r = page.slots.get('units');
  if (!r) {
    r = { path: null, state: 'idle', data: undefined, error: null, at: 0, shown: null };
    page.slots.set('units', r);
  }
  if (r.key === key) return r;
  r.key = key;
  r.state = 'loading';
  const ask = (s) => get(q(`/figures/${id}/trend`, { period: p.text, subject: s, by: 'child' }));
  Promise.all(districts.map(ask)).then((parts) => {
    if (r.key !== key) return;
    const rows = parts.flatMap((x) => [...totals(x).values()]).filter((x) => x.value !== null).sort((a, b) => b.value - a.value);
    Object.assign(r, { state: 'ready', data: rows, error: null, at: Date.now() });
    page.requestUpdate();
  }, (error) => {
    if (r.key !== key) return;
    Object.assign(r, { state: 'error', error, data: undefined });
    page.requestUpdate();
  });
  return r;
}
