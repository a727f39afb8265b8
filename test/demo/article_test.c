/* Change any record and the figures that read its type change, and only they: over the whole catalogue of the packs, with the
 * sample records. Random records are corrected, withdrawn and added; after each change every figure kept up incrementally equals
 * the one of figures opened anew on the same book, and a figure whose statement does not name the record's type stays as it was. */
#include "city/city.h"
#include "figure/figure.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "city/scratch.h"

enum { CHANGES = 36 };

static uint64_t rnd(uint64_t *s)
{
  *s ^= *s << 13;
  *s ^= *s >> 7;
  *s ^= *s << 17;
  return *s;
}

static void must(qf_rc rc, const qf_err *err)
{
  if (rc)
    fail_msg("%s", err->en);
}

static void file_one(qf_city *c, json_t *rec)
{
  qf_err err = {0};
  json_t *list = json_array();
  json_array_append(list, rec);
  must(qf_city_records(c, list, NULL, &err), &err);
  must(qf_city_settle(c, &err), &err);
  json_decref(list);
}

/* All figures of 2025 by id, without the sequence and the notes (rules may read other types). */
static json_t *all_figures(qf_figures *f)
{
  qf_err err = {0};
  qf_buf b;
  qf_buf_init(&b, (size_t)64 << 20);
  qf_figure_ask ask = {.from = 2025 * 12, .to = 2025 * 12 + 11};
  must(qf_figures_json(f, NULL, &ask, &b, &err), &err);
  json_t *list = json_loadb(b.data, b.len, 0, NULL), *out = json_object(), *v;
  size_t i;
  json_array_foreach(list, i, v)
  {
    char key[200];
    snprintf(key, sizeof key, "%s %s", json_string_value(json_object_get(v, "id")),
             json_string_value(json_object_get(v, "subject")));
    json_object_del(v, "seq");
    json_object_del(v, "notes");
    json_object_set(out, key, v);
  }
  json_decref(list);
  qf_buf_fini(&b);
  return out;
}

/* Does any indicator file with this id name the table of the type? Read from the pack, not from the engine. */
static bool names_type(const char *id, const char *type)
{
  static const char *const areas[] = {"city", "industry", "buildings", "transport", "people", "innovation"};
  char path[300], name[160], want[80];
  snprintf(want, sizeof want, "rec_%s", type);
  for (size_t i = 0; i < sizeof areas / sizeof *areas; i++) {
    size_t n = strlen(areas[i]);
    if (strncmp(id, areas[i], n) != 0 || id[n] != '.')
      continue;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(id + n + 1, " "), id + n + 1);
    for (char *p = name; *p; p++)
      *p = *p == '.' ? '_' : *p;
    snprintf(path, sizeof path, "packs/%s/indicators/%s.sql", areas[i], name);
    FILE *f = fopen(path, "rb");
    if (!f)
      return true; /* a file of another name: nothing is claimed of it */
    static char text[65536];
    size_t len = fread(text, 1, sizeof text - 1, f);
    text[len] = 0;
    fclose(f);
    return strstr(text, want) != NULL;
  }
  return true;
}

static void only_its_own(const json_t *before, json_t *after, const char *type, const char *id, unsigned *changed)
{
  const char *key;
  json_t *v;
  json_object_foreach(after, key, v)
  {
    const json_t *old = json_object_get(before, key);
    if (old && json_equal(old, v))
      continue;
    (*changed)++;
    if (!names_type(key, type))
      fail_msg("%s %s changed figure %s, which does not read it", type, id, key);
  }
}

static void same_as_anew(qf_city *c, json_t *kept)
{
  qf_err err = {0};
  qf_figures *anew;
  must(qf_figures_open(qf_city_book(c), NULL, "packs", &anew, &err), &err);
  json_t *full = all_figures(anew);
  const char *key;
  json_t *v;
  assert_int_equal(json_object_size(full), json_object_size(kept));
  json_object_foreach(full, key, v) if (!json_equal(v, json_object_get(kept, key)))
      fail_msg("%s: kept up and made anew differ", key);
  json_decref(full);
  qf_figures_close(anew);
}

static const char *const amounts[] = {
    "area_m2",    "done_km",    "boxes",           "value_cny",  "balance_wan", "net_t",  "dishes",  "parcels",
    "vehicles",   "attendance", "value_added_wan", "saving_tce", "viewers",     "riders", "sown_ha", "dri_t",
    "kwh_needed", "energy_tce", "people",          "treated_ha", "goods_t",     "kwh",    "co2_t",   "floor_m2",
    "complaints", "households", "subsidy_cny",     "pieces",     "total_wan",   "hours",  "ghi"};

/* One random change of a sample record: corrected, withdrawn, or one like it added. */
static json_t *change_of(const json_t *records, uint64_t *seed, int n)
{
  const json_t *pick;
  do /* a target is no part of a figure: it stands beside it */
    pick = json_array_get(records, (size_t)(rnd(seed) % json_array_size(records)));
  while (strcmp(json_string_value(json_object_get(pick, "type")), "target") == 0);
  json_t *r = json_deep_copy(pick);
  json_t *data = json_object_get(r, "data");
  char text[80];
  if (n % 3 == 1) {
    json_object_set_new(r, "status", json_string("withdrawn"));
    return r;
  }
  if (n % 3 == 2) {
    snprintf(text, sizeof text, "added-%d", n);
    json_object_set_new(r, "id", json_string(text));
  }
  for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
    const char *was = json_string_value(json_object_get(data, amounts[i]));
    if (was) {
      snprintf(text, sizeof text, "%lld", atoll(was) + 7);
      json_object_set_new(data, amounts[i], json_string(text));
    }
  }
  return r;
}

static void figures_follow_their_records_and_no_others(void **state)
{
  (void)state;
  char dir[300];
  qf_err err = {0};
  must(qf_scratch_make(NULL, dir, sizeof dir, &err), &err);
  qf_city *c;
  qf_city_opts o = {.packs_dir = "packs"};
  must(qf_city_open(dir, &o, &c, &err), &err);
  json_t *records = json_array();
  must(qf_city_sample(c, records, &err), &err);
  assert_true(json_array_size(records) > 5000);
  must(qf_city_records(c, records, NULL, &err), &err);
  must(qf_city_settle(c, &err), &err);
  uint64_t seed = 20250115;
  unsigned changed = 0;
  json_t *before = all_figures(qf_city_figures(c));
  for (int n = 0; n < CHANGES; n++) {
    json_t *rec = change_of(records, &seed, n);
    file_one(c, rec);
    json_t *after = all_figures(qf_city_figures(c));
    only_its_own(before, after, json_string_value(json_object_get(rec, "type")),
                 json_string_value(json_object_get(rec, "id")), &changed);
    if (n % 6 == 5)
      same_as_anew(c, after);
    json_decref(before);
    before = after;
    json_decref(rec);
  }
  print_message("    %d changes, %u figures moved\n", CHANGES, changed);
  assert_true(changed >= CHANGES / 3);
  json_decref(before);
  json_decref(records);
  qf_city_close(c);
  qf_scratch_remove(dir);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(figures_follow_their_records_and_no_others)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
