/* Inside of the store, shared by store.c (life, adding, background thread), write.c (flush, merge, seal), manifest.c
 * and read.c. Locks, in the order they are taken: work (whoever changes the set of files, held through disk writes),
 * then mu (pointers and counters below, held for moments). */
#ifndef QF_READINGS_STORE_INT_H
#define QF_READINGS_STORE_INT_H
#include "readings/mem.h"
#include "readings/readings.h"
#include "readings/seg.h"
#include <pthread.h>

#ifdef QF_SMALL
enum { QF_MERGE_AT = 3 };
#else
enum { QF_MERGE_AT = 8 }; /* so many neighbouring parts of one level make one of the next */
#endif

/* The set of files at one moment, by (day, arrival); never changes, shared by count. */
typedef struct qf_view {
  atomic_int refs;
  size_t n;
  qf_seg *segs[];
} qf_view;

struct qf_readings {
  int dirfd;
  uint32_t rows;
  pthread_mutex_t work, mu;
  pthread_cond_t cond; /* frozen, failed or stop changed */
  pthread_t thread;
  bool stop;
  /* guarded by mu */
  qf_view *view;
  qf_mem *active, *frozen, *spare; /* frozen: full, being written by the thread; older than active */
  bool failed;                     /* writing frozen failed: waits for somebody to try again */
  qf_err fail_err, merge_err;
  uint64_t durable_seq, duplicates;
  /* guarded by work */
  uint64_t next; /* number of the next file */
};

typedef struct qf_change { /* of the set of files */
  qf_seg **add;            /* references are taken over */
  size_t nadd;
  qf_seg *const *remove; /* borrowed */
  size_t nremove;
  uint64_t seq;    /* new durable sequence if greater */
  qf_mem *written; /* memtable that is now in files, or NULL */
  uint64_t duplicates;
} qf_change;

/* Make a change durable (manifest) and visible (view), then remove files that left. Needs work. Errors: QF_IO, QF_FULL,
 * QF_NOMEM: the view has not changed then and the added files are dropped. */
QF_MUST qf_rc qf_store_publish(qf_readings *s, const qf_change *c, qf_err *err);
qf_view *qf_store_view(qf_readings *s); /* current view with a reference */
void qf_view_unref(qf_view *v);

/* Write a memtable as part files and publish them. Needs work. */
QF_MUST qf_rc qf_store_write_mem(qf_readings *s, qf_mem *m, qf_err *err);
/* Merge parts of a day where there are many. Needs work. */
QF_MUST qf_rc qf_store_merge_parts(qf_readings *s, qf_err *err);

typedef struct qf_manifest {
  uint64_t seq, next;
  size_t n;
  char (*names)[QF_SEG_NAME];
  uint64_t *sizes;
} qf_manifest;
/* Write the manifest for a set of files, atomically. *replaced: the new one has its name; with an error that means it
 * may or may not survive a power loss. Errors: QF_IO, QF_FULL, QF_NOMEM. */
QF_MUST qf_rc qf_manifest_write(int dirfd, const qf_view *v, const uint64_t seq_next[2], bool *replaced, qf_err *err);
/* Read it. Errors: QF_NOTFOUND there is none, QF_CORRUPT, QF_IO, QF_NOMEM. */
QF_MUST qf_rc qf_manifest_read(int dirfd, qf_manifest *out, qf_err *err);
void qf_manifest_fini(qf_manifest *m);
/* Remove the store's own kinds of files that the manifest does not list. */
QF_MUST qf_rc qf_manifest_sweep(int dirfd, const qf_manifest *m, qf_err *err);
/* What a missing manifest means: QF_NOTFOUND a new folder, QF_CORRUPT there are files of ours. Or QF_IO. */
QF_MUST qf_rc qf_manifest_missing(int dirfd, qf_err *err);

/* Append a span to c. Errors: QF_NOMEM. */
QF_MUST qf_rc qf_span_append(const qf_span *s, qf_cols *c);
#endif
