/* Picture export: people screenshot charts, so title, unit, period, source and time are burnt in. */
import { tokens } from '../lib/theme.js';
import { t } from '../lib/i18n.js';
import { stamp } from '../lib/format.js';
import { periodName } from '../lib/period.js';

/** @param {Element} root the card @param {import('./card.js').CardOptions} o @param {import('../lib/page.js').Page} page */
export function savePng(root, o, page) {
  const chart = root.querySelector('qf-chart');
  const body = o.png ? o.png(root) : chart ? chart.picture() : null;
  if (!body) return;
  const c = frame(body, o.title, o.unit || '', page);
  c.toBlob((blob) => {
    const a = document.createElement('a');
    a.href = URL.createObjectURL(blob);
    a.download = `${o.title}-${page.period.text}.png`;
    a.click();
    setTimeout(() => URL.revokeObjectURL(a.href), 10000);
  });
}

function frame(body, title, unit, page) {
  const tk = tokens();
  const c = document.createElement('canvas');
  const [pad, head, foot] = [40, 108, 64];
  c.width = body.width + 2 * pad;
  c.height = body.height + head + foot;
  const g = c.getContext('2d');
  g.fillStyle = tk.surface;
  g.fillRect(0, 0, c.width, c.height);
  g.fillStyle = tk.text;
  g.font = `600 36px ${tk.font}`;
  g.fillText(title, pad, 52, c.width - 2 * pad);
  g.fillStyle = tk.text2;
  g.font = `24px ${tk.font}`;
  g.fillText([periodName(page.period.from, page.period.to), unit].filter(Boolean).join(' · '), pad, 88, c.width - 2 * pad);
  g.drawImage(body, pad, head);
  const city = page.city;
  g.font = `20px ${tk.font}`;
  g.fillText([t('app.name'), city.sample ? t('sample.short') : '', `${t('src.seq')} ${city.seq}`, stamp(city.now), location.host].filter(Boolean).join(' · '), pad,
    c.height - 24, c.width - 2 * pad);
  return c;
}

/** The tile map as a picture. @param {Element} root */
export function tilesPicture(root) {
  const cells = [...root.querySelectorAll('.tmap > *')];
  const box = root.querySelector('.tmap').getBoundingClientRect();
  const c = document.createElement('canvas');
  c.width = box.width * 2;
  c.height = box.height * 2;
  const g = c.getContext('2d');
  const tk = tokens();
  g.scale(2, 2);
  g.textAlign = 'center';
  for (const el of cells) {
    const b = el.getBoundingClientRect();
    const s = getComputedStyle(el);
    g.fillStyle = s.backgroundColor;
    g.fillRect(b.left - box.left, b.top - box.top, b.width, b.height);
    g.fillStyle = s.color;
    [...el.querySelectorAll('b, span')].forEach((line, i) => {
      g.font = `${i ? 400 : 600} 14px ${tk.font}`;
      g.fillText(line.textContent.trim(), b.left - box.left + b.width / 2, b.top - box.top + b.height / 2 - 4 + 20 * i, b.width - 6);
    });
  }
  return c;
}
