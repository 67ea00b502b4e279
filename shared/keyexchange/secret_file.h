/*
 * Files that hold a secret: a private key, a password. None is used that others than its owner may
 * read, or that is somebody else's. A link is followed: what counts is the file that it leads to.
 */
#ifndef SEKISHO_SHARED_KEYEXCHANGE_SECRET_FILE_H
#define SEKISHO_SHARED_KEYEXCHANGE_SECRET_FILE_H

#include <stddef.h>

#include "shared/result.h"

/* Room for what is said of a file with the longest path of a configuration. */
#define SECRET_FILE_WHY_BYTES 1400

/*
 * Opens it to be read; the descriptor is the caller's. RESULT_IO: it cannot be opened;
 * RESULT_DENIED: it is not its owner's alone, not ours or root's, or no file. why has a sentence
 * then, that says what to do.
 */
SEKISHO_MUST_USE enum result secret_file_open(const char *path, int *fd, char *why, size_t size);

#endif
