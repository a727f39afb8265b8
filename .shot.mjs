import { chromium } from 'playwright-core';
const [,, url, out, w=1366, h=900] = process.argv;
const b = await chromium.launch({executablePath:'/usr/bin/chromium', args:['--no-sandbox','--disable-gpu','--disable-background-networking','--disable-component-update','--disable-sync','--no-first-run','--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1']});
const p = await b.newPage({viewport:{width:+w,height:+h}});
p.on('console', m => { if (m.type()==='error') console.log('console:', m.text()); });
p.on('requestfailed', r => console.log('failed:', r.url()));
p.on('response', r => { if (r.status()>=400) console.log(r.status(), r.url()); });
await p.goto(url); 
try { await p.waitForSelector('html[data-ready]', {timeout: 25000}); } catch(e) { console.log('not ready'); }
await p.waitForTimeout(500);
await p.screenshot({path: out, fullPage: true});
await b.close();
