// The part of the fixture that files, reviews and administers: the shapes of docs/internals/filing.md, in memory, invented.
// Its checks are two of the form's laws (total = parts; more than 30 % against last month asks for a reason).
const M = 2026 * 12 + 9; // October 2026
const TITLES = [['opening_stock', '期初库存量', 'Opening stock'], ['purchase', '购进量', 'Purchased'], ['purchase_outside', '其中：购自省外', 'of which from outside the province'], ['purchase_value', '购进金额', 'Purchase value', '千元'], ['consumption', '消费合计', 'Consumption, total'],
  ['industrial', '工业生产消费', 'Industrial production'], ['raw_material', '其中：用于原材料', 'of which as raw material'], ['non_industrial', '非工业生产消费', 'Other than industrial production'], ['transport', '合计中：运输工具消费', 'of the total: transport'], ['transform_input', '加工转换投入', 'Input to transformation'],
  ['transform_output', '加工转换产出', 'Output of transformation'], ['recovery', '回收利用', 'Recovered'], ['closing_stock', '期末库存量', 'Closing stock'], ['coefficient', '采用折标系数', 'Coefficient used', 'tce']];
const col = (name, zh, en, unit, type = 'DECIMAL(18,6)', more = {}) => ({ name, title: { zh, en }, unit: unit || null, type, required: false, evidence: false, ...more });
const STEPS = [['submit', '提交', 'Submit', ['draft', 'returned'], 'submitted', 'file', { check: true, receipt: true }], ['approve', '单位批准', 'Approve', ['submitted'], 'approved', 'org_approve', { check: true }], ['accept', '审核通过', 'Accept', ['approved'], 'accepted', 'review', { check: true, receipt: true, accepts: true }],
  ['return', '退回', 'Return', ['submitted', 'approved'], 'returned', 'review', { reason: true }], ['withdraw', '撤回', 'Withdraw', ['draft', 'returned', 'submitted'], 'withdrawn', 'file', {}], ['correct', '更正', 'Correct', ['accepted'], 'draft', 'file', { reason: true }]]
  .map(([name, zh, en, from, to, act, o]) => ({ name, title: { zh, en }, from, to, act, check: false, reason: false, receipt: false, accepts: false, ...o }));
const TYPE = { type: 'energy_p205', area: 'industry', title: { zh: '能源购进、消费与库存（P205-1 表）', en: 'Energy purchase, consumption and stock (form P205-1)' }, flow: { name: 'monthly', title: { zh: '月报', en: 'Monthly filing' }, initial: 'draft', edit: ['draft', 'returned'],
  states: ['draft', 'submitted', 'approved', 'returned', 'accepted', 'withdrawn'], steps: STEPS }, sheet: ['subject', 'month'], key: ['subject', 'month', 'code'], due: 'day 10 of the next month', gives: 'energy_monthly',
columns: [col('subject', '用能单位编号', 'Unit id', null, 'VARCHAR'), col('month', '月份', 'Month', null, 'INTEGER'), col('code', '能源品种代码', 'Energy variety code', null, 'VARCHAR'), ...TITLES.map(([n, zh, en, u]) => col(n, zh, en, u)), col('test_report', '检验报告', 'Test report', null, 'VARCHAR', { evidence: true })],
checks: [{ id: 'energy_p205.r01_parts', title: { zh: '分项之和', en: 'Parts' }, severity: 'block' }], may: ['view', 'file'] };
const CODES = [['01', '原煤', 'Raw coal', '吨', 't'], ['12', '焦炭', 'Coke', '吨', 't'], ['13', '焦炉煤气', 'Coke oven gas', '万立方米', '10⁴ m³'], ['14', '高炉煤气', 'Blast furnace gas', '万立方米', '10⁴ m³'], ['16', '天然气', 'Natural gas', '万立方米', '10⁴ m³'], ['22', '汽油', 'Gasoline', '吨', 't'], ['24', '柴油', 'Diesel', '吨', 't'],
  ['32', '热力', 'Heat', '百万千焦', 'GJ'], ['33', '电力', 'Electricity', '万千瓦时', '10⁴ kWh']];
const base = { '01': 12800, 12: 32000, 13: 4100, 14: 90200, 16: 1520, 24: 86, 32: 41000, 33: 18400 };
const row = (code, k, factor) => { const v = Number((base[code] * k).toFixed(2)); return { subject: 'u001', month: M, code, opening_stock: '0', purchase: String(v), consumption: String(v), industrial: String(Number((v * 0.98).toFixed(2))), non_industrial: String(Number((v * 0.02).toFixed(2))), closing_stock: '0', coefficient: factor || '0.7143' }; };
const rowsOf = (k) => Object.keys(base).sort().map((c) => row(c, k));
const USERS = [['wang', '王填报', 'u001', 'filer'], ['zhao', '赵审批', 'u001', 'approver'], ['qian', '钱审核', '', 'reviewer'], ['sun', '孙领导', '', 'leader'], ['he', '何经办', '', 'officer'], ['admin1', '周系统', '', 'system_admin'], ['admin2', '吴安全', '', 'security_admin'], ['admin3', '郑审计', '', 'audit_admin']];
const MAY = { filer: ['view', 'file', 'comment', 'delegate'], approver: ['view', 'org_approve', 'comment', 'delegate'], reviewer: ['view', 'review', 'comment', 'decide', 'delegate'], leader: ['view', 'delegate'], officer: ['view', 'file', 'propose', 'comment'], system_admin: ['users', 'tokens'], security_admin: ['grant'], audit_admin: ['audit'] };
const PAGES = { filer: ['cockpit', 'work', 'filings'], approver: ['cockpit', 'work', 'filings'], reviewer: ['cockpit', 'work', 'filings', 'decisions'], leader: ['cockpit'], officer: ['cockpit', 'work', 'filings', 'admin'], system_admin: ['cockpit', 'users', 'grants', 'tokens', 'admin'], security_admin: ['cockpit', 'grants', 'admin'], audit_admin: ['cockpit', 'audit', 'admin'] };

// a change of a factor: two persons (packs/city/records/factor.sql, flow two_person)
const TWO = [['propose', '提议', 'Propose', ['draft'], 'proposed', 'propose', { reason: true, receipt: true }], ['accept', '批准', 'Accept', ['proposed'], 'accepted', 'decide', { receipt: true, accepts: true }], ['refuse', '不批准', 'Refuse', ['proposed'], 'refused', 'decide', { reason: true }]]
  .map(([name, zh, en, from, to, act, o]) => ({ name, title: { zh, en }, from, to, act, check: false, reason: false, receipt: false, accepts: false, ...o }));
const FACTOR_COLUMNS = [['factor', '系数代码', 'Factor code'], ['edition', '发布序号', 'Edition', 'INTEGER'], ['value', '数值', 'Value', 'DECIMAL(18,9)'], ['unit', '单位', 'Unit'], ['region', '适用地区', 'Region'], ['valid_from', '生效日期', 'Valid from', 'DATE'], ['valid_to', '失效日期', 'Valid to', 'DATE'], ['source', '来源文件', 'Source'], ['clause', '条款', 'Clause'], ['certainty', '可信度', 'Certainty'], ['name_zh', '中文名称', 'Chinese name'], ['name_en', '英文名称', 'English name'], ['note', '说明', 'Note']];
const FACTOR = { type: 'factor', area: 'city', title: { zh: '系数', en: 'Factor' }, flow: { name: 'two_person', title: { zh: '双人变更', en: 'Change by two persons' }, initial: 'draft', edit: ['draft'], states: ['draft', 'proposed', 'accepted', 'refused'], steps: TWO }, sheet: ['factor', 'edition'], key: ['factor', 'edition'], due: 'none', gives: null,
  columns: FACTOR_COLUMNS.map(([n, zh, en, type]) => col(n, zh, en, null, type || 'VARCHAR')), checks: [] };
const FACTOR_NEEDS = ['value', 'unit', 'valid_from', 'source', 'certainty', 'name_zh', 'name_en'];

export function makeWork({ units, now }) {
  const s = { factors: [], strong: true, enrolled: new Set(['admin1']), user: null, acting: false, setup: false, filings: new Map(), seq: 8841300, grants: [{ id: 'g1', user: 'wang', name: '王填报', role: 'filer', area: 'industry', district: '', org: 'u001', reason: '', state: 'approved', proposer: 'admin1', decider: 'admin2' }, { id: 'g2', user: 'sun', name: '孙领导', role: 'leader', area: '', district: '', org: '', reason: '分管工业', state: 'proposed', proposer: 'admin1', decider: null }],
    tokens: [{ id: 'tk-1', scopes: 'write', note: 'telegraf-a', expires: '2027-01-01', revoked: false }], delegations: [], reminded: 0, audit: [{ at: '2026-11-22T22:58:11+08:00', who: 'qian', from: '10.2.0.14', what: 'login', object: 'qian', result: 'ok', n: 1 }, { at: '2026-11-22T22:40:02+08:00', who: '', from: '10.2.9.77', what: 'login', object: 'root', result: 'wrong', n: 12 }] };
  const add = (subject, month, state, k, steps = []) => {
    const id = `energy_p205:${subject}:${month}`;
    s.filings.set(id, { id, form: 'energy_p205', sheet: { subject, month }, subject, month, state, revision: 1, version: 3, due: '2026-11-10', card: state === 'accepted' ? 'none' : 'red', workdays_left: state === 'accepted' ? null : -8, by: 'wang', at: '2026-11-09T16:20:00+08:00', reason: null, rows: rowsOf(k).map((r) => ({ ...r, subject, month })), explain: {}, steps, comments: [], evidence: [], old: new Map() });
    return s.filings.get(id);
  };
  add('u001', M, 'draft', 1.02);
  add('u001', M - 1, 'accepted', 1, [{ step: 'submit', by: 'wang', at: '2026-10-08T10:00:00+08:00', seq: 8840001 }, { step: 'accept', by: 'qian', at: '2026-10-12T09:00:00+08:00', seq: 8840100 }]);
  const waits = add('u002', M, 'approved', 1.31, [{ step: 'submit', by: 'li', at: '2026-11-08T10:00:00+08:00', seq: 8841001 }, { step: 'approve', by: 'chen', at: '2026-11-09T09:00:00+08:00', seq: 8841100 }]);
  waits.rows[0].consumption = '22000';
  const role = () => s.user && (s.setup && !s.acting ? '' : s.user[3]);
  const me = () => ({ user: s.user ? { id: s.user[0], name: s.user[1], org: s.user[2], roles: s.user[3] ? [{ role: s.user[3], area: 'industry', district: '', org: s.user[2] }] : [], strong: s.strong, totp: s.enrolled.has(s.user[0]), acting: s.acting, setup: s.setup, must: null } : null, csrf: s.user ? 'csrf-of-the-fixture' : '', may: MAY[role()] || [], pages: PAGES[role()] || (s.user ? ['cockpit', 'work'] : ['cockpit']), whole: ['filer', 'approver'].includes(role()) ? {} : { industry: ['*'] }, sample: true });
  const subject = (id) => { const u = units.find((x) => x.id === id); return u ? { zh: u.name_zh, en: u.name_en } : id; };
  function judge(rows, explain) {
    const out = [];
    if (!rows.length || rows[0].code === undefined) return out;
    rows.forEach((r, i) => {
      const f = (id, severity, field, zh, en, value, expected) => out.push({ id: `${id}:${r.code}#${field}`, check: id, severity, row_no: i + 1, row_key: r.code, field, value, expected, text_zh: zh, text_en: en, clause: 'NBS P205-1', explained: Boolean(explain[`${id}:${r.code}#${field}`]) });
      for (const [c] of TITLES) if (r[c] && !/^-?\d+(\.\d+)?$/.test(r[c])) f('value', 'block', c, `“${r[c]}”不是数字`, `"${r[c]}" is not a number`, r[c], '');
      const [c, a, b] = [r.consumption, r.industrial, r.non_industrial].map(Number);
      if (Math.abs(c - a - b) > 0.011) f('energy_p205.r01_parts', 'block', 'consumption', `代码 ${r.code}：消费合计 ${c} 不等于工业 ${a} 与非工业 ${b} 之和，相差 ${(c - a - b).toFixed(2)}`, `Code ${r.code}: total ${c} is not industrial ${a} plus other ${b}; ${(c - a - b).toFixed(2)} apart`, String(c), String(a + b));
      if (Math.abs(a - base[r.code] * 0.98) > 0.3 * base[r.code]) f('energy_p205.r03_month', 'explain', 'industrial', `代码 ${r.code}：与上月相差 30% 以上，请说明原因`, `Code ${r.code}: more than 30 % against last month: say why`, String(a), '');
    });
    return out;
  }
  const stepsOf = (f) => (f.form === 'factor' ? TWO : STEPS);
  const can = (f) => { const m = MAY[role()] || []; if (f.form === 'factor') return TWO.filter((x) => x.from.includes(f.state) && m.includes(x.act) && !(x.act === 'decide' && f.steps.some((y) => s.user && y.by === s.user[0]))).map((x) => x.name); return [...(m.includes('file') && ['draft', 'returned'].includes(f.state) ? ['edit'] : []), ...STEPS.filter((x) => x.from.includes(f.state) && m.includes(x.act)).map((x) => x.name)]; };
  const head = (f) => { const n = { block: 0, explain: 0, warn: 0 }; for (const x of judge(f.rows, f.explain)) n[x.severity]++; const { rows, explain, steps, comments, evidence, old, sheet, ...h } = f; return { ...h, title: f.form === 'factor' ? FACTOR.title : TYPE.title, subject_name: subject(f.subject), findings: n }; };
  const full = (f) => ({ ...head(f), sheet: f.sheet, rows: f.rows, last_month: f.form === 'factor' ? [] : rowsOf(1), last_year: f.form === 'factor' ? [] : rowsOf(0.97), explain: f.explain, steps: f.steps, can: can(f), findings: judge(f.rows, f.explain), comments: f.comments, evidence: f.evidence });
  const list = (items, q) => { const size = Number(q.get('size') || 100); const page = Number(q.get('page') || 1); return { items: items.slice((page - 1) * size, page * size), total: items.length, page, size }; };
  const camp = (m) => ({ form: 'energy_p205', title: TYPE.title, month: m, period: '2026-10', due: '2026-11-10', owed: 123, filed: 118, on_time: 110, accepted: 96, returned: 4, overdue: 5, coverage: { value: 0.9593, num: 118, den: 123 }, pass_rate: { value: 0.8136, num: 96, den: 118 } });
  const tasks = (view) => {
    const t = (kind, f, title) => ({ id: `${kind}:${f.id}`, kind, form: f.form, title: { zh: title[0], en: title[1] }, filing: f.id, subject: f.subject, subject_name: subject(f.subject), month: f.month, due: f.due, workdays_left: f.workdays_left, card: f.card, state: f.state, assignee: s.user && s.user[0] });
    const all = [...s.filings.values()];
    const m = MAY[role()] || [];
    if (view !== 'todo') return all.filter((f) => f.steps.some((x) => s.user && x.by === s.user[0])).map((f) => t('file', f, [TYPE.title.zh, TYPE.title.en]));
    return [...(m.includes('file') ? all.filter((f) => f.subject === 'u001' && ['draft', 'returned'].includes(f.state)).map((f) => t('file', f, [TYPE.title.zh, TYPE.title.en])) : []), ...(m.includes('org_approve') ? all.filter((f) => f.subject === 'u001' && f.state === 'submitted').map((f) => t('approve', f, [TYPE.title.zh, TYPE.title.en])) : []),
      ...(m.includes('review') ? all.filter((f) => f.state === 'approved').map((f) => t('review', f, [TYPE.title.zh, TYPE.title.en])) : []), ...(m.includes('file') ? [{ id: 'file:energy_p205:u001:24322', kind: 'file', form: 'energy_p205', title: TYPE.title, subject: 'u001', subject_name: subject('u001'), month: M + 1, due: '2026-12-10', workdays_left: 14, card: 'none' }] : [])];
  };
  const ROUTES = [
    [/^\/me$/, me], [/^\/types$/, () => ({ items: [TYPE] })], [/^\/types\/factor$/, () => ({ ...FACTOR, may: MAY[role()] || [] })], [/^\/types\/energy_p205$/, () => ({ ...TYPE, may: MAY[role()] || [] })],
    [/^\/records\/nbs_code$/, () => ({ columns: ['id', 'name_zh', 'name_en', 'unit_zh', 'unit'], rows: CODES })],
    [/^\/users$/, (m, q) => list(USERS.filter((u) => !q.get('q') || u.join(' ').includes(q.get('q'))).map(([id, name, org, roles]) => ({ id, name, org, org_name: org ? subject(org).zh : '', state: 'active', password: true, totp: roles === 'system_admin', sample: true, roles })), q)],
    [/^\/grants$/, (m, q) => list(s.grants.filter((g) => !q.get('state') || g.state === q.get('state')), q)], [/^\/tokens$/, () => s.tokens], [/^\/audit$/, (m, q) => list(s.audit, q)],
    [/^\/filings$/, (m, q) => list([...s.filings.values()].filter((f) => f.form === (q.get('form') || f.form) && (!q.get('state') || f.state === q.get('state')) && (!q.get('subject') || f.subject === q.get('subject')) && (!q.get('q') || JSON.stringify(subject(f.subject)).includes(q.get('q')))).map(head), q)],
    [/^\/filings\/([^/]+)$/, (m) => (s.filings.has(m[1]) ? full(s.filings.get(m[1])) : null)],
    [/^\/filings\/([^/]+)\/history$/, (m) => ({ items: s.filings.get(m[1]).steps.map((x, i) => ({ version: i + 1, revision: 1, state: 'x', step: x.step, by: x.by, at: x.at, reason: null, seq: x.seq })) })],
    [/^\/filings\/([^/]+)\/diff$/, () => ({ items: [{ key: '33', field: 'consumption', before: '18400', after: '19000', kind: 'changed' }] })],
    [/^\/tasks$/, (m, q) => ({ ...list(tasks(q.get('view')), q), counts: { all: tasks('todo').length, red: tasks('todo').filter((x) => x.card === 'red').length, yellow: 0 } })],
    [/^\/campaigns$/, () => ({ items: [camp(M), { ...camp(M - 1), filed: 123, accepted: 123, overdue: 0, returned: 0, coverage: { value: 1, num: 123, den: 123 }, pass_rate: { value: 1, num: 123, den: 123 }, due: '2026-10-12' }] })],
    [/^\/campaigns\/([^/]+)\/([^/]+)$/, () => ({ ...camp(M), units: units.map((u, i) => ({ subject: u.id, name: { zh: u.name_zh, en: u.name_en }, district: u.parent, state: i % 25 === 7 ? 'missing' : i % 31 === 5 ? 'returned' : i % 9 === 4 ? 'approved' : 'accepted', card: i % 25 === 7 ? 'red' : i % 31 === 5 ? 'yellow' : 'none', late: false, reminders: s.reminded && i % 25 === 7 ? 1 : 0, filing: i % 25 === 7 ? null : `energy_p205:${u.id}:${M}` })) })],
    [/^\/delegations$/, () => ({ items: s.delegations })],
    [/^\/findings$/, () => ({ items: [{ rule: 'industry.r05_metered', title: { zh: '申报与计量', en: 'Filed against metered' }, area: 'industry', severity: 'warn', subject: 'u003', month: M, text: { zh: '申报用电 412.0 万千瓦时，计量 366.2 万千瓦时，相差 12.5%', en: 'Filed 4.120 GWh, metered 3.662 GWh: 12.5 % apart' } }, { rule: 'industry.r09_copy', title: { zh: '整表照抄', en: 'Copied form' }, area: 'industry', severity: 'error', subject: 'u009', month: M, text: { zh: '与上月 9 行全部相同', en: 'All 9 rows are those of last month' } }] })],
    [/^\/calendar$/, (m, q) => ({ year: Number(q.get('year')), published: Number(q.get('year')) < 2027, days: Array.from({ length: 365 }, (_, i) => { const d = new Date(Date.UTC(Number(q.get('year')), 0, 1 + i)); const day = d.toISOString().slice(0, 10); const we = d.getUTCDay() % 6 === 0; const hol = /-10-0[1-7]$/.test(day); return { day, kind: hol ? 'holiday' : /-10-10$/.test(day) ? 'workday' : we ? 'weekend' : 'workday', ...(hol ? { name: { zh: '国庆节', en: 'National Day' } } : {}) }; }) })],
    [/^\/receipts\/(\d+)$/, (m) => ({ seq: Number(m[1]) })],
  ];
  const deny = (status, code, zh, en, where) => ({ status, body: { error: { code, message_zh: zh, message: en, where: where || {}, request_id: 'fixture' } } });

  function step(f, name, b, match) {
    if (match !== `"${f.version}"`) return deny(412, 'busy', '此表已被修改', 'the form was changed meanwhile', { version: f.version });
    const st = stepsOf(f).find((x) => x.name === name);
    if (!st || !can(f).includes(name)) return deny(403, 'denied', '不能办理此步骤', 'this step is not yours');
    if (st.reason && !b.reason) return deny(422, 'range', '请填写原因', 'give the reason');
    const found = judge(f.rows, f.explain).filter((x) => x.severity === 'block' || (x.severity === 'explain' && !x.explained));
    if (st.check && found.length) return deny(422, 'partial', '有未处理的审核意见', 'findings stop it', { findings: found });
    if (st.accepts && f.form === 'factor') s.factors.push({ id: `${f.sheet.factor}@${f.sheet.edition}`, ...f.sheet, ...f.rows[0], version: 1, by: s.user[0] });
    f.state = st.to; f.version++; s.seq++; f.reason = b.reason || null;
    if (name === 'correct') { f.revision++; f.steps = []; }
    f.steps.push({ step: name, by: s.user[0], at: '2026-11-22T23:00:00+08:00', reason: b.reason || null, seq: s.seq });
    return { status: 200, body: { id: f.id, state: f.state, version: f.version, seq: s.seq, ...(st.receipt ? { receipt: `/api/v1/receipts/${s.seq}` } : {}) } };
  }
  /** @returns {?{status: number, body: object, etag?: string, csv?: string}} null: not this part's */
  function post(method, path, q, b, headers) {
    const m = (re) => re.exec(path);
    let x;
    if (path === '/login') {
      if (b.token === 'fixture-setup') { s.user = ['setup', '设置', '', '']; s.setup = true; s.acting = false; return { status: 200, body: { user: { id: 'setup' }, csrf: 'csrf-of-the-fixture' } }; }
      if (b.user) {
        const u = USERS.find((y) => y[0] === b.user);
        if (!u || b.password !== 'correct horse battery') return deny(401, 'denied', '账号或口令不正确', 'user name or password is wrong');
        if (u[3] === 'system_admin' && b.code !== '123456') return deny(401, 'denied', '需要动态口令', 'a code is needed', { need: 'code' });
        Object.assign(s, { user: u, acting: false, setup: false, strong: !u[3].endsWith('_admin') || b.code === '123456' });
        return { status: 200, body: { user: { id: u[0] }, csrf: 'csrf-of-the-fixture' } };
      }
      return null;
    }
    if (path === '/logout') { Object.assign(s, { user: null, acting: false, setup: false }); return null; }
    if ((x = m(/^\/users\/([^/]+)\/act$/))) { const u = USERS.find((y) => y[0] === x[1]); if (x[1] !== 'setup' && !u) return deny(404, 'not_found', '没有', 'no such user'); Object.assign(s, { user: u || ['setup', '设置', '', ''], acting: Boolean(u), setup: true }); return { status: 200, body: { user: { id: x[1] } } }; }
    if (!s.user || !/^\/(filings|users|grants|tokens|records|campaigns|delegations|me)/.test(path)) return null;
    if (headers['x-qf-csrf'] !== 'csrf-of-the-fixture') return deny(403, 'denied', 'CSRF', 'CSRF');
    if (path === '/filings/check' && b.form !== 'energy_p205') return { status: 200, body: { findings: [] } };
    if (path === '/filings/check') return { status: 200, body: { findings: judge(b.rows, b.explain || {}) } };
    if (path === '/me/totp' && b.step === 'begin') return { status: 200, body: { secret: 'JBSWY3DPEHPK3PXP', uri: 'otpauth://totp/Qingfeng:fixture?secret=JBSWY3DPEHPK3PXP' } };
    if (path === '/me/totp') {
      if (b.code !== '123456') return deny(400, 'range', '动态口令不符', 'the code does not fit');
      s.enrolled.add(s.user[0]);
      s.strong = true;
      return { status: 200, body: { recovery: ['aaaa-bbbb', 'cccc-dddd'] } };
    }
    if (path === '/filings' && b.form === 'factor') {
      const r = (b.rows || [])[0] || {};
      const odd = JSON.stringify(Object.keys(b.sheet).sort()) !== '["edition","factor"]' || !Number.isInteger(b.sheet.edition) || FACTOR_NEEDS.some((n) => !r[n]) || Object.keys(r).some((n) => !FACTOR_COLUMNS.some((c) => c[0] === n));
      if (odd) return deny(422, 'range', '系数不完整', 'not a whole factor', {});
      const id = `factor:${b.sheet.factor}@${b.sheet.edition}`;
      s.filings.set(id, { id, form: 'factor', sheet: b.sheet, subject: null, month: null, state: 'draft', revision: 1, version: 1, due: null, card: 'none', workdays_left: null, by: s.user[0], at: '2026-11-22T22:50:00+08:00', reason: null, rows: [{ ...b.sheet, ...r }], explain: {}, steps: [], comments: [], evidence: [] });
      return { status: 201, body: { id, state: 'draft', version: 1 } };
    }
    if (path === '/filings') { const f = add(b.sheet.subject, b.sheet.month, 'draft', 1); Object.assign(f, { due: '2026-12-10', card: 'none', workdays_left: 14 }); return { status: 201, body: { id: f.id, state: f.state, version: f.version } }; }
    if ((x = m(/^\/filings\/([^/]+)$/)) && method === 'PUT') {
      const f = s.filings.get(x[1]);
      if (headers['if-match'] !== `"${f.version}"`) return deny(412, 'busy', '此表已被修改', 'the form was changed meanwhile', { version: f.version });
      Object.assign(f, { rows: b.rows, explain: b.explain, version: f.version + 1 });
      return { status: 200, body: { version: f.version, state: f.state }, etag: `"${f.version}"` };
    }
    if ((x = m(/^\/filings\/([^/]+)\/comments$/))) { s.filings.get(x[1]).comments.push({ id: String(++s.seq), row_key: b.row_key || null, field: b.field || null, text: b.text, author: s.user[0], written: '2026-11-22T23:00:00+08:00', resolved: false }); return { status: 200, body: {} }; }
    if ((x = m(/^\/filings\/([^/]+)\/comments\/([^/]+)\/resolve$/))) { s.filings.get(x[1]).comments.find((c) => c.id === x[2]).resolved = true; return { status: 200, body: {} }; }
    if ((x = m(/^\/filings\/([^/]+)\/evidence$/))) return { status: 200, body: { sha256: 'ab'.repeat(32), size: 1234, type: headers['content-type'], name: q.get('name') } };
    if ((x = m(/^\/filings\/([^/]+)\/([^/]+)$/))) return step(s.filings.get(x[1]), x[2], b, headers['if-match']);
    if (m(/^\/records\/[^/]+\/import$/)) {
      if (q.get('refused')) return { status: 200, csv: '\uFEFF行,消费合计,原因\r\n3,abc,不是数字\r\n' };
      return { status: 200, body: { rows: 3, new: 1, changed: 1, same: 0, refused: [{ row: 3, column: 5, header: '消费合计', value: 'abc', expected: '数字', message_zh: '“abc”不是数字', message: '"abc" is not a number' }], diff: [{ key: 'u001:24321:33', field: 'consumption', before: '18400', after: '18500', kind: 'changed' }], committed: q.get('commit') === '1', filings: [] } };
    }
    if (m(/^\/campaigns\/.+\/remind$/)) { s.reminded++; return { status: 200, body: { reminded: b.subjects.length } }; }
    if (path === '/users') return { status: 200, body: { id: b.id, link: `http://127.0.0.1/login?token=${'0f'.repeat(32)}`, days: 7 } };
    if ((x = m(/^\/users\/([^/]+)\/reset$/))) return { status: 200, body: { id: x[1], link: `http://127.0.0.1/login?token=${'1e'.repeat(32)}`, days: 7 } };
    if (path === '/grants') { s.grants.push({ id: `g${s.grants.length + 1}`, name: b.user, ...b, state: 'proposed', proposer: s.user[0], decider: null }); return { status: 200, body: {} }; }
    if ((x = m(/^\/grants\/([^/]+)\/(approve|refuse|revoke)$/))) { const g = s.grants.find((y) => y.id === x[1]); g.state = { approve: 'approved', refuse: 'refused', revoke: 'revoked' }[x[2]]; g.decider = s.user[0]; return { status: 200, body: {} }; }
    if (path === '/tokens' && !['read', 'write', 'manage'].includes(b.scopes)) return { status: 400, body: { error: { code: 'syntax', message_zh: '令牌须有 scopes（read、write 或 manage）', message: 'a token needs scopes: read, write or manage' } } };
    if (path === '/tokens') { s.tokens.push({ id: 'tk-2', scopes: b.scopes, note: b.note, expires: null, revoked: false }); return { status: 200, body: { id: 'tk-2', token: 'qf_fixture_secret' } }; }
    if (path === '/delegations') { s.delegations.push({ id: 'd1', ...b, ended: false }); return { status: 200, body: { id: 'd1' } }; }
    return { status: 200, body: {} };
  }
  /** Somebody else changes a form. */
  const meddle = (id, code, field, value) => { const f = s.filings.get(id); f.rows = f.rows.map((r) => (r.code === code ? { ...r, [field]: value } : r)); f.version++; f.by = 'zhao'; };
  const reset = () => { s.filings.get(`energy_p205:u001:${M}`).rows = rowsOf(1.02); Object.assign(s.filings.get(`energy_p205:u001:${M}`), { state: 'draft', version: 3, explain: {}, steps: [], comments: [], revision: 1, reason: null }); };
  /** What an administrator without his second factor in this session is told. */
  const gate = (path) => (s.user && s.user[3].endsWith('_admin') && !s.acting && !s.strong && /^\/(users|grants|tokens|audit)$/.test(path) ? deny(403, 'denied', '须以动态口令登录', 'this needs the second factor', { need: 'totp' }) : null);
  return { ROUTES, gate, post, meddle, reset, state: s, version: (id) => (s.filings.has(id) ? s.filings.get(id).version : null) };
}
