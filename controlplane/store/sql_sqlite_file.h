/*
 * The file of a data base of SQLite while it is open, with its journal and index: are they still
 * what stands under their names? SQLite itself goes on writing to files that were deleted, and all
 * of that is lost with the last descriptor.
 */
#ifndef SEKISHO_CONTROLPLANE_STORE_SQL_SQLITE_FILE_H
#define SEKISHO_CONTROLPLANE_STORE_SQL_SQLITE_FILE_H

#include <sqlite3.h>
#include <stddef.h>
#include <sys/types.h>

#include "shared/result.h"

/* The data base; beside it "-wal" and "-shm". */
enum { SQLITE_FILE_MAIN, SQLITE_FILE_JOURNAL, SQLITE_FILE_INDEX, SQLITE_FILES };

struct sqlite_file {
	const char *path; /* borrowed */
	int main;	  /* O_PATH: closing it drops no lock of SQLite's; -1: none */
	dev_t device[SQLITE_FILES];
	ino_t inode[SQLITE_FILES];
};

enum sqlite_file_place {
	SQLITE_FILE_IN_PLACE,
	SQLITE_FILE_DELETED,  /* what is open is all there is of it */
	SQLITE_FILE_CUT_OFF,  /* it is there, its journal or index is not what stands beside it */
	SQLITE_FILE_MOVED,    /* it has another name, and nothing stands under ours */
	SQLITE_FILE_REPLACED, /* another one stands in its place */
};

/* After SQLite has read from it. RESULT_IO: one of the three is not there; errno says why. */
enum result sqlite_file_hold(struct sqlite_file *file, const char *path) SEKISHO_MUST_USE;
void sqlite_file_release(struct sqlite_file *file);

enum sqlite_file_place sqlite_file_look(const struct sqlite_file *file);

/*
 * Have all that is committed stand under its name again, from what is deleted or cut off; *db,
 * which still has it open, is closed then (NULL), and to be opened anew. Its statements must have
 * been finalized. RESULT_IO: it cannot be done now, and nothing has changed; why is a sentence's
 * part.
 */
enum result sqlite_file_restore(struct sqlite_file *file, sqlite3 **db, char *why,
				size_t size) SEKISHO_MUST_USE;

#endif
