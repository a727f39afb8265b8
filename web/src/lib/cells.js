/* Cells of a form as text: what is typed or pasted becomes what the server takes. Pure; no page needed. */

/** Full-width digits, thousands commas, spaces and the real minus sign are how people type and copy numbers here. */
export function tidy(v, numeric) {
  const s = String(v === null || v === undefined ? '' : v).normalize('NFKC').replace(/[\u00A0\u3000]/g, ' ').trim();
  if (!numeric) return s;
  const n = s.replace(/[\u2212\u2013\u2014]/g, '-').replace(/\s/g, '');
  if (n === '-' || n === '/') return ''; // how an empty cell is written in official tables
  return /^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(n) ? n.replace(/,/g, '') : n.replace(/^\+/, '');
}
/** An amount without the zeros that say nothing: 12.500000 is 12.5. Other words stay as they are. */
export const bare = (v) => (v === null || v === undefined ? v : /^-?\d+\.\d+$/.test(String(v)) ? String(v).replace(/\.?0+$/, '') : String(v));
export const isNumber = (s) => /^-?\d+(\.\d+)?$/.test(s);

/** The block Excel and WPS put on the clipboard: tabs and lines, cells with either in double quotes. @returns {string[][]} */
export function block(text) {
  const rows = [[]];
  let cell = '';
  let quoted = false;
  const s = text.replace(/\r\n?/g, '\n').replace(/\n$/, '');
  for (let i = 0; i < s.length; i++) {
    const c = s[i];
    if (quoted) {
      if (c !== '"') cell += c;
      else if (s[i + 1] === '"') { cell += '"'; i++; } else quoted = false;
    } else if (c === '"' && cell === '') quoted = true;
    else if (c === '\t' || c === '\n') {
      rows[rows.length - 1].push(cell);
      cell = '';
      if (c === '\n') rows.push([]);
    } else cell += c;
  }
  rows[rows.length - 1].push(cell);
  return rows;
}

/** Lay a block over the rows from one cell on. When the first column of the block names rows (their codes), rows are found by it.
 * @param {object[]} rows @param {string[][]} b @param {{row: number, col: number, fields: string[], numeric: (f: string) => boolean, locked: (f: string) => boolean, key: (r: object) => string}} at
 * @returns {{rows: object[], filled: number, outside: number, refused: number, byKey: boolean}} refused: not a number, left as it was */
export function lay(rows, b, at) {
  const out = rows.map((r) => ({ ...r }));
  const keys = new Map(rows.map((r, i) => [at.key(r), i]));
  const first = b.map((r) => tidy(r[0], false)).filter(Boolean);
  const byKey = b.some((r) => r.length > 1) && first.length > 0 && first.every((k) => keys.has(k) || keys.has(k.padStart(2, '0')));
  let [filled, outside, refused] = [0, 0, 0];
  b.forEach((line, i) => {
    if (byKey && !tidy(line[0], false)) return;
    const k = byKey ? tidy(line[0], false) : '';
    const row = byKey ? (keys.has(k) ? keys.get(k) : keys.get(k.padStart(2, '0'))) : at.row + i;
    (byKey ? line.slice(1) : line).forEach((v, j) => {
      const f = at.fields[at.col + j];
      if (!out[row] || !f) { if (tidy(v, false)) outside++; return; }
      if (at.locked(f)) return;
      const text = tidy(v, at.numeric(f));
      if (text && at.numeric(f) && !isNumber(text)) { refused++; return; }
      out[row][f] = text;
      filled++;
    });
  });
  return { rows: out, filled, outside, refused, byKey };
}
