/* CMocka and what it wants before it. */
#ifndef SEKISHO_TESTS_UNIT_BENCH_CMOCKA_SETUP_H
#define SEKISHO_TESTS_UNIT_BENCH_CMOCKA_SETUP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#endif
