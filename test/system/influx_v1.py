"""python3-influxdb, the client of InfluxDB 1: ping, databases, write_points as JSON, as lines and gzipped, an error, a query we refuse."""
import sys
import urllib.parse

from influxdb import InfluxDBClient
from influxdb.exceptions import InfluxDBClientError

u, token = urllib.parse.urlparse(sys.argv[1]), sys.argv[2]
c = InfluxDBClient(u.hostname, u.port, "gateway", token, "meters", retries=1)
print("ping", c.ping().split("-")[0])
c.create_database("meters")
print("databases", c.get_list_database())
print("write", c.write_points([{"measurement": "py", "tags": {"unit": "u,1"}, "time": "2025-11-24T16:00:00Z", "fields": {"kwh": 0.1, "n": 7}},
                               {"measurement": "py", "tags": {"unit": "u,1"}, "time": 1764000060000000000, "fields": {"kwh": 88017.5}}]))
print("lines", c.write_points(["py,unit=u\\,1 kwh=3.10 1764000120000"], time_precision="ms", protocol="line"))
g = InfluxDBClient(u.hostname, u.port, "gateway", token, "meters", gzip=True, retries=1)
print("gzip", g.write_points([{"measurement": "py", "tags": {"unit": "u,1"}, "time": 1764000180000 + i, "fields": {"kwh": float(i)}} for i in range(100)], time_precision="ms"))
for name, what in (("partial", lambda: c.write_points(["py v=1 1", "nonsense"], protocol="line")),
                   ("select", lambda: c.query("SELECT * FROM py")),
                   ("wrong", lambda: InfluxDBClient(u.hostname, u.port, "gateway", "wrong", "meters", retries=1).get_list_database())):
    try:
        print(name, what())
    except InfluxDBClientError as e:
        print(name, e.code, str(e)[:120])
