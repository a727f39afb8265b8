/* 重点用能单位能耗在线监测系统: what a unit's terminal and the platform say to each other. HTTP POST with JSON; the eight fields of
 * a datum are encrypted one by one: SM4 (GB/T 32907-2016), ECB, PKCS#7, hexadecimal in lower case. docs/formats/necc.md says
 * which parts are the system's and which are our reading of it.
 *
 *   code   PP-UU-TTNN-CCEEEE-YY   process, its unit, device type and number, kind of datum, variety, use
 *   datum  {"dataCode","dataValue","inputType","statType","statDate","uploadDate","scope","valid"}
 *
 * Pure functions; a cipher and an upload belong to one thread. */
#ifndef QF_WIRE_NECC_H
#define QF_WIRE_NECC_H
#include "base/dec.h"
#include "base/tm.h"
#include <jansson.h>

enum {
  QF_NECC_CODE = 20,       /* characters of a code with its dashes */
  QF_NECC_KEY = 16,        /* bytes of a key */
  QF_NECC_DATA_MAX = 1000, /* data of one upload */
  QF_NECC_BODY_MAX = 1 << 20,
  QF_NECC_DEVICE_MAX = 64, /* characters of a device's number */
};

enum { QF_NECC_REALTIME = 0, QF_NECC_DAY, QF_NECC_MONTH, QF_NECC_YEAR }; /* statType */

typedef struct qf_necc_record {
  char code[QF_NECC_CODE + 1];
  qf_num value;
  uint8_t input; /* 1 management, 2 production system, 3 DCS, 4 instrument, 5 by hand */
  uint8_t stat;  /* QF_NECC_REALTIME .. */
  uint8_t scope; /* 1 whole plant, 2 process, 3 unit of a process, 4 device */
  bool valid;
  qf_us at, uploaded; /* statDate: begin of what it is of; uploadDate */
} qf_necc_record;

/* Check the structure of n characters, with or without dashes, and write it with them. Errors: QF_SYNTAX, in words. */
QF_MUST qf_rc qf_necc_code(const char *s, size_t n, char out[QF_NECC_CODE + 1], qf_err *err);
/* What the code is of: 1 whole plant .. 4 device, as `scope`. */
uint8_t qf_necc_scope(const char code[QF_NECC_CODE + 1]);
/* "2025-11-08 01:38:00" in Beijing time, exactly. Errors: QF_SYNTAX, QF_RANGE a date that does not exist. */
QF_MUST qf_rc qf_necc_time(const char *s, size_t n, qf_us *out);
void qf_necc_put_time(qf_us t, char out[20]); /* of the years 0000 to 9999 */
/* "01:38:00" -> seconds of the day. Errors: QF_SYNTAX. */
QF_MUST qf_rc qf_necc_slot(const char *s, uint32_t *seconds);
/* 32 hexadecimal digits -> key. false: they are not. */
bool qf_necc_key(const char *hex, uint8_t key[QF_NECC_KEY]);
/* Begin of the window of this kind that holds t; minutes: of a realtime window (15, 30 or 60). Beijing days and months. */
qf_us qf_necc_begin(qf_us t, uint8_t stat, uint32_t minutes);
/* Begin of the window after the one that begins at t. */
qf_us qf_necc_next(qf_us t, uint8_t stat, uint32_t minutes);
/* The next time after `now` at which a terminal with this slot (second of the Beijing day) sends: every `every_s` seconds, in step
 * with the slot. every_s divides a day. */
qf_us qf_necc_turn(qf_us now, uint32_t slot_s, uint32_t every_s);

typedef struct qf_necc_cipher qf_necc_cipher;
/* Errors: QF_NOMEM; QF_STATE the crypto library has no SM4. */
QF_MUST qf_rc qf_necc_cipher_new(const uint8_t key[QF_NECC_KEY], qf_necc_cipher **out, qf_err *err);
void qf_necc_cipher_free(qf_necc_cipher *c);
/* Append n bytes encrypted, as hexadecimal digits. false: out of memory, or more than 200 bytes. */
bool qf_necc_seal(qf_necc_cipher *c, const char *s, size_t n, qf_buf *hex);
/* Decrypt to at most size - 1 bytes and a NUL. Errors: QF_SYNTAX not hexadecimal or not of whole blocks; QF_CORRUPT the padding is
 * wrong: another key; QF_RANGE too long. Words are the caller's. */
QF_MUST qf_rc qf_necc_open(qf_necc_cipher *c, const char *hex, size_t n, char *out, size_t size, size_t *len);

/* Append the body of an upload. Errors: QF_NOMEM, QF_RANGE more than QF_NECC_DATA_MAX. */
typedef struct qf_necc_sender {
  const char *device, *enterprise;
  qf_necc_cipher *cipher;
} qf_necc_sender;
QF_MUST qf_rc qf_necc_put_upload(qf_buf *out, const qf_necc_sender *who, const qf_necc_record *r, size_t n,
                                 qf_err *err);

typedef struct qf_necc_upload { /* a body taken apart; texts are borrowed from root */
  json_t *root;                 /* to be freed by qf_necc_upload_fini */
  json_t *data;
  const char *device, *enterprise;
  size_t n;
} qf_necc_upload;
/* Any message of a terminal: an object with deviceId (may be "" where there is none yet), enterpriseCode and perhaps data. Errors:
 * QF_SYNTAX, QF_RANGE, in words; nothing is left to free. */
QF_MUST qf_rc qf_necc_read(const char *body, size_t n, qf_necc_upload *u, qf_err *err);
void qf_necc_upload_fini(qf_necc_upload *u);
/* The i-th datum, decrypted and checked. Errors: QF_CORRUPT another key, QF_SYNTAX, QF_RANGE; words name datum and field. */
QF_MUST qf_rc qf_necc_datum(const qf_necc_upload *u, size_t i, qf_necc_cipher *c, qf_necc_record *out, qf_err *err);

/* The platform's dictionary: {"dataType":[{"code","name"}...],"energy":[{"code","name","unit"}...],...} without white space. */
void qf_necc_dictionary(qf_buf *out);
/* Its version: the first 16 digits of the SHA-256 of its bytes. */
QF_MUST qf_rc qf_necc_dictionary_version(char out[17]);
/* Name of the variety of a code of energy (kinds 01, 02), NULL: not in the dictionary. */
const char *qf_necc_energy(const char code[QF_NECC_CODE + 1]);
#endif
