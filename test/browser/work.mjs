// Browser tests of the pages of work, against the fixture: the form under the hands of a filer, the review, sign-in, administration.
const FORM = '/f/energy_p205:u001:24321';
const cell = (row, field) => `#c-${row}-${field}`;

export async function run(k) {
  const { test, check, same, open, ready, clean, accessible, seat, fixture, origin, SHOTS, browser } = k;
  await test('kiosk: 1920 wide, no chrome, clock and figures, nothing over the edge', async () => {
    await seat(null);
    const { page, bad, close } = await open('/?kiosk=1', { width: 1920, height: 1080, theme: 'dark' });
    try {
      if (SHOTS) await page.screenshot({ path: `${SHOTS}/kiosk-1920.png` });
      await k.fits(page);
      same(await page.locator('header nav').isVisible(), false, 'navigation shows');
      same(await page.locator('.ctx .pulse').isVisible(), true, 'age of the data');
      same(await page.locator('.tile').count(), 4, 'tiles');
      check(parseFloat(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)) === 16, 'type does not follow the wall: 1920 / 120 is 16 px');
      await clean(page, bad);
    } finally {
      await close();
    }
  });
  if (!fixture) return;
  const { work } = fixture;
  const form = async (o) => { work.reset(); await seat('wang'); return open(FORM, o); };
  const value = (page, row, field) => page.inputValue(cell(row, field));
  const stored = (row, field) => work.state.filings.get('energy_p205:u001:24321').rows[row - 1][field];
  const paste = (page, text) => page.evaluate((s) => {
    const d = new DataTransfer();
    d.setData('text/plain', s);
    document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: d, bubbles: true, cancelable: true }));
  }, text);
  const saved = (page) => page.waitForFunction(() => /已暂存 /.test(document.querySelector('.saved').innerText));

  await test('form: arrows, Enter, Tab and Esc walk every cell', async () => {
    const { page, bad, close } = await form();
    try {
      const at = () => page.evaluate(() => document.activeElement.id);
      await page.focus(cell(1, 'purchase'));
      await page.keyboard.press('Enter');
      same(await at(), 'c-2-purchase', 'Enter');
      await page.keyboard.press('Shift+Enter');
      same(await at(), 'c-1-purchase', 'Shift+Enter');
      await page.keyboard.press('ArrowRight');
      same(await at(), 'c-1-purchase_outside', 'ArrowRight');
      await page.keyboard.press('ArrowDown');
      same(await at(), 'c-2-purchase_outside', 'ArrowDown');
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('ArrowUp');
      same(await at(), 'c-1-purchase', 'ArrowLeft, ArrowUp');
      await page.keyboard.press('Tab');
      same(await at(), 'c-1-purchase_outside', 'Tab');
      await page.keyboard.type('12');
      await page.keyboard.press('Escape');
      same(await value(page, 1, 'purchase_outside'), '', 'Esc did not restore');
      const seen = new Set();
      await page.focus(cell(1, 'opening_stock'));
      for (let i = 0; i < 20; i++) { seen.add(await at()); await page.keyboard.press('ArrowRight'); }
      same(seen.size, 15, 'cells of a row that the keyboard reaches');
      await clean(page, bad);
    } finally {
      await close();
    }
  });
  await test('keyboard alone: sign in, open the task, correct a cell, explain, submit', async () => {
    work.reset();
    await seat(null);
    const { page, bad, close } = await open('/login?to=/work');
    /** Tab until the focus is where it says; a keyboard user has no other way. */
    const tabTo = async (selector, limit = 120) => {
      for (let i = 0; i < limit; i++) {
        if (await page.evaluate((s) => document.activeElement.matches(s), selector)) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`${selector} is not reached by ${limit} tabs`);
    };
    try {
      await tabTo('#user');
      await page.keyboard.type('wang');
      await tabTo('#password');
      await page.keyboard.type('correct horse battery');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => location.pathname === '/work');
      await ready(page);
      await tabTo('.tasks a[href*="24321"]');
      await page.keyboard.press('Enter');
      await page.waitForSelector('qf-sheet input');
      await ready(page);
      await tabTo(cell(1, 'purchase'));
      await page.keyboard.type('13056.5');
      await page.keyboard.press('Enter');
      await tabTo('[data-step=submit]', 400);
      await page.keyboard.press('Enter');
      await page.waitForSelector('#done');
      same(await page.evaluate(() => document.activeElement.id), 'done', 'where the focus is after the step');
      same([work.state.filings.get('energy_p205:u001:24321').state, stored(1, 'purchase')], ['submitted', '13056.5'], 'state and cell');
      await clean(page, bad);
    } finally {
      work.reset();
      await close();
    }
  });
  await test('form: a block from Excel is laid by position or by code, tidied, and can be undone', async () => {
    const { page, bad, close } = await form();
    try {
      await page.focus(cell(1, 'purchase'));
      await paste(page, '1,234.5\t\t９９\r\n－20\tx\t\r\n');
      same([await value(page, 1, 'purchase'), await value(page, 1, 'purchase_value'), await value(page, 2, 'purchase'), await value(page, 2, 'purchase_outside')], ['1234.5', '99', '-20', ''], 'pasted');
      check((await page.locator('.note').last().innerText()).includes('不是数字'), 'the refused cell is not told');
      await page.locator('.note button').last().click();
      same(await value(page, 1, 'purchase'), '13056', 'undo');
      await page.focus(cell(3, 'opening_stock'));
      await paste(page, '33\t7\n01\t8\n');
      same([await value(page, 8, 'opening_stock'), await value(page, 1, 'opening_stock'), await value(page, 3, 'opening_stock')], ['7', '8', '0'], 'rows by their code');
      await saved(page);
      same(stored(8, 'opening_stock'), '7', 'on the server');
      await clean(page, bad);
    } finally {
      await close();
    }
  });
  await test('form: nothing happens while an input method composes', async () => {
    const { page, close } = await form();
    const sent = [];
    page.on('request', (r) => { if (['POST', 'PUT'].includes(r.method())) sent.push([r.method(), r.postData() || '']); });
    const compose = (text) => page.evaluate((v) => {
      const el = document.activeElement;
      el.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
      el.value = v;
      el.dispatchEvent(new InputEvent('input', { bubbles: true, isComposing: true }));
      return el.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, keyCode: 229, bubbles: true, cancelable: true }));
    }, text);
    const commit = (text) => page.evaluate((v) => {
      const el = document.activeElement;
      el.value = v;
      el.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true }));
    }, text);
    try {
      await page.focus(cell(1, 'purchase'));
      await compose('yi');
      same(await page.evaluate(() => document.activeElement.id), 'c-1-purchase', 'Enter left the cell while composing');
      same(await page.locator('.saved').innerText(), '全部已暂存', 'taken while composing');
      await commit('１２');
      await page.keyboard.press('Enter');
      same(await value(page, 1, 'purchase'), '12', 'full-width digits');
      await saved(page);
      await ready(page);
      same(sent.filter(([, b]) => b.includes('"yi"')), [], 'half a word was sent'); // had a timer been started at the first letters, it would have run before these
    } finally {
      await close();
    }
    await seat('qian');
    const r = await open('/f/energy_p205:u002:24321?view=review');
    try {
      await r.page.click('[data-step=return]');
      await r.page.waitForSelector('dialog[open]');
      await r.page.focus('#reason');
      await r.page.evaluate(() => {
        const el = document.activeElement;
        el.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
        el.value = 'dianli';
        el.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, keyCode: 229, bubbles: true, cancelable: true }));
      });
      same(await r.page.locator('dialog[open]').count(), 1, 'the dialog went away');
      await r.page.keyboard.press('Escape');
      await r.page.waitForSelector('dialog[open]', { state: 'detached' });
      same(work.state.filings.get('energy_p205:u002:24321').state, 'approved', 'sent while composing');
    } finally {
      await r.close();
    }
  });
  await test('form: judged while typing; the error summary takes the focus and leads to the cell', async () => {
    const { page, bad, close } = await form();
    try {
      await page.fill(cell(1, 'consumption'), '99999');
      await page.waitForSelector(`${cell(1, 'consumption')}[aria-invalid=true]`);
      await page.click('[data-step=submit]');
      await page.waitForFunction(() => document.activeElement.id === 'summary');
      check((await page.title()).startsWith('错误：'), 'the title does not say so');
      await accessible(page);
      await page.locator('#summary a').first().click();
      same(await page.evaluate(() => document.activeElement.id), 'c-1-consumption', 'link of the summary');
      await page.fill(cell(1, 'consumption'), '13056');
      await page.waitForSelector('#summary', { state: 'detached' });
      await page.fill(cell(8, 'industrial'), '30000');
      await page.fill(cell(8, 'non_industrial'), '0');
      await page.fill(cell(8, 'consumption'), '30000');
      const x = page.locator('.findings textarea');
      await x.waitFor();
      await page.click('[data-step=submit]');
      await page.waitForFunction(() => document.activeElement.id === 'summary');
      await x.fill('新增一座电炉，十月投产');
      await page.waitForSelector('#summary', { state: 'detached' });
      await page.click('[data-step=submit]');
      await page.waitForSelector('#done');
      check(await page.locator('#done a[href*="/receipts/"]').count() >= 1, 'no receipt');
      same(work.state.filings.get('energy_p205:u001:24321').state, 'submitted', 'state');
      await clean(page, bad);
    } finally {
      await close();
    }
  });
  await test('form: 412 shows what differs; merging keeps both', async () => {
    const { page, close } = await form();
    try {
      work.meddle('energy_p205:u001:24321', '01', 'opening_stock', '55');
      await page.fill(cell(1, 'purchase'), '13057');
      await page.waitForSelector('#conflict');
      check((await page.locator('#conflict').innerText()).includes('55'), 'their value is not shown');
      await accessible(page);
      if (SHOTS) await page.screenshot({ path: `${SHOTS}/conflict.png`, fullPage: true });
      await page.locator('#conflict button.primary').click();
      await saved(page);
      same([stored(1, 'purchase'), stored(1, 'opening_stock')], ['13057', '55'], 'merged');
    } finally {
      await close();
    }
  });
  await test('form: what was typed survives a dead server and a reload, and goes at sign-out', async () => {
    const { page, close } = await form();
    try {
      await page.route('**/api/v1/filings/energy*', (r) => (r.request().method() === 'PUT' ? r.abort() : r.continue()));
      await page.fill(cell(1, 'purchase'), '777');
      await page.waitForFunction(() => /仅保存在本机/.test(document.querySelector('.saved').innerText));
      await page.unroute('**/api/v1/filings/energy*');
      await page.route('**/api/v1/filings/energy*', (r) => (r.request().method() === 'PUT' ? r.abort() : r.continue()));
      await page.reload();
      await ready(page);
      same(await value(page, 1, 'purchase'), '777', 'the local copy was not taken up');
      check((await page.locator('.note').first().innerText()).includes('已恢复'), 'nobody is told');
      same(stored(1, 'purchase'), '13056', 'the server has it already');
      await page.locator('header button', { hasText: '退出' }).click();
      await page.waitForFunction(() => location.pathname === '/login');
      same(await page.evaluate(() => Object.keys(localStorage).filter((x) => x.startsWith('qf.draft.'))), [], 'drafts left on a shared desk');
    } finally {
      await close();
    }
  });
  await test('form: comments stand at their cell', async () => {
    const { page, bad, close } = await form();
    try {
      await page.focus(cell(2, 'purchase'));
      await page.fill('#comment', '请附磅单');
      await page.locator('form button', { hasText: '添加批注' }).click();
      await page.waitForSelector('td.talk');
      same(work.state.filings.get('energy_p205:u001:24321').comments.map((c) => [c.row_key, c.field]), [['12', 'purchase']], 'anchor');
      await clean(page, bad);
    } finally {
      await close();
    }
  });
  await test('campaign month: file, return on a phone, correct, approve, accept; every step on its desk', async () => {
    const id = 'energy_p205:u001:24321';
    work.reset();
    const go = async (user, path, step, reason) => {
      await seat(user);
      const { page, bad, close } = await open(path, { width: 390, height: 844 });
      try {
        await page.locator(`.tasks a[href*="${id}"], .tasks a[href*="${encodeURIComponent(id)}"]`).first().click();
        await ready(page);
        await page.click(`[data-step=${step}]`);
        if (reason !== undefined) {
          await page.waitForSelector('dialog[open]');
          await page.locator('dialog button.primary').click();
          await page.waitForSelector('#reason-err');
          await page.fill('#reason', reason);
          await page.locator('dialog button.primary').click();
        }
        await page.waitForSelector('#done');
        await clean(page, bad);
        return work.state.filings.get(id).state;
      } finally {
        await close();
      }
    };
    same(await go('wang', '/work', 'submit'), 'submitted', 'submit');
    same(await go('zhao', '/work', 'approve'), 'approved', 'approve');
    same(await go('qian', '/work', 'return', '电力数与计量不符'), 'returned', 'return');
    same(await go('wang', '/work', 'submit'), 'submitted', 'again');
    same(await go('zhao', '/work', 'approve'), 'approved', 'approve again');
    same(await go('qian', '/work', 'accept'), 'accepted', 'accept');
  });
  await test('sign-in: the code is asked for, a seat is taken and left', async () => {
    await seat(null);
    const { page, bad, close } = await open('/login');
    try {
      await page.fill('#user', 'admin1');
      await page.fill('#password', 'correct horse battery');
      await page.locator('form button.primary').click();
      await page.waitForSelector('#code');
      await page.fill('#code', '123456');
      await page.locator('form button.primary').click();
      await page.waitForFunction(() => location.pathname === '/');
      await seat(null);
      await page.goto(`${k.base}/login?token=fixture-setup&lang=zh`);
      await page.waitForSelector('table button');
      check(!page.url().includes('fixture-setup'), 'the token stays in the address');
      await page.locator('tr', { hasText: '钱审核' }).locator('button').click();
      await page.waitForSelector('.acting');
      same(new URL(page.url()).pathname, '/work', 'where a seat leads');
      same(bad.filter((x) => !/401/.test(x)), [], 'errors');
    } finally {
      await close();
    }
  });
  await test('shell: the navigation holds what /me opens', async () => {
    const links = async (user) => {
      await seat(user);
      const { page, close } = await open('/');
      const l = await page.locator('header nav a').evaluateAll((a) => a.map((x) => x.pathname));
      await close();
      return l;
    };
    const none = await links(null);
    check(!none.includes('/work') && !none.includes('/admin'), 'strangers see work');
    check((await links('wang')).includes('/work'), 'a filer does not see the desk');
    check((await links('admin2')).includes('/admin'), 'an administrator does not see administration');
  });
  await test('admin: a grant is decided by another, a token is shown once', async () => {
    await seat('admin1');
    const a = await open('/admin?tab=tokens');
    try {
      await a.page.fill('input[name=note]', '港口网关');
      await a.page.locator('form button.primary').click();
      await a.page.waitForSelector('#once');
      check((await a.page.locator('#once').innerText()).includes('qf_fixture_secret'), 'not shown');
      await a.page.locator('#once button').last().click();
      check(!(await a.page.content()).includes('qf_fixture_secret'), 'still in the page');
    } finally {
      await a.close();
    }
    await seat('admin2');
    const b = await open('/admin?tab=grants');
    try {
      await b.page.locator('tr', { hasText: '孙领导' }).locator('button', { hasText: '批准' }).click();
      await b.page.waitForFunction(() => !/待批准/.test(document.querySelector('main table').innerText));
      same(work.state.grants.find((g) => g.id === 'g2').state, 'approved', 'state');
      await clean(b.page, b.bad);
    } finally {
      await b.close();
    }
  });
  await test('factors: a proposal is whole, known factors bring their next edition, another person decides', async () => {
    await seat('he');
    const a = await open('/admin?tab=factors');
    try {
      await a.page.fill('#factor-form input[name=factor]', 'k.raw_coal');
      await a.page.locator('#factor-form input[name=factor]').blur();
      same([await a.page.inputValue('#factor-form input[name=edition]'), await a.page.inputValue('#factor-form input[name=unit]'), await a.page.inputValue('#factor-form input[name=name_zh]')], ['2', 'kgce/t', '原煤折标准煤系数'], 'filled from the present edition');
      for (const [n, v] of [['value', '712.8'], ['valid_from', '2027-01-01'], ['source', 'GB/T 2589-2027'], ['reason', '国家标准换版']]) await a.page.fill(`#factor-form input[name=${n}]`, v);
      await a.page.selectOption('#factor-form select[name=certainty]', 'V');
      await a.page.locator('#factor-form button').click();
      await a.page.waitForFunction(() => location.pathname.startsWith('/f/'));
      const f = work.state.filings.get('factor:k.raw_coal@2');
      same([f.state, f.sheet, f.rows[0].value, f.rows[0].certainty], ['proposed', { factor: 'k.raw_coal', edition: 2 }, '712.8', 'V'], 'what was sent');
      same(await a.page.locator('[data-step=accept]').count(), 0, 'the proposer may decide');
      await clean(a.page, a.bad);
    } finally {
      await a.close();
    }
    await seat('qian');
    const b = await open('/f/factor%3Ak.raw_coal%402?view=review');
    try {
      await b.page.click('[data-step=accept]');
      await b.page.waitForSelector('#done');
      same(work.state.factors.map((x) => x.id), ['k.raw_coal@2'], 'in the register');
      await clean(b.page, b.bad);
    } finally {
      work.state.factors.length = 0;
      work.state.filings.delete('factor:k.raw_coal@2');
      await b.close();
    }
  });
  await test('second factor: asked for in place, set up in place, and one goes on', async () => {
    const enter = (user) => fetch(`${origin}/api/v1/login`, { method: 'POST', body: JSON.stringify({ user, password: 'correct horse battery' }) });
    await enter('admin3'); // has none yet
    const a = await open('/admin?tab=audit');
    try {
      await a.page.waitForSelector('#second');
      await accessible(a.page);
      await a.page.locator('#second button').click();
      await a.page.fill('#second-code', '000000');
      await a.page.keyboard.press('Enter');
      await a.page.waitForSelector('#second-err');
      same(await a.page.evaluate(() => document.activeElement.id), 'second-err', 'the error has no focus');
      await a.page.fill('#second-code', '123456');
      await a.page.keyboard.press('Enter');
      await a.page.locator('.codes').waitFor();
      await a.page.locator('#second button').click();
      await a.page.waitForFunction(() => document.querySelector('main table')?.innerText.includes('10.2.0.14'));
      same(new URL(a.page.url()).searchParams.get('tab'), 'audit', 'the place was lost');
    } finally {
      await a.close();
    }
    await seat('admin1');
    work.state.strong = false; // came by another way than the code
    const b = await open('/admin?tab=users');
    try {
      await b.page.fill('#second-pw', 'correct horse battery');
      await b.page.fill('#second-code', '123456');
      await b.page.keyboard.press('Enter');
      await b.page.waitForFunction(() => document.querySelector('main table')?.innerText.includes('admin1'));
    } finally {
      work.state.enrolled.delete('admin3');
      work.state.strong = true;
      await b.close();
    }
  });
  await test('publication: what was given out, what it is now, why, by whom and when; the tree shows both', async () => {
    await seat('wang');
    const { page, bad, close } = await open('/m/industry.energy_total?r=2026-09..2026-09');
    try {
      const card = await page.locator('#card-published').innerText();
      for (const w of ['401,234.5', '已重述', '电力数与发票不符，更正', 'qian', '2026-11-02']) check(card.includes(w), `the card lacks ${w}: ${card}`);
      const shown = await page.locator('#card-published tbody [data-v]').evaluateAll((c) => c.slice(0, 3).map((x) => Number(x.dataset.v)));
      const f = await (await fetch(`${origin}/api/v1/figures/industry.energy_total?period=2026-09..2026-09`)).json();
      same(shown, [f.restated[0].old, f.restated[0].new, f.restated[0].difference], 'old, new, difference');
      same(f.restated[0].new, f.value, 'the last restatement leads to the present value');
      check((await page.locator('qf-why .restated').innerText()).includes('401,234.5'), 'the tree does not show the published value');
      await accessible(page);
      await clean(page, bad);
      await page.goto(`${k.base}/m/industry.energy_total?lang=zh`);
      await ready(page);
      check((await page.locator('#card-published a').first().getAttribute('href')).includes('2026-09..2026-09'), 'no way from another period to the published one');
    } finally {
      await close();
    }
  });
  await test('import: dry run, refused rows as a file, then commit', async () => {
    await seat('wang');
    const { page, bad, close } = await open('/r/energy_p205');
    try {
      await page.setInputFiles('#import-file', { name: 'p205.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n1,2\n') });
      await page.waitForSelector('.import table');
      check((await page.locator('.import').innerText()).includes('尚未写入'), 'not told that nothing was written');
      const wait = page.waitForEvent('download');
      await page.locator('.import button', { hasText: '下载' }).click();
      same((await wait).suggestedFilename(), 'energy_p205-refused.csv', 'name of the file');
      await page.locator('.import button.primary').click();
      await page.waitForFunction(() => /已导入/.test(document.querySelector('.import').innerText));
      await clean(page, bad);
    } finally {
      await close();
    }
  });
  await test('filters: kept under a name, and the address carries them', async () => {
    await seat('wang');
    const { page, close } = await open('/r/energy_p205');
    try {
      await page.selectOption('#state', 'accepted');
      await ready(page);
      same(new URL(page.url()).searchParams.get('state'), 'accepted', 'address');
      await page.locator('.keepit summary').first().click();
      await page.fill('.keepit input[name=label]', '已通过');
      await page.locator('.keepit form button').first().click();
      await page.locator('.filters > a').last().click();
      await ready(page);
      await page.selectOption('#saved', { label: '已通过' });
      await ready(page);
      same(new URL(page.url()).searchParams.get('state'), 'accepted', 'the saved filter');
    } finally {
      await close();
    }
  });
  await seat(null);
}
