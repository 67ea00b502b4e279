/* The password of a data base, out of a file that others may not read. */
#ifndef SEKISHO_CONTROLPLANE_STORE_SQL_PASSWORD_H
#define SEKISHO_CONTROLPLANE_STORE_SQL_PASSWORD_H

#include <stddef.h>

#include "shared/result.h"

#define SQL_PASSWORD_BYTES 256

/*
 * The first line of the file. RESULT_DENIED: others may read it; RESULT_BAD: empty or too long;
 * RESULT_IO. why is a sentence then; out is to be wiped.
 */
enum result sql_password_read(const char *path, char out[SQL_PASSWORD_BYTES], char *why,
			      size_t size) SEKISHO_MUST_USE;

#endif
