// A full month of one enterprise in a browser on a real server, as people do it: an obligation on the desk becomes a form, the form
// is filled, approved by another, sent back with a comment at a cell, corrected, approved and accepted; the receipt is taken home and
// verified by the command line alone.
//   QF_LINK  the owner's one-time link of a sample city; QF  the program that verifies. Without them this says nothing.
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FORM = 'energy_p205';
const FIGURE = 'industry.energy_total';

/** Month index (year * 12 + month - 1) of the last whole month at the server's own clock. */
const lastWhole = (now) => Number(now.slice(0, 4)) * 12 + Number(now.slice(5, 7)) - 2;

export async function run(k) {
  const { test, check, same, open, ready, browser, clean, fits, accessible, SHOTS } = k;
  if (!process.env.QF_LINK) return;
  const QF = process.env.QF;
  let page;
  let unit;
  let id;
  let month;
  let period;
  let receipt;
  let bad;
  const dir = await mkdtemp(join(tmpdir(), 'qf-campaign-'));
  const ctx = await browser.newContext({ viewport: { width: 1366, height: 860 }, locale: 'zh-CN', reducedMotion: 'reduce', acceptDownloads: true });
  const shot = (n) => SHOTS && page.screenshot({ path: `${SHOTS}/real-${n}.png`, fullPage: true });
  /** The page's own session asks the server. */
  const ask = (path, body) => page.evaluate(async ([u, b]) => {
    const me = await (await fetch('/api/v1/me')).json();
    const r = await fetch(u, b ? { method: 'POST', body: JSON.stringify(b), headers: { 'Content-Type': 'application/json', 'X-QF-CSRF': me.csrf } } : {});
    return { status: r.status, body: await r.json() };
  }, [path, body]);
  const filing = async () => (await ask(`/api/v1/filings/${encodeURIComponent(id)}`)).body;
  const goto = async (path) => {
    await page.goto(new URL(path, page.url()).href);
    await ready(page);
  };
  const sit = async (who, path) => {
    const r = await ask(`/api/v1/users/${who}/act`, {});
    same(r.status, 200, `the seat of ${who}`);
    await goto(path);
  };
  const task = () => page.locator(`.tasks a[href*="${encodeURIComponent(id)}"]`);
  const steps = () => page.locator('[data-step]').evaluateAll((b) => b.map((x) => x.dataset.step));
  const step = async (name, reason) => {
    await page.click(`[data-step=${name}]`);
    if (reason) {
      await page.waitForSelector('dialog[open]');
      await page.fill('#reason', reason);
      await page.locator('dialog button.primary').click();
    }
    await page.waitForSelector('#done, #summary');
    if (await page.locator('#summary').count()) throw new Error(`${name}: ${await page.locator('#summary').innerText()}`);
    await ready(page);
  };
  const file = async (name, click) => {
    const wait = page.waitForEvent('download');
    await click();
    const path = join(dir, name);
    await (await wait).saveAs(path);
    return path;
  };
  /** @returns {[number, string]} exit code and what was said */
  const verify = (...args) => {
    try {
      return [0, execFileSync(QF, ['verify', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })];
    } catch (e) {
      return [e.status, `${e.stdout}${e.stderr}`];
    }
  };
  /** Put right what blocks, say why for the rest, until nothing stands in the way: from the page's own findings. */
  const settle = async () => {
    for (let i = 0; i < 8; i++) {
      await ready(page);
      const f = (await filing()).findings.filter((x) => x.severity === 'block' || (x.severity === 'explain' && !x.explained));
      if (!f.length) return;
      for (const x of f.filter((y) => y.severity === 'block' && y.row_no && y.field)) {
        const want = /-?\d+(\.\d+)?/.exec(String(x.expected).replace(/,/g, ''));
        check(want, `${x.id}: no value to go by in "${x.expected}": ${x.text_zh}`);
        await page.fill(`#c-${x.row_no}-${x.field}`, want[0]);
      }
      for (const a of await page.locator('.findings textarea').all()) await a.fill('演示：本月检修，产量低于上月');
    }
    throw new Error(`still in the way: ${JSON.stringify((await filing()).findings.map((x) => x.text_zh))}`);
  };
  try {
    await test('real change: a figure of the last whole month is published by two persons', async () => {
      ({ page, bad } = await open(`/login?token=${new URL(process.env.QF_LINK).searchParams.get('token')}`, { context: ctx }));
      await page.waitForSelector('table button');
      month = lastWhole((await ask('/api/v1/city')).body.now);
      unit = (await ask(`/api/v1/campaigns/${FORM}/${month}`)).body.units.find((u) => !u.filing || !u.state)?.subject;
      check(unit, 'the sample city owes no form for the last whole month');
      id = `${FORM}:${unit}:${month}`;
      const m = `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`;
      period = `${m}..${m}`;
      await sit('officer-industry', `/m/${FIGURE}?r=${period}&lang=zh`);
      await page.fill('#pub-reason', '按月公布');
      await page.locator('#publish button').click();
      await page.waitForFunction(() => location.pathname.startsWith('/f/'));
      await ready(page);
      const path = new URL(page.url()).pathname;
      same(await page.locator('[data-step=accept]').count(), 0, 'who proposes may decide');
      await sit('reviewer-industry', `${path}?view=review&lang=zh`);
      await shot('publication');
      await step('accept');
      await goto(`/m/${FIGURE}?r=${period}&lang=zh`);
      check((await page.locator('#card-published').innerText()).includes('未变'), 'the published figure does not say so');
      await clean(page, bad);
    });
    await test('real change: a factor is proposed from the page and decided by another person', async () => {
      await sit('officer-city', '/admin?tab=factors&lang=zh');
      await page.fill('#factor-form input[name=factor]', 'k.raw_coal');
      await page.locator('#factor-form input[name=factor]').blur();
      const edition = await page.inputValue('#factor-form input[name=edition]');
      check(Number(edition) >= 2, `the next edition: ${edition}`);
      for (const [n, v] of [['value', '0.7128'], ['valid_from', '2031-01-01'], ['source', '演示标准'], ['reason', '演示：标准换版']]) await page.fill(`#factor-form input[name=${n}]`, v);
      await page.selectOption('#factor-form select[name=certainty]', 'L');
      await fits(page);
      await shot('factors');
      await page.locator('#factor-form button').click();
      await page.waitForFunction(() => location.pathname.startsWith('/f/') || document.querySelector('#adm-err'));
      if (await page.locator('#adm-err').count()) throw new Error(await page.locator('#adm-err').innerText());
      await ready(page);
      const path = new URL(page.url()).pathname;
      same(decodeURIComponent(path.slice(3)).includes('k.raw_coal'), true, 'the proposal');
      same(await page.locator('[data-step=accept]').count(), 0, 'who proposes may decide');
      const inForce = async () => (await ask('/api/v1/records/factor?size=1000')).body.items.filter((r) => r.id === `k.raw_coal@${edition}`).map((r) => [r.edition, String(r.valid_from).slice(0, 10), r.certainty]);
      same(await inForce(), [], 'in force before it is decided');
      await sit('reviewer-city', `${path}?view=review&lang=zh`);
      await step('accept');
      same(await inForce(), [[Number(edition), '2031-01-01', 'L']], 'in the register');
      await clean(page, bad);
    });
    await test('real campaign: the obligation on the desk becomes a form; a pasted month is judged; four eyes; submitted', async () => {
      await sit(`filer-${unit}`, '/work?lang=zh');
      const words = await page.locator('.tasks tbody tr').allInnerTexts();
      const row = page.locator('.tasks tbody tr').filter({ hasText: `${Math.floor(month / 12)}年${(month % 12) + 1}月` }).filter({ has: page.locator('button') }).filter({ hasText: 'P205' });
      check((await row.count()) === 1, `the form of the last whole month is not on the desk: ${words.join(' | ')}`);
      await row.locator('button').click();
      await page.waitForSelector('qf-sheet input');
      await ready(page);
      same(decodeURIComponent(new URL(page.url()).pathname.slice(3)), id, 'the form');
      const f = await filing();
      const type = (await ask(`/api/v1/types/${FORM}`)).body;
      const fields = type.columns.filter((c) => !type.key.includes(c.name) && !c.evidence).map((c) => c.name);
      check(f.last_month.length > 0, 'nothing of last month beside the form');
      // as an accountant would: the table of last month from the spreadsheet, stock carried on, seven percent less used
      const less = (v) => (v === null || v === undefined || v === '' ? '' : String(Number((Number(v) * 0.93).toFixed(2))));
      const bare = (v) => (v === null || v === undefined || v === '' ? '' : String(Number(v)));
      const of = (r, n) => (n === 'opening_stock' ? bare(r.closing_stock) : n === 'closing_stock' || /coefficient/.test(n) ? bare(r[n]) : !/DECIMAL/.test(type.columns.find((c) => c.name === n).type) ? r[n] ?? '' : less(r[n]));
      const block = f.last_month.map((r) => [r.code, ...fields.map((n) => of(r, n))].join('\t')).join('\r\n');
      await page.focus(`#c-1-${fields[0]}`);
      await page.evaluate((s) => {
        const d = new DataTransfer();
        d.setData('text/plain', s);
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: d, bubbles: true, cancelable: true }));
      }, block);
      await settle();
      await page.evaluate(() => { document.activeElement.blur(); document.querySelector('.sheet').scrollLeft = 0; window.scrollTo(0, 0); });
      if (SHOTS) await page.screenshot({ path: `${SHOTS}/real-form-view.png` });
      await shot('form');
      same(await steps().then((s) => s.filter((x) => ['approve', 'accept'].includes(x))), [], 'a filer may judge his own form');
      await step('submit');
      await shot('submitted');
      same((await filing()).state, 'submitted', 'state');
      check((await page.locator('#done').innerText()).includes('--key'), 'how to verify is not told');
      await clean(page, bad);
    });
    await test('real campaign: approved on a phone, then sent back with a comment at a cell', async () => {
      await page.setViewportSize({ width: 390, height: 844 });
      await sit(`approver-${unit}`, '/work?lang=zh');
      await fits(page);
      await task().click();
      await ready(page);
      await fits(page);
      await accessible(page);
      await shot('approver-390');
      const small = await page.locator('.actionbar button').evaluateAll((b) => b.map((x) => x.getBoundingClientRect().height).filter((h) => h < 44 * 0.87));
      same(small, [], 'buttons too small for a thumb');
      await step('approve');
      await page.setViewportSize({ width: 1366, height: 860 });
      await sit('reviewer-industry', '/work?lang=zh');
      await task().first().click();
      await ready(page);
      await shot('review');
      await accessible(page);
      await page.evaluate(() => document.querySelector('td[id^="c-1-consumption"]').setAttribute('tabindex', '-1'));
      await page.focus('#c-1-consumption');
      await page.fill('#comment', '请核对消费量，与发票不符');
      await page.locator('form button', { hasText: '添加批注' }).click();
      await page.waitForSelector('td#c-1-consumption.talk');
      await step('return', '消费量与发票不符，请更正');
      await shot('returned');
      same((await filing()).state, 'returned', 'state');
      await clean(page, bad);
    });
    await test('real campaign: the reason and the cell are seen, the cell is corrected, all sign again, accepted', async () => {
      await sit(`filer-${unit}`, '/work?lang=zh');
      await shot('desk');
      await task().first().click();
      await page.waitForSelector('qf-sheet input');
      await ready(page);
      const main = await page.locator('main').innerText();
      for (const w of ['消费量与发票不符，请更正', '请核对消费量，与发票不符']) check(main.includes(w), `the filer does not see "${w}"`);
      check(await page.locator('td.talk #c-1-consumption').count(), 'the comment does not stand at its cell');
      const before = (await filing()).rows[0];
      // one unit more used and bought: consumption, what it was used for, and the purchase that covers it
      for (const n of ['consumption', 'industrial', 'purchase']) if (Number(before[n])) await page.fill(`#c-1-${n}`, String(Number((Number(before[n]) + 1).toFixed(2))));
      await settle();
      same(Number((await filing()).rows[0].consumption), Number((Number(before.consumption) + 1).toFixed(2)), 'the corrected cell on the server');
      await step('submit');
      await sit(`approver-${unit}`, '/work?lang=zh');
      await task().click();
      await ready(page);
      await step('approve');
      await sit('reviewer-industry', '/work?lang=zh');
      await task().first().click();
      await ready(page);
      check((await page.locator('#card-diff, [aria-labelledby=h-diff]').innerText()).length > 0, 'the reviewer sees no difference');
      await step('accept');
      await shot('accepted');
      same((await filing()).state, 'accepted', 'state');
      const by = Object.fromEntries((await filing()).steps.map((s) => [s.step, s.by]));
      same(new Set([by.submit, by.approve, by.accept]).size, 3, `three people: ${JSON.stringify(by)}`);
      await clean(page, bad);
    });
    await test('real campaign: the downloaded receipt is verified without the server; a changed one is not', async () => {
      receipt = await file('receipt.json', () => page.click('#done a[download^=receipt]'));
      const head = await file('head.txt', () => page.click('#done a[download="head.txt"]'));
      const key = await file('log.pub', () => page.click('#done a[download="log.pub"]'));
      const r = JSON.parse(await readFile(receipt, 'utf8'));
      const size = Number((await readFile(head, 'utf8')).split('\n')[1]);
      const more = [];
      if (size !== r.size) { // a minute's head came between: show that the tree only grew
        await writeFile(join(dir, 'grown.json'), JSON.stringify((await ask(`/api/v1/consistency?from=${r.size}&to=${size}`)).body));
        more.push('--consistency', join(dir, 'grown.json'));
      }
      check(r.records.some((x) => JSON.stringify(x).includes(id)), `the receipt does not name ${id}`);
      let [rc, out] = verify('--receipt', receipt, '--head', head, ...more);
      same(rc, 0, `verify by the head: ${out}`);
      [rc, out] = verify('--receipt', receipt, '--key', key);
      same(rc, 0, `verify by the key: ${out}`);
      for (const [what, change] of [['time', (x) => { x.at = x.at.replace(/\d(?=\D*$)/, (c) => String((Number(c) + 1) % 10)); }], ['submitter', (x) => { x.submitter = 'somebody'; }], ['leaf', (x) => { x.leaf_hash = `${x.leaf_hash.slice(0, -1)}${x.leaf_hash.endsWith('0') ? '1' : '0'}`; }]]) {
        const forged = structuredClone(r);
        change(forged);
        check(JSON.stringify(forged) !== JSON.stringify(r), `${what}: nothing was forged`);
        await writeFile(join(dir, 'forged.json'), JSON.stringify(forged));
        [rc, out] = verify('--receipt', join(dir, 'forged.json'), '--head', head, ...more);
        same(rc, 1, `a receipt with another ${what} passes: ${out}`);
      }
      const print = await ctx.newPage();
      await print.goto(new URL(`/api/v1/receipts/${r.seq}?format=html`, page.url()).href);
      check((await print.locator('svg').count()) > 0 && (await print.locator('body').innerText()).includes(r.leaf_hash.slice(0, 8)), 'the printable receipt lacks its code or hash');
      await print.close();
    });
    await test('real change: the accepted form moved the published figure; both values, the reason and the person are shown', async () => {
      for (const until = Date.now() + 60000; !(await ask(`/api/v1/figures/${FIGURE}?period=${period}`)).body.restated?.length; await page.waitForTimeout(500)) check(Date.now() < until, 'no restatement within a minute');
      await goto(`/m/${FIGURE}?r=${period}&lang=zh`);
      const f = (await ask(`/api/v1/figures/${FIGURE}?period=${period}`)).body;
      const last = f.restated[0];
      same(Number(last.new).toFixed(6), Number(f.value).toFixed(6), 'the new value is the present one');
      const card = await page.locator('#card-published').innerText();
      for (const w of ['已重述', 'reviewer-industry']) check(card.includes(w), `the card lacks "${w}": ${card}`);
      const cells = await page.locator('#card-published tbody tr').first().locator('[data-v]').evaluateAll((c) => c.map((x) => x.dataset.v));
      same(cells.filter(Boolean).slice(0, 3).map(Number), [last.old, last.new, last.difference].map(Number), 'old, new, difference');
      check((await page.locator('qf-why .restated').count()) === 1, 'the tree does not show both');
      await shot('restated');
      await clean(page, bad);
    });
    await test('real campaign: the pages around it hold their real contents', async () => {
      await goto(`/campaign?form=${FORM}&m=${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}&lang=zh`);
      for (const p of ['/campaign', '/findings', '/r', '/account', `/e/${unit}?tab=filings`]) {
        await goto(p);
        await fits(page);
        await shot(p.replace(/\W+/g, '_'));
      }
      for (const who of ['system-admin', 'security-admin', 'audit-admin']) {
        await sit(who, '/admin?lang=zh');
        await fits(page);
        await shot(who);
      }
      await clean(page, bad);
    });
  } finally {
    await ctx.close();
    await rm(dir, { recursive: true, force: true });
  }
}
