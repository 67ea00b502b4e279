/* CMocka and the headers that it wants before it. */
#ifndef SEKISHO_TESTS_UNIT_TERMINAL_CMOCKA_SETUP_H
#define SEKISHO_TESTS_UNIT_TERMINAL_CMOCKA_SETUP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
