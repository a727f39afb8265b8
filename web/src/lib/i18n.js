/* Two flat word lists, web/i18n/zh.json and en.json, with the same keys (a test compares them). */
let words = {};
let lang = 'zh';

/** @returns {'zh'|'en'} */
export const language = () => /** @type {'zh'|'en'} */ (lang);

/** Load the words and mark the document. @param {string} l */
export async function useLanguage(l) {
  lang = l === 'en' ? 'en' : 'zh';
  const r = await fetch(`/i18n/${lang}.json`);
  if (!r.ok) throw new Error(`i18n/${lang}.json: ${r.status}`);
  words = await r.json();
  document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
}

/** The word for a key; {name} is replaced from vars. A missing key shows itself, so that it is seen. */
export function t(key, vars) {
  let s = words[key];
  if (s === undefined) return key;
  if (vars) for (const k of Object.keys(vars)) s = s.split(`{${k}}`).join(String(vars[k]));
  return s;
}

/** Is there a word for this key? */
export const has = (key) => words[key] !== undefined;
/** The word if there is one, else the raw value (codes that a pack may add). */
export const word = (prefix, value) => (has(`${prefix}.${value}`) ? t(`${prefix}.${value}`) : String(value === null || value === undefined ? '—' : value));

/** A code of the packs; the area's own word goes first: water is a mode of transport, or water saved. */
export const code = (area, value) => (has(`code.${area}.${value}`) ? t(`code.${area}.${value}`) : word('code', value));

/** Industry of a GB/T 4754 code: its own words, else those of its two-digit division. */
export function sectorName(code) {
  if (!code) return '—';
  return has(`sector.${code}`) ? t(`sector.${code}`) : has(`sector.${code.slice(0, 2)}`) ? t(`sector.${code.slice(0, 2)}`) : code;
}

/** A name in the reader's language: {zh,en}, {name_zh,name_en} or plain text. */
export function nm(o) {
  if (o === null || o === undefined) return '—';
  if (typeof o === 'string') return o;
  const zh = o.zh !== undefined ? o.zh : o.name_zh;
  const en = o.en !== undefined ? o.en : o.name_en;
  return (lang === 'en' ? en || zh : zh || en) || o.id || o.key || '—';
}
