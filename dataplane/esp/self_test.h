/* Known answers for the cryptography that ESP rests on, for the start of each worker. */
#ifndef SEKISHO_DATAPLANE_ESP_SELF_TEST_H
#define SEKISHO_DATAPLANE_ESP_SELF_TEST_H

#include "dataplane/esp/engine.h"
#include "shared/result.h"

/*
 * With every suite: a packet is sealed into known bytes, opened, and refused with a bit of it or
 * the number's high half changed. RESULT_OK; else the worker must not run: RESULT_BAD,
 * RESULT_MEMORY.
 */
enum result esp_self_test(struct esp_engine *engine) SEKISHO_MUST_USE;

#endif
