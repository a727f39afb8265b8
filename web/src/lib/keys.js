/* Keyboard: single letters only outside fields, never while an input method composes, and they can be switched off. */
import { href, go, patch, here } from './url.js';
import { period, shift } from './period.js';
import { recall, remember } from './theme.js';

const GO = { c: '/', e: '/e', m: '/m/industry.energy_total', p: '/points', a: '/alarms' };
let first = '';

export const keysOn = () => recall('keys') !== 'off';
export const setKeys = (on) => remember('keys', on ? 'on' : 'off');

/** @param {() => ?object} city @param {() => void} help */
export function installKeys(city, help) {
  document.addEventListener('keydown', (e) => {
    if (e.isComposing || e.keyCode === 229 || e.ctrlKey || e.metaKey || e.altKey || !keysOn()) return;
    const el = e.target instanceof Element ? e.target : document.body;
    if (el.closest('input, select, textarea, [contenteditable], dialog')) return;
    if (first === 'g') {
      first = '';
      if (GO[e.key]) {
        e.preventDefault();
        go(href(GO[e.key]));
      }
      return;
    }
    const act = {
      g: () => { first = 'g'; setTimeout(() => { first = ''; }, 1500); },
      '/': () => document.querySelector('#q')?.focus(),
      '?': help,
      v: () => patch({ view: here().q.get('view') === 'table' ? null : 'table' }),
      '<': () => step(city(), -1),
      '>': () => step(city(), 1),
    }[e.key];
    if (!act) return;
    e.preventDefault();
    act();
  });
}

function step(city, n) {
  if (city) patch({ r: shift(period(here().q.get('r'), city.latest_month), n) });
}
