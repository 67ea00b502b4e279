#include "controlplane/store/sql_sqlite_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 1088

static const char *const suffix[SQLITE_FILES] = {"", "-wal", "-shm"};

static void name_make(const struct sqlite_file *file, const char *ending, char out[PATH_BYTES])
{
	snprintf(out, PATH_BYTES, "%s%s", file->path, ending);
}

enum result sqlite_file_hold(struct sqlite_file *file, const char *path)
{
	struct stat status;
	char name[PATH_BYTES];

	file->path = path;
	for (int i = 0; i < SQLITE_FILES; i++) {
		name_make(file, suffix[i], name);
		if (stat(name, &status) != 0)
			return RESULT_IO;
		file->device[i] = status.st_dev;
		file->inode[i] = status.st_ino;
	}
	file->main = open(path, O_PATH | O_CLOEXEC);
	return file->main < 0 ? RESULT_IO : RESULT_OK;
}

void sqlite_file_release(struct sqlite_file *file)
{
	if (file->main >= 0)
		close(file->main);
	file->main = -1;
}

/* Is it what stands there? *is_there: something does. */
static bool is_same(const struct sqlite_file *file, int which, bool *is_there)
{
	struct stat status;
	char name[PATH_BYTES];

	name_make(file, suffix[which], name);
	*is_there = stat(name, &status) == 0;
	return *is_there && status.st_dev == file->device[which] &&
	       status.st_ino == file->inode[which];
}

enum sqlite_file_place sqlite_file_look(const struct sqlite_file *file)
{
	struct stat status;
	bool is_there;

	if (!is_same(file, SQLITE_FILE_MAIN, &is_there)) {
		if (is_there)
			return SQLITE_FILE_REPLACED;
		return fstat(file->main, &status) == 0 && status.st_nlink > 0 ? SQLITE_FILE_MOVED
									      : SQLITE_FILE_DELETED;
	}
	for (int i = SQLITE_FILE_JOURNAL; i < SQLITE_FILES; i++)
		if (!is_same(file, i, &is_there))
			return SQLITE_FILE_CUT_OFF;
	return SQLITE_FILE_IN_PLACE;
}

static bool is_synced(const char *name, int flags)
{
	int fd = open(name, flags | O_CLOEXEC);
	bool is_so = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return is_so;
}

/* All of it, as of now, in another file that is on the disk when this returns. */
static bool copy_make(sqlite3 *db, const char *copy, char *why, size_t size)
{
	sqlite3_stmt *vacuum = NULL;
	bool is_made;
	int fd;

	unlink(copy); /* of an attempt before */
	fd = open(copy, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		snprintf(why, size, "%s", strerror(errno));
		return false;
	}
	close(fd);
	is_made = sqlite3_prepare_v2(db, "VACUUM INTO ?1", -1, &vacuum, NULL) == SQLITE_OK &&
		  sqlite3_bind_text(vacuum, 1, copy, -1, SQLITE_STATIC) == SQLITE_OK &&
		  sqlite3_step(vacuum) == SQLITE_DONE;
	if (!is_made)
		snprintf(why, size, "%s", sqlite3_errmsg(db));
	sqlite3_finalize(vacuum);
	if (is_made && !is_synced(copy, O_RDWR)) {
		snprintf(why, size, "%s", strerror(errno));
		is_made = false;
	}
	if (!is_made)
		unlink(copy);
	return is_made;
}

static void companions_remove(const struct sqlite_file *file)
{
	char name[PATH_BYTES];

	for (int i = SQLITE_FILE_JOURNAL; i < SQLITE_FILES; i++) {
		name_make(file, suffix[i], name);
		unlink(name);
	}
}

/* Without what SQLite does when a data base is closed: what stands beside it is not its own. */
static void close_as_it_is(struct sqlite_file *file, sqlite3 **db)
{
	sqlite3_db_config(*db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_close(*db);
	*db = NULL;
	sqlite_file_release(file);
}

static void folder_sync(const struct sqlite_file *file)
{
	char name[PATH_BYTES], *end;

	name_make(file, "", name);
	end = strrchr(name, '/');
	if (end != NULL)
		end[1] = '\0';
	is_synced(end != NULL ? name : ".", O_RDONLY | O_DIRECTORY);
}

static enum result deleted_restore(struct sqlite_file *file, sqlite3 **db, char *why, size_t size)
{
	char copy[PATH_BYTES];
	bool is_there;

	name_make(file, ".restored", copy);
	if (!copy_make(*db, copy, why, size))
		return RESULT_IO;
	/* the old journal would be taken for the new file's */
	companions_remove(file);
	/* link: a name that somebody has taken meanwhile is not taken from him */
	is_there = link(copy, file->path) == 0;
	if (!is_there)
		snprintf(why, size, "%s", strerror(errno));
	unlink(copy);
	if (!is_there)
		return RESULT_IO;
	close_as_it_is(file, db);
	folder_sync(file);
	return RESULT_OK;
}

/* What the journal has goes into the file, which then needs none. */
static enum result cut_off_restore(struct sqlite_file *file, sqlite3 **db, char *why, size_t size)
{
	if (sqlite3_wal_checkpoint_v2(*db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) !=
	    SQLITE_OK) {
		snprintf(why, size, "%s", sqlite3_errmsg(*db));
		return RESULT_IO;
	}
	close_as_it_is(file, db);
	companions_remove(file);
	return RESULT_OK;
}

enum result sqlite_file_restore(struct sqlite_file *file, sqlite3 **db, char *why, size_t size)
{
	return sqlite_file_look(file) == SQLITE_FILE_DELETED ? deleted_restore(file, db, why, size)
							     : cut_off_restore(file, db, why, size);
}
