// Browser tests of the pages: node test/browser/run.mjs [BASE_URL]
//   BASE_URL  a running server; without it the pages are tested against the fixture of fake.mjs.
//   QF_SHOTS=DIR keeps screenshots; QF_ONLY=word runs the tests whose name contains it; CHROMIUM=/path
// Prints a line per failure, then "N passed, M failed"; exit 1 when something failed.
import { readFile, mkdir, readdir } from 'node:fs/promises';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { serve } from './fake.mjs';

const ROOT = join(fileURLToPath(new URL('.', import.meta.url)), '../..');
const SHOTS = process.env.QF_SHOTS || '';
const ONLY = process.env.QF_ONLY || '';
const AXE = await readFile(join(ROOT, 'node_modules/axe-core/axe.min.js'), 'utf8');
let base = process.argv[2] || '';
let passed = 0;
const failures = [];
const skipped = [];

class Skip extends Error {}
const times = [];
async function test(name, fn) {
  if (ONLY && !name.includes(ONLY)) return;
  const began = performance.now();
  try {
    await fn();
    passed++;
  } catch (e) {
    if (e instanceof Skip) {
      skipped.push(`${name}: ${e.message}`);
      return;
    }
    failures.push(name);
    console.log(`FAIL ${name}\n     ${String(e.message || e).split('\n').slice(0, 12).join('\n     ')}`);
  } finally {
    times.push([performance.now() - began, name]);
  }
}
function check(ok, words) {
  if (!ok) throw new Error(words);
}
const same = (a, b, words) => check(JSON.stringify(a) === JSON.stringify(b), `${words}\n got      ${JSON.stringify(a)}\n expected ${JSON.stringify(b)}`);

// ---- without a browser: words
async function sources(dir) {
  const out = [];
  for (const e of await readdir(dir, { withFileTypes: true })) {
    if (e.isDirectory()) out.push(...await sources(join(dir, e.name)));
    else if (e.name.endsWith('.js')) out.push([e.name, await readFile(join(dir, e.name), 'utf8')]);
  }
  return out;
}
await test('words: zh and en have the same keys and placeholders', async () => {
  const [zh, en] = await Promise.all(['zh', 'en'].map(async (l) => JSON.parse(await readFile(join(ROOT, `web/i18n/${l}.json`), 'utf8'))));
  same(Object.keys(zh).sort(), Object.keys(en).sort(), 'key sets differ');
  for (const k of Object.keys(zh)) {
    const marks = (s) => (s.match(/\{\w+\}/g) || []).sort();
    same(marks(zh[k]), marks(en[k]), `placeholders of ${k} differ`);
    check(zh[k] !== '' && en[k] !== '', `${k} is empty`);
    if (!/^(unit|carrier|feed|do|basis)\./.test(k)) check(!/[\u4e00-\u9fff]/.test(en[k]), `${k}: Chinese in en.json`);
  }
});
await test('words: every key used in the pages exists', async () => {
  const zh = JSON.parse(await readFile(join(ROOT, 'web/i18n/zh.json'), 'utf8'));
  const missing = [];
  for (const [name, text] of await sources(join(ROOT, 'web/src'))) {
    for (const m of text.matchAll(/\bt\('([a-z_0-9.]+)'/g)) if (zh[m[1]] === undefined) missing.push(`${name}: ${m[1]}`);
    if (name !== 'i18n.js') check(!/[\u4e00-\u9fff]/.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '').replace(/亿|万|年|月|'中'|中文/g, '')), `${name}: Chinese words outside web/i18n`);
  }
  same(missing, [], 'missing words');
});
await test('words: every action and result of the security log has a word', async () => {
  const zh = JSON.parse(await readFile(join(ROOT, 'web/i18n/zh.json'), 'utf8'));
  const missing = [];
  let seen = 0;
  for (const f of (await readdir(join(ROOT, 'src/serve'))).filter((x) => x.endsWith('.c'))) {
    const text = await readFile(join(ROOT, 'src/serve', f), 'utf8');
    for (const m of text.matchAll(/qf_req_audit\(r, ([^;]*)\);/g)) {
      seen++;
      for (const w of m[1].split(',')[0].matchAll(/"([a-z.]+)"/g)) if (zh[`audit.do.${w[1]}`] === undefined) missing.push(`audit.do.${w[1]}`);
      for (const w of m[1].split(',').slice(2).join(',').matchAll(/"([a-z -]+)"/g)) if (zh[`audit.result.${w[1]}`] === undefined) missing.push(`audit.result.${w[1]}`);
    }
  }
  check(seen > 20, `only ${seen} places were found`);
  for (const w of [...(await readFile(join(ROOT, 'src/base/err.c'), 'utf8')).match(/names\[QF_RC_COUNT\] = \{([^}]*)/)[1].matchAll(/"([a-z_]+)"/g)]) if (zh[`audit.result.${w[1]}`] === undefined) missing.push(`audit.result.${w[1]}`);
  same(missing, [], 'missing words');
});
await test('fonts: the machine can draw Chinese', async () => {
  check(execFileSync('fc-list', [':lang=zh']).toString().trim() !== '', 'fc-list :lang=zh is empty: every Chinese character would be a box');
});

// ---- with a browser
let fixture = null;
if (!base) {
  fixture = await serve(0);
  base = fixture.url;
}
const isFixture = Boolean(fixture);
const origin = new URL(base).origin;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
});
const api = async (path) => {
  const r = await fetch(origin + path);
  if (!r.ok) throw new Error(`${path}: HTTP ${r.status}`);
  return r.json();
};

/** A page that keeps a list of everything it must not do. */
async function open(path, { width = 1366, height = 860, theme = 'light', lang = 'zh', context, at = base } = {}) {
  const origin = new URL(at).origin;
  const ctx = context || await browser.newContext({ viewport: { width, height }, colorScheme: theme, locale: lang === 'zh' ? 'zh-CN' : 'en-GB', reducedMotion: 'reduce', acceptDownloads: true });
  const page = await ctx.newPage();
  const bad = [];
  page.on('console', (m) => { if (m.type() === 'error' || /Content.Security.Policy/i.test(m.text())) bad.push(`console: ${m.text()} ${m.location().url}`); });
  page.on('pageerror', (e) => bad.push(`exception: ${e.message}`));
  page.on('request', (r) => { const u = new URL(r.url()); if (!['data:', 'blob:'].includes(u.protocol) && u.origin !== origin) bad.push(`foreign request: ${r.url()}`); });
  page.on('requestfailed', (r) => { if (!/ERR_ABORTED/.test(r.failure()?.errorText || '')) bad.push(`failed request: ${r.url()} ${r.failure()?.errorText}`); });
  const answers = new Map(); // what the API really answered this page, by address
  page.on('response', (r) => { const u = new URL(r.url()); if (u.pathname.startsWith('/api/v1/') && r.ok() && u.pathname !== '/api/v1/stream') answers.set(u.pathname + u.search, r.json().catch(() => null)); });
  await page.addInitScript(() => {
    window.cspReports = [];
    document.addEventListener('securitypolicyviolation', (e) => window.cspReports.push(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`));
  });
  const u = new URL(path, at);
  u.searchParams.set('lang', lang);
  u.searchParams.set('theme', theme);
  await page.goto(u.href);
  await ready(page);
  return { page, bad, answers, close: () => (context ? page.close() : ctx.close()) };
}
const ready = (page) => page.waitForSelector('html[data-ready]', { timeout: 20000, state: 'attached' });
async function clean(page, bad) {
  same(bad, [], 'errors');
  same(await page.evaluate(() => window.cspReports), [], 'CSP reports');
}
/** @param {string[]} [only] these rules alone: what another language or theme can break on a page that was judged wholly */
async function accessible(page, only) {
  if (!(await page.evaluate(() => Boolean(window.axe)))) await page.evaluate(AXE);
  const runOnly = only ? { type: 'rule', values: only } : ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
  const found = await page.evaluate((o) => window.axe.run(document, { runOnly: o, resultTypes: ['violations'] }).then((r) => r.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message || '')).join(' | ')}`)), runOnly);
  same(found, [], 'axe violations');
}
async function fits(page) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  check(over <= 0, `the page is ${over} px wider than the window`);
}

const city = await api('/api/v1/city');
const units = await api('/api/v1/subjects?kind=unit');
const withProcesses = units.find((u) => u.id === 'u001') || units[0];
const points = await api('/api/v1/points?page=1&size=5&state=adopted');
const aPoint = points.rows[0];
const PAGES = [['cockpit', '/'], ['enterprises', '/e'], ['enterprise', withProcesses ? `/e/${withProcesses.id}` : null], ['figure', '/m/industry.energy_total'], ['points', aPoint ? `/points?p=${aPoint.point}` : '/points'], ['collectors', '/collectors'], ['open', '/open'], ['open for elders', '/open?elder=1'],
  ['alarms', '/alarms'], ['area', '/a/industry'], ['empty area', '/a/people'], ['login', '/login']].filter((p) => p[1]);

// pages of work, each as who uses it (the fixture's people; a server's pages are walked in the campaign below)
const AS = isFixture ? { work: ['wang', '/work'], form: ['wang', '/f/energy_p205:u001:24321'], review: ['qian', '/f/energy_p205:u002:24321?view=review'], list: ['wang', '/r/energy_p205'], forms: ['wang', '/r'], campaign: ['qian', '/campaign?form=energy_p205&m=2026-10'],
  findings: ['qian', '/findings'], users: ['admin1', '/admin'], tokens: ['admin1', '/admin?tab=tokens'], factors: ['admin1', '/admin?tab=factors'], grants: ['admin2', '/admin'], audit: ['admin3', '/admin'], calendar: ['admin2', '/admin?tab=calendar'], account: ['wang', '/account'], 'unit filings': ['wang', '/e/u001?tab=filings'] } : {};
const OPEN_PAGES = PAGES.length;
for (const [name, [, path]] of Object.entries(AS)) PAGES.push([name, path]);
const seat = async (user, at = origin) => {
  if (!isFixture) return;
  if (!user) return void await fetch(`${at}/api/v1/logout`, { method: 'POST', body: '{}' });
  const r = await fetch(`${at}/api/v1/login`, { method: 'POST', body: JSON.stringify({ user, password: 'correct horse battery', code: '123456' }) });
  check(r.ok, `the fixture does not know ${user}`);
};

const PREFIXES = new Set(Object.keys(JSON.parse(await readFile(join(ROOT, 'web/i18n/en.json'), 'utf8'))).map((k) => k.split('.')[0]));
if (SHOTS) await mkdir(SHOTS, { recursive: true });
const WORDS_AND_COLOURS = ['color-contrast', 'button-name', 'link-name', 'label', 'select-name', 'image-alt', 'aria-input-field-name', 'html-has-lang', 'html-lang-valid', 'valid-lang', 'document-title'];
/** The page as it lies before the reader: nothing broken, nothing over the edge, no stray words. */
async function looked(page, bad, name, width, lang, theme, whole) {
  if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}-${width}-${lang}-${theme}.png`), fullPage: true });
  await clean(page, bad);
  await accessible(page, whole ? undefined : WORDS_AND_COLOURS);
  await fits(page);
  same(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.theme]), [lang === 'zh' ? 'zh-CN' : 'en', theme], 'language and theme');
  same(await page.locator('h1').count(), 1, 'number of h1');
  const words = await page.evaluate(() => document.querySelector('main').innerText);
  if (lang === 'en') {
    const seen = (words.match(/[a-z0-9_]+\.[A-Za-z0-9_.]+/g) || []).filter((w) => PREFIXES.has(w.split('.')[0]) && !/^industry\.r\d/.test(w));
    same(seen, [], 'keys of the word list show on the page');
  } else check(/[\u4e00-\u9fff]/.test(words), 'no Chinese on the page');
  check(!/NaN|undefined|\[object/.test(await page.evaluate(() => document.body.innerText)), 'NaN, undefined or [object on the page');
}
/** The same page with other words in its address, without loading it again. */
const to = (page, words) => page.evaluate((w) => {
  const u = new URL(location.href);
  for (const [k, v] of Object.entries(w)) u.searchParams.set(k, v);
  history.replaceState(null, '', u);
  window.dispatchEvent(new PopStateEvent('popstate'));
  return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}, words).then(() => ready(page));
/** Another language or theme by the address, without loading the page again, as Back does. */
async function turn(page, lang, theme) {
  await to(page, { lang, theme });
}
/** Each page is loaded twice, wide in Chinese and light, narrow in English and dark; the other languages and themes are turned to. */
async function looks(at) {
  for (const [name, path] of PAGES) {
    for (const [width, l, t] of [[1366, 'zh', 'light'], [390, 'en', 'dark']]) {
      const turned = { zh: 'en', en: 'zh', light: 'dark', dark: 'light' };
      let o = null;
      for (const [i, [lang, theme]] of [[l, t], [l, turned[t]], [turned[l], turned[t]], [turned[l], t]].entries()) {
        await test(`look: ${name} ${width} ${lang} ${theme}`, async () => {
          if (!o) {
            await seat(AS[name] ? AS[name][0] : null, new URL(at).origin);
            o = await open(path, { width, lang, theme, at });
          } else await turn(o.page, lang, theme);
          await looked(o.page, o.bad, name, width, lang, theme, i === 0);
        });
      }
      if (o) await o.close();
    }
  }
}
// beside everything else: the fixture knows one person at a time, so the looks have one of their own
const other = isFixture ? spawn(process.execPath, [join(ROOT, 'test/browser/fake.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] }) : null;
const looking = looks(other ? (await once(other.stdout, 'data'))[0].toString().trim() : base);

// ---- table twins: every cell with data-v equals the API's value
/** What the cells of a card's table must be, from the API's answer. */
const flat = (rows) => rows.flatMap((r) => (Array.isArray(r.months) ? r.months.map((m) => ({ ...m, key: r.key })) : [r]));
const EXPECT = {
  flow: (d) => d.links.map((l) => [l.value]),
  trend: (d) => flat(d).map((r) => [r.month, r.value, r.estimated ?? null]),
  load: (d) => d.v.slice(0, 200).map((v) => [v]),
  limits: (d, s) => s.limits.map((l) => { const f = d.find((x) => x.id === `industry.unit_energy.${l.process}`); return [l.process, f ? f.value : null, l.level1 ?? null, l.level2 ?? null, l.level3 ?? null]; }),
  balance: (d) => d.map((r) => [r.parent_value, r.children_value, r.loss, r.residual, r.share]),
  alarms: (d, s, page) => (page === 'alarms' ? d.rows.map((r) => [r.id, r.value ?? null, r.limit ?? null]) : d.rows.slice(0, 8).map((r) => [r.value ?? null, r.limit ?? null])),
  figures: (d, s, page) => (page === 'cockpit' ? [...d.filter((f) => f.value !== null), ...d.filter((f) => f.value === null)] : d).map((f) => [f.value, f.target ?? null]), // the cockpit shows what has data first
  map: (d) => city.districts.map((x) => { const rows = flat(d).filter((r) => r.key === x.id && r.value !== null && r.value !== undefined); return [rows.length ? rows.reduce((a, r) => a + Number(r.value), 0) : null]; }),
  series: (d) => d.buckets.filter(Boolean).slice(0, 200).map((b) => b),
  points: (d) => d.rows.map((r) => [r.point, r.readings]),
  links: (d) => d.links.map((r) => [r.name, r.per_minute, r.taken, r.refused]),
  factors: (d) => d.factors.map((f) => [f.id, f.version]),
};
const text = (v) => (v === null || v === undefined ? '' : String(v));
async function twin(path, id, name) {
  const { page, bad, answers, close } = await open(`${path}${path.includes('?') ? '&' : '?'}view=table`);
  try {
    const t = page.locator(`#card-${id} table[data-api]`);
    if (await t.count() === 0) throw new Skip('this server has no data for it');
    const from = await t.getAttribute('data-api');
    const shown = await t.locator('tbody tr').evaluateAll((rows) => rows.map((r) => [...r.children].filter((c) => c.dataset.v !== undefined).map((c) => c.dataset.v)));
    // on a live server the next question may have another answer: compare with the one this page was given
    const data = await answers.get(`/api/v1${from}`);
    check(data !== undefined, `the page never asked ${from}`);
    const subject = id === 'limits' ? await api(`/api/v1/subjects/${withProcesses.id}`) : null;
    const expected = EXPECT[id](data, subject, name).map((r) => r.map(text));
    same(shown, expected, `table of ${id} against ${from}`);
    check(expected.length > 0, 'nothing to compare');
    await clean(page, bad);
  } finally {
    await close();
  }
}
const unitPath = withProcesses ? `/e/${withProcesses.id}` : null;
for (const [name, path, ids] of [['cockpit', '/', ['flow', 'figures', 'map']], ['enterprise', unitPath, ['flow', 'trend', 'load', 'limits', 'balance', 'alarms']], ['figure', '/m/industry.energy_total', ['trend', 'factors']],
  ['figure by carrier', '/m/industry.energy_total?by=carrier', ['trend']], ['points', aPoint ? `/points?p=${aPoint.point}` : null, ['series', 'points']], ['collectors', '/collectors', ['links']], ['alarms', '/alarms?all=1', ['alarms']], ['area', '/a/industry', ['figures', 'trend']]]) {
  if (path) for (const id of ids) await test(`twin: ${name} ${id}`, () => twin(path, id, name));
}
await test('area: figures in the order of the report, with sentence, note and the way to why; records of the area', async () => {
  const { page, bad, answers, close } = await open('/a/industry');
  try {
    const [, asked] = [...answers].find(([k]) => k.startsWith('/api/v1/figures?area=industry'));
    const told = (await asked).filter((f) => f.order).sort((a, b) => a.order - b.order);
    check(told.length > 0, 'nothing to compare');
    const shown = await page.locator('[data-figure]').evaluateAll((els) => els.map((e) => [e.dataset.figure, e.querySelector('.v').dataset.v, e.querySelector('blockquote')?.innerText ?? null]));
    same(shown, told.map((f) => [f.id, text(f.value), f.article ?? null]), 'figures of the report');
    for (const n of told.flatMap((f) => f.notes)) check((await page.locator('main').innerText()).includes(n.text.zh), `the note ${n.rule} is not shown`);
    await page.locator('[data-figure] .b a').first().click();
    await ready(page);
    check(new URL(page.url()).pathname === `/m/${told[0].id}`, `why leads to ${page.url()}`);
    await page.locator('#card-why').waitFor();
    await clean(page, bad);
  } finally {
    await close();
  }
});
await test('twin: cockpit tiles and ranking', async () => {
  const { page, close } = await open('/?view=table');
  try {
    const year = city.latest_month.slice(0, 4);
    const figs = await api(`/api/v1/figures?period=${year}-01..${city.latest_month}`);
    const tiles = await page.locator('.tile').evaluateAll((els) => els.map((e) => [e.dataset.figure, e.querySelector('.v').dataset.v]));
    check(tiles.length === 4, `${tiles.length} tiles`);
    if (isFixture) for (const [id, v] of tiles) same(v, text(figs.find((f) => f.id === id).value), `tile ${id}`);
    const shown = await page.locator('#card-rank tbody tr').evaluateAll((rows) => rows.map((r) => Number(r.querySelector('[data-v]').dataset.v)));
    const all = (await Promise.all(city.districts.map((d) => api(`/api/v1/figures/industry.energy_total/trend?period=${year}-01..${city.latest_month}&subject=${d.id}&by=child`)))).flat();
    const sums = new Map();
    for (const r of flat(all)) if (r.value !== null) sums.set(r.key, (sums.get(r.key) || 0) + Number(r.value));
    same(shown.length, sums.size, 'rows of the ranking');
    check(shown.every((v, i) => i === 0 || shown[i - 1] >= v), 'the ranking is not in order');
    if (isFixture) same(shown, [...sums.values()].sort((a, b) => b - a), 'ranking');
  } finally {
    await close();
  }
});
await test('twin: why tree adds up and is the API\'s', async () => {
  const { page, bad, close } = await open('/m/industry.energy_total');
  try {
    const nums = await page.locator('qf-why .num').evaluateAll((els) => els.map((e) => e.dataset.v));
    check(nums.length > 1, 'no tree');
    const d = await page.locator('#card-why .out a').first().getAttribute('href');
    const tree = await api(new URL(d, base).searchParams.get('view'));
    const flat = [];
    const walk = (n, depth) => { flat.push(text(n.value)); if (depth < 1) for (const c of n.children || []) walk(c, depth + 1); };
    walk(tree, 0);
    same(nums, flat, 'values of the tree');
    const more = page.locator('qf-why .tw[aria-expanded=false]').first();
    if (await more.count()) {
      await more.click();
      await ready(page);
      check(await page.locator('qf-why .num').count() > nums.length, 'nothing opened');
    }
    await clean(page, bad);
  } finally {
    await close();
  }
});

// ---- address, keyboard, export, states
await test('address: every choice can be copied and gone back from', async () => {
  const { page, bad, close } = await open('/');
  try {
    const d = city.districts[0].id;
    await page.selectOption('#ctx-d', d);
    await page.selectOption('#ctx-r', 'quarter');
    await page.click('#tab-flow-table');
    await ready(page);
    const at = new URL(page.url());
    same([at.searchParams.get('d'), at.searchParams.get('r'), at.searchParams.get('view')], [d, 'quarter', 'flow.table'], 'address');
    const head = await page.locator('.head .sub').innerText();
    const rows = await page.locator('#card-flow tbody tr').count();
    const other = await page.context().newPage();
    await other.goto(at.href);
    await ready(other);
    same(await other.locator('.head .sub').innerText(), head, 'the copied address shows another view');
    same(await other.locator('#card-flow tbody tr').count(), rows, 'rows under the copied address');
    same(await other.locator('#ctx-d').inputValue(), d, 'area under the copied address');
    await other.close();
    await page.goBack();
    await ready(page);
    same(new URL(page.url()).searchParams.get('r'), null, 'Back did not undo the period');
    same(await page.locator('#ctx-r').inputValue(), 'ytd', 'Back did not reset the choice');
    const before = await page.locator('#ctx-name').innerText();
    await page.keyboard.press('<');
    await ready(page);
    check(await page.locator('#ctx-name').innerText() !== before, '< did not shift the period');
    await clean(page, bad);
  } finally {
    await close();
  }
});
await test('address: links keep language, theme, period and area', async () => {
  const { page, close } = await open('/?r=quarter', { lang: 'en', theme: 'dark' });
  try {
    await page.click('header nav a[href^="/e"]');
    await ready(page);
    const q = new URL(page.url()).searchParams;
    same([q.get('lang'), q.get('theme'), q.get('r')], ['en', 'dark', 'quarter'], 'kept keys');
    same(await page.evaluate(() => document.documentElement.dataset.theme), 'dark', 'theme');
  } finally {
    await close();
  }
});
await test('keyboard: tabs by arrows, search by slash, table by v, help by ?', async () => {
  const { page, bad, close } = await open('/');
  try {
    await page.focus('#tab-flow-chart');
    await page.keyboard.press('ArrowRight');
    await ready(page);
    same(await page.locator('#tab-flow-table').getAttribute('aria-selected'), 'true', 'arrow');
    await page.waitForFunction(() => document.activeElement.id === 'tab-flow-table');
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('v');
    await ready(page);
    same(new URL(page.url()).searchParams.get('view'), 'table', 'v');
    await page.keyboard.press('/');
    same(await page.evaluate(() => document.activeElement.id), 'q', '/');
    await page.keyboard.type('v?');
    same(await page.inputValue('#q'), 'v?', 'letters in a field are text');
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('?');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog[open]', { state: 'detached' });
    await clean(page, bad);
  } finally {
    await close();
  }
});
await test('search: quiet while an input method composes', async () => {
  const { page, close } = await open('/e');
  try {
    await page.evaluate(() => {
      const el = document.querySelector('#units-q');
      el.focus();
      el.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
      el.value = 'gang';
      el.dispatchEvent(new InputEvent('input', { bubbles: true, isComposing: true }));
      el.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, keyCode: 229, bubbles: true, cancelable: true }));
    });
    await page.waitForTimeout(500);
    same(new URL(page.url()).searchParams.get('q'), null, 'searched while composing');
    const name = withProcesses.name_zh;
    await page.evaluate((v) => {
      const el = document.querySelector('#units-q');
      el.value = v;
      el.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true }));
    }, name);
    await page.waitForFunction(() => new URL(location.href).searchParams.has('q'));
    await ready(page);
    check((await page.locator('#card-units tbody tr').count()) >= 1, 'nothing found');
    check((await page.locator('#card-units tbody tr').first().innerText()).includes(name), 'not found');
  } finally {
    await close();
  }
});
await test('export: CSV opens with BOM, XLSX is a zip, PNG is a picture', async () => {
  const { page, bad, close } = await open('/');
  try {
    const links = await page.locator('#card-flow .out a').evaluateAll((a) => a.map((x) => x.getAttribute('href')));
    const csv = new Uint8Array(await (await fetch(origin + links[0])).arrayBuffer());
    same([...csv.slice(0, 3)], [0xef, 0xbb, 0xbf], 'BOM');
    check(csv.length > 20, 'CSV is empty');
    const x = await fetch(origin + links[1]);
    if (x.status !== 501) same([...new Uint8Array(await x.arrayBuffer()).slice(0, 2)], [0x50, 0x4b], 'XLSX signature');
    for (const id of ['flow', 'map']) {
      const wait = page.waitForEvent('download');
      await page.locator(`#card-${id} .out button`).click();
      const file = await (await wait).path();
      const bytes = await readFile(file);
      same([...bytes.subarray(1, 4)], [0x50, 0x4e, 0x47], `PNG signature of ${id}`);
      check(bytes.readUInt32BE(16) > 600, 'the picture is small');
      if (SHOTS) await import('node:fs/promises').then((fs) => fs.copyFile(file, join(SHOTS, `export-${id}.png`)));
    }
    await clean(page, bad);
  } finally {
    await close();
  }
});
await test('states: error has a retry that works, empty says so, missing is a dash', async () => {
  const ctx = await browser.newContext({ viewport: { width: 1366, height: 860 } });
  let broken = true;
  await ctx.route('**/api/v1/figures?*', (r) => (broken ? r.fulfill({ status: 503, contentType: 'application/json', body: JSON.stringify({ error: { code: 'x', message_zh: '账册暂不可用', message: 'the book is away' } }) }) : r.continue()));
  await ctx.route('**/api/v1/alarms?*', (r) => r.fulfill({ contentType: 'application/json', body: '{"total":0,"rows":[]}' }));
  await ctx.route('**/sankey*', (r) => r.fulfill({ contentType: 'application/json', body: '{"nodes":[],"links":[],"residual":null}' }));
  const { page } = await open('/', { context: ctx });
  try {
    check((await page.locator('.state.error').first().innerText()).includes('账册暂不可用'), 'the reason is not shown');
    same(await page.locator('#card-flow .state.empty').count(), 1, 'empty state');
    broken = false;
    await page.locator('.state.error button').first().click();
    await page.waitForSelector('.tile');
    await ready(page);
    same(await page.locator('.state.error').count(), 0, 'error after retry');
    const dash = await page.locator('.tile dd').allInnerTexts();
    check(dash.every((x) => x.trim() !== ''), 'an empty cell instead of a dash');
  } finally {
    await ctx.close();
  }
});
await test('states: a missing value is a dash and its cell is empty, never 0', async () => {
  const ctx = await browser.newContext({ viewport: { width: 1366, height: 860 } });
  await ctx.route('**/api/v1/figures/*/trend?*', async (r) => {
    const a = await (await r.fetch()).json();
    if (a[0]) Object.assign(a[0], { value: null, estimated: null });
    return r.fulfill({ contentType: 'application/json', body: JSON.stringify(a) });
  });
  const { page } = await open('/m/industry.energy_total?view=table', { context: ctx });
  try {
    const cells = await page.locator('#card-trend tbody tr').first().locator('td').evaluateAll((c) => c.map((x) => [x.dataset.v, x.innerText.trim()]));
    same(cells, [['', '—'], ['', '—']], 'cells of the missing month');
  } finally {
    await ctx.close();
  }
});
await test('live: eight tabs share one stream, and pause holds', async () => {
  const ctx = await browser.newContext({ viewport: { width: 1366, height: 860 } });
  const tabs = [];
  try {
    for (let i = 0; i < 8; i++) tabs.push(await open('/points', { context: ctx }));
    const { page, bad } = tabs[7];
    if (isFixture) same(fixture.streams(), 1, 'open event streams');
    await page.waitForFunction(() => document.querySelector('.foot')?.innerText.match(/\d/));
    await page.locator('.ctx button[aria-pressed]').click();
    await page.waitForFunction(() => /[1-9]/.test(document.querySelector('.ctx button[aria-pressed=true]')?.innerText || ''), null, { timeout: 15000 });
    await page.locator('.ctx button[aria-pressed]').click();
    await page.waitForSelector('.ctx button[aria-pressed=false]');
    await clean(page, bad);
  } finally {
    await ctx.close();
  }
});
await test('unknown address and unknown subject are told in words', async () => {
  const { page, close } = await open('/m/no.such.figure');
  try {
    check((await page.locator('.state.error').count()) >= 1, 'no error state');
    await page.goto(`${base}/nowhere`);
    await ready(page);
    same(await page.locator('h1').count(), 1, 'heading of an unknown address');
  } finally {
    await close();
  }
});
await test('print: every page fits its paper, black on white also from a dark screen', async () => {
  const dark = await open('/', { theme: 'dark' });
  try {
    const ground = () => dark.page.evaluate(() => [document.documentElement.dataset.theme, getComputedStyle(document.documentElement).getPropertyValue('--surface').trim()].join(' '));
    const screen = await ground();
    check(screen.startsWith('dark'), `the screen is ${screen}`);
    await dark.page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
    same(await ground(), 'light #FFFFFF', 'the paper');
    same(await dark.page.evaluate(() => [...document.querySelectorAll('tr.void > td:nth-child(2)')].filter((d) => d.dataset.v !== '').length), 0, 'rows with a value that are not printed');
    await dark.page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
    same(await ground(), screen, 'the screen afterwards');
  } finally {
    await dark.close();
  }
  for (const [name, path] of PAGES.slice(0, Math.min(4, OPEN_PAGES))) {
    const { page, close } = await open(path);
    try {
      await page.emulateMedia({ media: 'print' });
      const pdf = await page.pdf({ format: 'A4', ...(SHOTS ? { path: join(SHOTS, `${name}.pdf`) } : {}) });
      const pages = (pdf.toString('latin1').match(/\/Type\s*\/Page\b/g) || []).length;
      check(pages >= 1 && pages <= 6, `${name}: ${pages} pages`);
    } finally {
      await close();
    }
  }
});
if (isFixture) {
  await test('login and acknowledge: token from the address is taken and removed; note is kept', async () => {
    await seat(null);
    const { page, bad, close } = await open('/login?token=fixture-token');
    try {
      await page.waitForFunction(() => location.pathname === '/');
      check(!page.url().includes('fixture-token'), 'the token stays in the address');
      await page.goto(`${base}/alarms?lang=zh`);
      await ready(page);
      await page.locator('#card-alarms tbody button').first().click();
      await page.fill('#note', '已派人查看');
      await accessible(page);
      await page.locator('dialog button.primary').click();
      await page.waitForFunction(() => document.querySelector('#card-alarms').innerText.includes('已派人查看'));
      await clean(page, bad);
    } finally {
      await close();
    }
  });
  await test('login: a wrong password is refused in words', async () => {
    await seat(null);
    const { page, close } = await open('/login');
    try {
      await page.fill('#user', 'wang');
      await page.fill('#password', 'wrong');
      await page.locator('form button.primary').click();
      await page.waitForSelector('[role=alert]');
      check((await page.locator('[role=alert]').innerText()).includes('口令'), 'no reason');
    } finally {
      await close();
    }
  });
}

const kit = { test, check, same, open, ready, clean, accessible, fits, seat, to, base, origin, fixture, browser, SHOTS, pages: PAGES, as: AS };
for (const part of ['work', 'hostile', 'campaign']) await import(`./${part}.mjs`).then((m) => m.run(kit));

await looking;
if (other) other.kill();
await browser.close();
if (fixture) await fixture.close();
if (process.env.QF_TIMES) for (const [ms, n] of times.sort((a, b) => b[0] - a[0])) console.log(`${(ms / 1000).toFixed(2).padStart(7)} s  ${n}`);
for (const s of skipped) console.log(`skip ${s}`);
console.log(`${passed} passed, ${failures.length} failed${skipped.length ? `, ${skipped.length} skipped` : ''}`);
process.exit(failures.length ? 1 : 0);
