// Every page with hostile names: what the server really answered, in which every name, title, note and word of people begins with markup, quotes, a scheme, a turn of direction or is very
// long. They are words: they are shown as they stand, make no element, run nothing, open no dialog and push nothing over the edge.
const IMG = '<img src=x onerror="window.hurt=1;alert(1)">';
const SCRIPT = '"><script>window.hurt=1;alert(2)</script>';
const WORDS = [IMG, SCRIPT, "'-alert(3)-'${alert(4)}{{alert(5)}}", 'javascript:alert(6)//', '<svg onload=alert(7)><style>*{display:none}</style><base href=//elsewhere>', '\u202e', `${'很长的名字'.repeat(30)}${'W'.repeat(200)}`];
// members that people or devices write; what is compared by the pages (ids, kinds, states, periods) stays
const FREE = new Set(['name', 'name_zh', 'name_en', 'zh', 'en', 'note', 'text', 'text_zh', 'text_en', 'reason', 'comment', 'source', 'clause', 'plant', 'peer', 'where', 'raw_text', 'file', 'message', 'message_zh', 'article', 'key', 'by']);
/** The same answer with hostile words; the n-th word in turn, so that each page gets all of them. */
export function poison(v, turn = { n: 0 }, key = '') {
  if (typeof v === 'string') return FREE.has(key) && v !== '' ? WORDS[turn.n++ % WORDS.length] + v : v;
  if (Array.isArray(v)) return v.map((x) => poison(x, turn, key));
  if (v && typeof v === 'object') return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, poison(x, turn, k)]));
  return v;
}

export async function run(k) {
  const { test, check, same, open, clean, fits, seat, browser, pages, as } = k;
  let shown = 0;
  const look = async (name, path, width, lang) => {
    await seat(as[name] ? as[name][0] : null);
    const ctx = await browser.newContext({ viewport: { width, height: 860 }, reducedMotion: 'reduce' });
    await ctx.route((u) => u.pathname.startsWith('/api/v1/') && u.pathname !== '/api/v1/stream', async (r) => {
      const answer = await r.fetch();
      if (!/json/.test(answer.headers()['content-type'] || '')) return r.fulfill({ response: answer });
      return r.fulfill({ response: answer, body: JSON.stringify(poison(JSON.parse(await answer.text() || 'null'))) });
    });
    const dialogs = [];
    ctx.on('page', (p) => p.on('dialog', (d) => { dialogs.push(d.message()); d.dismiss(); }));
    const { page, bad } = await open(path, { context: ctx, lang });
    try {
      for (const view of width > 1000 ? ['chart'] : ['chart', 'table']) {
        if (view === 'table') await k.to(page, { view: 'table' });
        const seen = await page.evaluate(() => {
          const own = (e) => e.matches('script[src^="/"],script[src^="./"],link,meta,title,head');
          return { hurt: window.hurt ?? null, made: [...document.querySelectorAll('[onerror],[onload],[onclick],base,iframe,object,embed,img[src="x"],body style,svg[onload]')].filter((e) => !own(e)).map((e) => e.outerHTML.slice(0, 120)),
            inline: [...document.scripts].filter((s) => !s.src).length, links: [...document.querySelectorAll('a[href],form[action]')].map((a) => a.href || a.action).filter((h) => !/^(https?|blob|data):/.test(h)),
            turned: (document.body.innerText.match(/[\u202a-\u202e\u2066-\u2069]/g) || []).length, words: document.body.innerText };
        });
        same([seen.hurt, seen.made, seen.inline, seen.links, dialogs], [null, [], 0, [], []], `ran, elements made, scripts, links, dialogs (${view})`);
        same(seen.turned, 0, 'characters that turn the direction of their line');
        if (seen.words.includes('<img src=x onerror=') || seen.words.includes('"><script>')) shown++;
        await fits(page);
      }
      await clean(page, bad);
    } finally {
      await ctx.close();
    }
  };
  for (const [name, path] of pages) for (const [width, lang] of [[1366, 'zh'], [390, 'en']]) await test(`hostile names: ${name} ${width} ${lang}`, () => look(name, path, width, lang));
  await test('hostile names: they were on the pages, as words', () => check(shown > pages.length, `only ${shown} of ${3 * pages.length} views showed one`));
  for (const path of ['/e?q=', '/points?q=', '/alarms?k=', '/?d=', '/?p=', '/m/', '/e/', '/f/', '/r/', '/a/', '/'])
    await test(`hostile address: ${path}`, async () => {
      await seat(null);
      const ctx = await browser.newContext({ viewport: { width: 1366, height: 860 } });
      const dialogs = [];
      ctx.on('page', (p) => p.on('dialog', (d) => { dialogs.push(d.message()); d.dismiss(); }));
      const { page, bad } = await open(path + encodeURIComponent(WORDS.slice(0, 6).join('').replaceAll('.', '')), { context: ctx });
      try {
        same(await page.evaluate(() => [window.hurt ?? null, document.querySelectorAll('[onerror],[onload],base,img[src="x"],body style').length, window.cspReports]), [null, 0, []], 'ran, elements made, CSP reports');
        same(dialogs, [], 'dialogs');
        same(bad.filter((b) => !/status of 4\d\d/.test(b)), [], 'errors');
      } finally {
        await ctx.close();
      }
    });
}
