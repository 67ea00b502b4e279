/*
 * A compiled set of patterns as Hyperscan serialised it, made ready to be looked for: both planes
 * look through the same set. Reading and scanning only; what compiles is the control plane's.
 */
#ifndef SEKISHO_SHARED_PATTERN_PATTERN_SET_H
#define SEKISHO_SHARED_PATTERN_PATTERN_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"
#include "shared/slice.h"

/* Never changed once made, but for the scratch of who scans. */
struct pattern_set;

/*
 * From its serialised bytes, with room for `scanners` threads to scan at once. The bytes are of a
 * program of ours and known by their hash: Hyperscan knows damage by a checksum, forgery it does
 * not. RESULT_BAD: no such bytes, or of another version or kind of machine; RESULT_MEMORY.
 */
enum result pattern_set_read(const char *at, size_t length, unsigned scanners,
			     struct pattern_set **set) SEKISHO_MUST_USE;
void pattern_set_destroy(struct pattern_set *set);

/* Memory of the set and of one scanner's scratch. */
size_t pattern_set_bytes(const struct pattern_set *set);
size_t pattern_set_scratch_bytes(const struct pattern_set *set);

/* A pattern was found: the number it was compiled under. false: that is enough. */
typedef bool pattern_found(void *context, uint32_t pattern);

/*
 * Look for all of them in text, by this scanner (0..scanners-1), which one thread alone uses. Found
 * ones come in no order, each once. No allocation, no lock. false: Hyperscan could not scan.
 */
bool pattern_set_scan(const struct pattern_set *set, unsigned scanner, struct slice text,
		      pattern_found *found, void *context);

#endif
