/* Known answers for the cryptography that ESP rests on, for the start of each worker. */
#ifndef SEKISHO_DATAPLANE_ESP_SELF_TEST_H
#define SEKISHO_DATAPLANE_ESP_SELF_TEST_H

#include "dataplane/esp/gcm.h"
#include "shared/result.h"

/*
 * Seal and open published packets, and refuse a forged one: RESULT_OK, or RESULT_BAD, after which
 * the worker must not run.
 */
enum result esp_self_test(struct gcm *gcm) SEKISHO_MUST_USE;

#endif
