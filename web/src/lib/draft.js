/* A draft's local copy: written at every change, removed when the server has it. Forgotten at sign-out: desks are shared. */
import { me } from './me.js';

const PREFIX = 'qf.draft.';
const name = (id) => `${PREFIX}${me().user ? me().user.id : ''}.${id}`;

/** @param {string} id @param {{version: number, rows: object[], explain: object, at: number}} d */
export function keep(id, d) {
  try { localStorage.setItem(name(id), JSON.stringify(d)); return true; } catch { return false; }
}
export function kept(id) {
  try { return JSON.parse(localStorage.getItem(name(id)) || 'null'); } catch { return null; }
}
export function forget(id) {
  try { localStorage.removeItem(name(id)); } catch { /* nothing was kept */ }
}
export function forgetAll() {
  try {
    for (const k of Object.keys(localStorage)) if (k.startsWith(PREFIX)) localStorage.removeItem(k);
  } catch { /* nothing was kept */ }
}

/** Three-way merge of rows: mine wins where I changed the base, theirs elsewhere; cells both changed are told.
 * @param {(r: object) => string} key @returns {{rows: object[], differ: {key: string, field: string, base: any, mine: any, theirs: any}[]}} */
export function merge(base, mine, theirs, key) {
  const text = (v) => (v === null || v === undefined ? '' : String(v));
  const by = (list) => new Map(list.map((r) => [key(r), r]));
  const [b, m, h] = [by(base), by(mine), by(theirs)];
  const differ = [];
  const rows = [];
  for (const k of new Set([...h.keys(), ...m.keys()])) {
    const [rb, rm, rh] = [b.get(k) || {}, m.get(k), h.get(k)];
    if (!rm && b.has(k)) continue; // I took it out
    if (!rh && b.has(k) && !Object.keys(rm).some((f) => text(rm[f]) !== text(rb[f]))) continue; // they took it out, I had not touched it
    const out = { ...(rh || {}), ...(rm || {}) };
    for (const f of new Set([...Object.keys(rm || {}), ...Object.keys(rh || {})])) {
      const [vb, vm, vh] = [text(rb[f]), text((rm || {})[f]), text((rh || {})[f])];
      const mineChanged = rm && vm !== vb;
      const theirsChanged = rh && vh !== vb;
      out[f] = mineChanged || !rh ? (rm || {})[f] : (rh || {})[f];
      if (theirsChanged && vm !== vh) differ.push({ key: k, field: f, base: rb[f], mine: (rm || {})[f], theirs: (rh || {})[f], both: Boolean(mineChanged) });
    }
    rows.push(out);
  }
  return { rows, differ };
}
