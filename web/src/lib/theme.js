/* Light or dark: the address wins (wall screens), then the reader's choice, then the system. */
import { here } from './url.js';

const bus = new EventTarget();
const system = window.matchMedia('(prefers-color-scheme: dark)');

function wanted() {
  const q = here().q.get('theme');
  if (q === 'dark' || q === 'light') return q;
  const own = recall('theme');
  if (own === 'dark' || own === 'light') return own;
  return system.matches ? 'dark' : 'light';
}

/** localStorage may be forbidden; then nothing is remembered. */
export function recall(key) {
  try { return localStorage.getItem('qf.' + key); } catch { return null; }
}
export function remember(key, value) {
  try { localStorage.setItem('qf.' + key, value); } catch { /* not remembered, no harm */ }
}

let paper = false; // while it prints: black on white, whatever the screen shows
export const theme = () => document.documentElement.dataset.theme || 'light';
export function applyTheme() {
  const w = paper ? 'light' : wanted();
  if (document.documentElement.dataset.theme === w) return;
  document.documentElement.dataset.theme = w;
  bus.dispatchEvent(new Event('theme'));
}
export function onTheme(fn) {
  bus.addEventListener('theme', fn);
  return () => bus.removeEventListener('theme', fn);
}
system.addEventListener('change', applyTheme);
for (const [when, on] of [['beforeprint', true], ['afterprint', false]]) window.addEventListener(when, () => { paper = on; applyTheme(); });

/** The tokens as charts need them. */
export function tokens() {
  const s = getComputedStyle(document.documentElement);
  const v = (n) => s.getPropertyValue('--' + n).trim();
  const rem = parseFloat(s.fontSize) || 16;
  return {
    text: v('text'), text2: v('text-2'), border: v('border'), hair: v('hair'), surface: v('surface'), surface2: v('surface-2'), brand: v('brand'),
    soft: v('brand-soft'), control: v('control'), ok: v('ok'), warn: v('warn'), bad: v('bad'), node: v('c-node'), font: v('font'), rem, dark: theme() === 'dark',
    c: { coal: v('c-coal'), cogas: v('c-cogas'), oilgas: v('c-oilgas'), power: v('c-power'), heat: v('c-heat'), pv: v('c-pv'), wind: v('c-wind'), bio: v('c-bio'), other: v('c-other') },
  };
}

const FAMILY = {
  coal: ['raw_coal', 'washed_coal', 'anthracite', 'bituminous_coal', 'lignite', 'middlings', 'slime', 'other_washed_coal', 'gangue', 'coke', 'coke_powder', 'tar',
    'crude_benzol', 'coal'],
  // gases made from coal are coal in the statistics; a flow chart of a steelworks would be all black without a shade of their own
  cogas: ['coke_oven_gas', 'blast_furnace_gas', 'converter_gas', 'producer_gas', 'other_gas'],
  oilgas: ['natural_gas', 'lng', 'crude_oil', 'gasoline', 'kerosene', 'diesel', 'fuel_oil', 'lpg', 'refinery_gas', 'methanol', 'oil_gas'],
  power: ['electricity'], heat: ['steam', 'heat'], pv: ['pv_electricity', 'pv'], wind: ['wind_electricity', 'wind'], bio: ['biomass', 'biogas', 'ethanol'],
};
/** The colour family of a carrier. */
export function family(carrier) {
  for (const f of Object.keys(FAMILY)) if (FAMILY[f].includes(carrier)) return f;
  return 'other';
}
