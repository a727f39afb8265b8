/* GB/T 32960.3-2016: what electric vehicles and vehicle platforms send. Bytes in, numbers out; no allocation. The 2025 edition
 * (start bytes 24 24) is recognised and its frames are cut right, but its data units are not read. Layout and scales stand at
 * the top of gbt32960.c. Pure, thread-safe. */
#ifndef QF_WIRE_GBT32960_H
#define QF_WIRE_GBT32960_H
#include "base/reading.h"

enum {
  QF_GBT_HEAD = 24,        /* bytes before the data unit */
  QF_GBT_OVERHEAD = 25,    /* and the check byte after it */
  QF_GBT_DATA_MAX = 65531, /* bytes of a data unit */
  QF_GBT_VIN = 17,
};

typedef enum qf_gbt_cmd {
  QF_GBT_LOGIN = 1,
  QF_GBT_REALTIME = 2,
  QF_GBT_RESEND = 3,
  QF_GBT_LOGOUT = 4,
  QF_GBT_PLATFORM_LOGIN = 5,
  QF_GBT_PLATFORM_LOGOUT = 6,
  QF_GBT_HEARTBEAT = 7,
  QF_GBT_TIME = 8,
} qf_gbt_cmd;

enum { QF_GBT_OK = 1, QF_GBT_FAILED = 2, QF_GBT_VIN_TWICE = 3, QF_GBT_COMMAND = 0xFE }; /* answer flag */

typedef struct qf_gbt_frame {
  const uint8_t *raw; /* the whole frame, or the bytes refused; borrowed */
  size_t raw_len;
  uint8_t cmd, answer; /* qf_gbt_cmd; answer flag */
  uint8_t crypt;       /* 1 plain, 2 RSA, 3 AES-128, FE abnormal, FF invalid */
  bool edition2025;
  char vin[QF_GBT_VIN + 1]; /* without the blanks or NULs a sender fills up with; may be "" (platforms) */
  const uint8_t *data;      /* data unit, borrowed */
  size_t len;
} qf_gbt_frame;

/* Look for the next frame in p[0..n); data_max: longest data unit that is waited for, at most QF_GBT_DATA_MAX.
 *   *used   bytes to drop before the next call
 * QF_OK: *out is a frame. QF_PARTIAL: more bytes are needed. QF_SYNTAX: out->raw were bytes that are no frame, with words in
 * err; the reader is in step again after *used. */
QF_MUST qf_rc qf_gbt_next(const uint8_t *p, size_t n, size_t data_max, qf_gbt_frame *out, size_t *used, qf_err *err);
/* Append a frame with f's cmd, answer, crypt, edition, vin and data[0..len). out->failed when too long. */
void qf_gbt_build(qf_buf *out, const qf_gbt_frame *f);
/* Whether a VIN has 17 letters and digits. */
bool qf_gbt_vin_ok(const char *vin);
/* Six bytes YY MM DD hh mm ss of Beijing time, 2000..2099. Errors: QF_RANGE: no such moment. */
QF_MUST qf_rc qf_gbt_time(const uint8_t p[6], qf_us *out);
void qf_gbt_put_time(qf_us t, uint8_t p[6]);

/* Which fields of qf_gbt_report came with a value (neither FE "abnormal" nor FF "invalid", and within the range). */
enum {
  QF_GBT_SPEED = 1 << 0,
  QF_GBT_MILEAGE = 1 << 1,
  QF_GBT_VOLTAGE = 1 << 2,
  QF_GBT_CURRENT = 1 << 3,
  QF_GBT_SOC = 1 << 4,
  QF_GBT_CHARGING = 1 << 5,
  QF_GBT_FUEL_CELL = 1 << 6, /* hydrogen rate */
  QF_GBT_ENGINE = 1 << 7,    /* fuel rate */
  QF_GBT_POSITION = 1 << 8,
  QF_GBT_ALARM = 1 << 9,
};

typedef struct qf_gbt_report { /* data unit of REALTIME and RESEND */
  qf_us ts_us;
  uint32_t has;               /* QF_GBT_SPEED | ... */
  uint32_t invalid;           /* came, but marked abnormal or invalid by the sender, or outside its range */
  uint8_t state;              /* of the vehicle: 1 started, 2 off, 3 other */
  uint8_t charging;           /* 1 parked and charging, 2 charging while driving, 3 not charging, 4 charged */
  uint8_t mode;               /* 1 electric, 2 hybrid, 3 fuel */
  qf_num speed;               /* km/h */
  qf_num mileage;             /* km, total */
  qf_num voltage;             /* V, of the whole battery */
  qf_num current;             /* A, of the whole battery; above 0: discharging */
  qf_num soc;                 /* % */
  qf_num hydrogen;            /* kg/100 km */
  qf_num fuel;                /* L/100 km */
  qf_num longitude, latitude; /* degrees; west and south below 0 */
  uint8_t alarm;              /* highest level, 0..3 */
  uint32_t types;             /* bit t: information type t (1..31) came */
} qf_gbt_report;

/* Read such a data unit. Types that are not needed are measured by their own counts and passed over. Errors: QF_SYNTAX naming
 * type and byte where the unit ends too early or a type has no known length; QF_RANGE: the time does not exist. */
QF_MUST qf_rc qf_gbt_report_read(const uint8_t *data, size_t len, qf_gbt_report *out, qf_err *err);

/* One step of a vehicle's energy: two reports one after the other, with voltage and current both. The power (V x I) is taken to
 * go in a straight line from the one to the other: energy = (P1 + P2) / 2 x time, rounded half to even at 10^-9 kWh.
 *   gap_us   longest time between the two over which that is believed
 *   charge   parked and charging (at either end): kWh into the battery; else driving:
 *   out      kWh out of the battery when the step's mean power is above 0,  back  kWh recovered when it is below
 * false: no step (order, gap, a value missing, or the moment is the same). */
typedef struct qf_gbt_step {
  qf_num charge, out, back;
  bool charged;
} qf_gbt_step;
bool qf_gbt_energy(const qf_gbt_report *from, const qf_gbt_report *to, qf_us gap_us, qf_gbt_step *out);
#endif
