/* npm's clients against the server: node test/system/mqtt.mjs PORT USER PASSWORD. mqtt.js in both versions and all qualities of service; an
 * edge node whose payloads are made by sparkplug-payload: births, aliases, a gap in the sequence that must bring a request for births,
 * a historical value. Prints "OK n", or what failed. */
import mqtt from 'mqtt';
import sparkplug from 'sparkplug-payload';

const [port, username, password] = process.argv.slice(2);
const sp = sparkplug.get('spBv1.0');
let good = 0;
const must = (what, yes) => { if (!yes) throw new Error(what); good++; };
const connect = (o) => mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { username, password, reconnectPeriod: 0, connectTimeout: 10000, ...o });

for (const protocolVersion of [4, 5]) {
  const c = await connect({ protocolVersion, clientId: `npm-${protocolVersion}`, clean: true });
  for (const qos of [0, 1, 2]) await c.publishAsync(`plant/npm${protocolVersion}/kiln/${qos}/temperature`, String(100 + qos), { qos });
  for (let i = 0; i < 50; i++) await c.publishAsync(`plant/npm${protocolVersion}/json`, JSON.stringify({ ts: 1767571200000 + 1000 * i, v: i }), { qos: 1, ...(protocolVersion === 5 && { properties: { topicAlias: 1 } }) });
  good++;
  const refused = await c.subscribeAsync('plant/#', { qos: 1 }).then((g) => g.every((x) => x.qos >= 128), () => true);
  must('a subscription was granted', refused);
  await c.endAsync();
}

const T = 1767571200000;
const node = await connect({ clientId: 'edge', will: { topic: 'spBv1.0/works/NDEATH/edge', payload: Buffer.from(sp.encodePayload({ timestamp: T, metrics: [{ name: 'bdSeq', type: 'UInt64', value: 0 }] })), qos: 1, retain: false } });
const granted = await node.subscribeAsync('spBv1.0/works/NCMD/edge/#', { qos: 0 });
must('commands may be listened for', granted[0].qos === 0);
let commands = 0;
let heard;
node.on('message', (topic, payload) => {
  const p = sp.decodePayload(payload);
  if (topic === 'spBv1.0/works/NCMD/edge' && p.metrics[0].name === 'Node Control/Rebirth' && p.metrics[0].value === true) { commands++; heard?.(); }
});
let seq = 0;
const send = (type, metrics, more = {}) => node.publishAsync(`spBv1.0/works/${type}/edge${type[0] === 'D' ? '/boiler 1' : ''}`, Buffer.from(sp.encodePayload({ timestamp: T, seq: seq++ % 256, metrics, ...more })), { qos: 1 });
const births = async () => {
  seq = 0;
  await send('NBIRTH', [{ name: 'bdSeq', type: 'UInt64', value: 0 }, { name: 'Node Control/Rebirth', type: 'Boolean', value: false }, { name: 'load', alias: 1, type: 'Float', value: 0.1, timestamp: T }]);
  await send('DBIRTH', [{ name: 'steam/flow', alias: 2, type: 'Int32', value: -5, timestamp: T }, { name: 'note', alias: 3, type: 'String', value: 'x', timestamp: T }]);
};
await births();
await send('NDATA', [{ alias: 1, type: 'Float', value: 0.2, timestamp: T + 1000 }]);
await send('DDATA', [{ alias: 2, type: 'Int32', value: -6, timestamp: T + 1000 }]);
await send('DDATA', [{ alias: 2, type: 'Int32', value: -4, timestamp: T - 60000, isHistorical: true }]);
must('asked for births without need', commands === 0);
seq++; // one message is lost
const asked = new Promise((done) => { heard = done; });
await send('DDATA', [{ alias: 2, type: 'Int32', value: -7, timestamp: T + 2000 }]);
await Promise.race([asked, new Promise((_, no) => setTimeout(() => no(new Error('births are not asked for after a gap')), 10000).unref())]);
must('one request', commands === 1);
await births();
await send('DDATA', [{ alias: 2, type: 'Int32', value: -8, timestamp: T + 3000 }]);
await node.endAsync();
console.log(`OK ${good}`);
