// @influxdata/influxdb-client 1.35.0, as a gateway uses it: batches, gzip above a kilobyte, its own retries and errors.
import { InfluxDB, Point, HttpError } from "@influxdata/influxdb-client";
const [url, token] = process.argv.slice(2);
const api = new InfluxDB({ url, token }).getWriteApi("works", "meters", "ms", { batchSize: 500, maxRetries: 0, gzipThreshold: 1000 });
api.useDefaultTags({ site: "v2" });
for (let i = 0; i < 1200; i++)
  api.writePoint(new Point("js").tag("unit", "u 1").floatField("kwh", 88017.5 + i).intField("n", i).booleanField("on", i % 2 === 0).timestamp(1764000000000 + i * 1000));
await api.close();
const bad = new InfluxDB({ url, token }).getWriteApi("works", "meters", "ms", { maxRetries: 0 });
bad.writeRecords(["js,site=v2 ok=1 1764000000000", "nonsense"]);
try {
  await bad.close();
  console.log("no error");
} catch (e) {
  console.log(e instanceof HttpError, e.statusCode, e.code, e.message);
}
const wrong = new InfluxDB({ url, token: "wrong" }).getWriteApi("works", "meters", "ms", { maxRetries: 0 });
wrong.writeRecord("js,site=v2 ok=2 1764000001000");
await wrong.close().then(() => console.log("no error"), (e) => console.log(e.statusCode));
