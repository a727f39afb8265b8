/* MQTT packets as a stream, the first byte chooses the version. Invariants: the reader goes on, waits or gives a reason and words in
 * both languages; what it gives lies inside the input; a packet that was read and is written again is read as the same; filters
 * of a list are walked to its end; matching never looks outside. */
#include "wire/mqtt.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
  if (!ok)
    abort();
}

static void inside(qf_mqtt_str s, const uint8_t *p, size_t n)
{
  must(s.n == 0 || ((const uint8_t *)s.s >= p && (const uint8_t *)s.s + s.n <= p + n));
}

static bool same(qf_mqtt_str a, qf_mqtt_str b)
{
  return a.n == b.n && (a.n == 0 || memcmp(a.s, b.s, a.n) == 0);
}

static void again(const qf_mqtt_packet *p, uint8_t version)
{
  qf_buf b;
  qf_mqtt_packet q;
  uint8_t reason;
  qf_err err = {0};
  qf_buf_init(&b, 1 << 20);
  if (qf_mqtt_write(&b, version, p)) {
    must(qf_mqtt_read((const uint8_t *)b.data, b.len, p->type == QF_MQTT_CONNECT ? 0 : version, &q, &reason, &err) ==
         QF_OK);
    must(q.type == p->type && q.id == p->id && q.qos == p->qos && q.reason == p->reason && q.props.has == p->props.has);
    must(same(q.topic, p->topic) && same(q.payload, p->payload) && same(q.client, p->client) && same(q.list, p->list));
  }
  qf_buf_fini(&b);
}

static void look(const qf_mqtt_packet *m, const uint8_t *p, size_t len, uint8_t version)
{
  qf_mqtt_filter f;
  qf_mqtt_str part[4];
  size_t at = 0, parts;
  uint32_t n = 0;
  inside(m->topic, p, len);
  inside(m->payload, p, len);
  inside(m->client, p, len);
  inside(m->list, p, len);
  if (m->type == QF_MQTT_SUBSCRIBE || m->type == QF_MQTT_UNSUBSCRIBE) {
    while (qf_mqtt_filter_next(m, &at, &f)) {
      inside(f.name, p, len);
      if (qf_mqtt_filter_ok(f.name.s, f.name.n))
        (void)qf_mqtt_match(f.name, (qf_mqtt_str){"a/b/c", 5}, part, 4, &parts);
      n++;
    }
    must(n == m->list_n);
  }
  again(m, version);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (!size)
    return 0;
  uint8_t version = data[0] % 3 == 0 ? 0 : data[0] % 3 == 1 ? QF_MQTT_V4 : QF_MQTT_V5;
  for (size_t at = 1; at < size;) {
    qf_mqtt_packet m;
    qf_err err = {0};
    uint8_t reason = 0;
    size_t len = 0;
    qf_rc rc = qf_mqtt_frame(data + at, size - at, 65536, &len, &reason, &err);
    if (rc == QF_PARTIAL)
      break;
    if (!rc)
      rc = qf_mqtt_read(data + at, len, version, &m, &reason, &err);
    if (rc) {
      must(reason >= 0x80 && err.en[0] && err.zh[0]);
      break;
    }
    if (m.type == QF_MQTT_CONNECT)
      version = m.version;
    look(&m, data + at, len, version);
    at += len;
  }
  return 0;
}
