"""The sun and a photovoltaic plant, to make and to check sample records: written apart from src/domain/sun.c and pv.c, with other
series for the sun, so that the two can be compared."""
import math
from datetime import datetime, timezone


def position(ts, lat, lon):
    """zenith, azimuth, extraterrestrial irradiance: Spencer's series, not the ones of src/domain/sun.c"""
    d = datetime.fromtimestamp(ts, timezone.utc)
    h = d.hour + d.minute / 60
    g = 2 * math.pi / 365 * (d.timetuple().tm_yday - 1 + (h - 12) / 24)
    sc = [(math.cos(k * g), math.sin(k * g)) for k in range(4)]
    eot = 229.18 * (0.000075 + 0.001868 * sc[1][0] - 0.032077 * sc[1][1] - 0.014615 * sc[2][0] - 0.040849 * sc[2][1])
    dec = 0.006918 - 0.399912 * sc[1][0] + 0.070257 * sc[1][1] - 0.006758 * sc[2][0] + 0.000907 * sc[2][1] - 0.002697 * sc[3][0] + 0.00148 * sc[3][1]
    ha, f = math.radians((h * 60 + eot + 4 * lon) / 4 - 180), math.radians(lat)
    cz = math.sin(f) * math.sin(dec) + math.cos(f) * math.cos(dec) * math.cos(ha)
    az = math.pi + math.atan2(math.sin(ha), math.cos(ha) * math.sin(f) - math.tan(dec) * math.cos(f))
    return math.acos(cz), az, 1361.1 * (1.000110 + 0.034221 * sc[1][0] + 0.001280 * sc[1][1] + 0.000719 * sc[2][0] + 0.000077 * sc[2][1])


def expected_kwh(p, r):
    ts = datetime.strptime(r['started'], '%Y-%m-%dT%H:%M:%SZ').replace(tzinfo=timezone.utc).timestamp() + 1800
    z, az, i0 = position(ts, float(p['latitude']), float(p['longitude']))
    b, ghi, dni, dhi = math.radians(float(p['tilt'])), float(r['ghi']), float(r['dni']), float(r['dhi'])
    ci = math.cos(z) * math.cos(b) + math.sin(z) * math.sin(b) * math.cos(az - math.radians(float(p['azimuth'])))
    sky = dhi * (1 + math.cos(b)) / 2
    if z < math.radians(87):
        a = dni / i0
        sky = dhi * ((1 - a) * (1 + math.cos(b)) / 2 * (1 + math.sqrt(min(1, dni * math.cos(z) / ghi)) * math.sin(b / 2) ** 3) + a * max(0, ci) / math.cos(z))
    poa = dni * max(0, ci) + sky + ghi * 0.2 * (1 - math.cos(b)) / 2
    cell = float(r['air_c']) + poa * (float(p['noct_c']) - 20) / 800
    return max(0, float(p['kwp']) * poa / 1000 * (1 + float(p['gamma_per_k']) * (cell - 25))) * float(p['system_eta'])
