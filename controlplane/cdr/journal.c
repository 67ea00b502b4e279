#include "controlplane/cdr/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "controlplane/cdr/record.h"
#include "shared/clock.h"
#include "shared/config/config.h"

#define RETRY_MS    500
#define FAREWELL_MS 1000

struct cdr_journal {
	char path[CONFIG_PATH_BYTES];
	pthread_t thread;
	pthread_mutex_t lock; /* over everything below */
	pthread_cond_t changed;
	char *buffer; /* a ring of bytes */
	size_t size, start, used;
	uint64_t written, lost, lost_told;
	int error;
	bool is_reopen_due, is_ending;
	uint64_t end_ms; /* then it ends, written or not */
	int fd;		 /* the thread's own */
};

static int file_open(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
}

static void retry_wait(struct cdr_journal *journal)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += RETRY_MS * 1000000l;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&journal->changed, &journal->lock, &until);
}

static bool reopen(struct cdr_journal *journal)
{
	int fd = file_open(journal->path);

	if (fd < 0) {
		journal->error = errno;
		return false;
	}
	close(journal->fd);
	journal->fd = fd;
	journal->is_reopen_due = false;
	return true;
}

static size_t lines_count(const char *bytes, size_t length)
{
	size_t lines = 0;

	for (size_t i = 0; i < length; i++)
		lines += bytes[i] == '\n';
	return lines;
}

/* Writes the longest run of bytes that lie together; the lock is open meanwhile. */
static bool run_write(struct cdr_journal *journal)
{
	size_t length = journal->size - journal->start;
	const char *bytes = journal->buffer + journal->start;
	ssize_t written;
	int error;

	if (length > journal->used)
		length = journal->used;
	pthread_mutex_unlock(&journal->lock);
	written = write(journal->fd, bytes, length);
	error = written < 0 ? errno : 0;
	pthread_mutex_lock(&journal->lock);
	journal->error = error;
	if (written < 0)
		return false;
	journal->written += lines_count(bytes, (size_t)written);
	journal->start = (journal->start + (size_t)written) % journal->size;
	journal->used -= (size_t)written;
	return true;
}

static bool is_over(const struct cdr_journal *journal)
{
	return journal->is_ending && (journal->used == 0 || clock_steady_ms() >= journal->end_ms);
}

static void *thread_run(void *arg)
{
	struct cdr_journal *journal = arg;

	pthread_mutex_lock(&journal->lock);
	while (!is_over(journal)) {
		if ((journal->is_reopen_due && !reopen(journal)) ||
		    (journal->used > 0 && !run_write(journal)))
			retry_wait(journal);
		else if (journal->used == 0 && !journal->is_reopen_due && !journal->is_ending)
			pthread_cond_wait(&journal->changed, &journal->lock);
	}
	pthread_mutex_unlock(&journal->lock);
	return NULL;
}

/* Signals are the event loop's. */
static int thread_start(struct cdr_journal *journal)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&journal->thread, NULL, thread_run, journal);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

static void cond_make(pthread_cond_t *cond)
{
	pthread_condattr_t steady;

	pthread_condattr_init(&steady);
	pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &steady);
	pthread_condattr_destroy(&steady);
}

static void parts_free(struct cdr_journal *journal)
{
	if (journal->fd >= 0)
		close(journal->fd);
	pthread_cond_destroy(&journal->changed);
	pthread_mutex_destroy(&journal->lock);
	free(journal->buffer);
	free(journal);
}

enum result cdr_journal_create(const char *path, size_t buffer_bytes, struct cdr_journal **journal)
{
	struct cdr_journal *made = calloc(1, sizeof(*made));

	if (made == NULL)
		return RESULT_MEMORY;
	made->fd = -1;
	made->size = buffer_bytes;
	made->buffer = malloc(buffer_bytes);
	pthread_mutex_init(&made->lock, NULL);
	cond_make(&made->changed);
	if (made->buffer == NULL || strlen(path) >= sizeof(made->path)) {
		parts_free(made);
		return RESULT_MEMORY;
	}
	strcpy(made->path, path);
	made->fd = file_open(path);
	if (made->fd < 0 || (errno = thread_start(made)) != 0) {
		int error = errno;

		parts_free(made);
		errno = error;
		return RESULT_IO;
	}
	*journal = made;
	return RESULT_OK;
}

void cdr_journal_destroy(struct cdr_journal *journal)
{
	if (journal == NULL)
		return;
	pthread_mutex_lock(&journal->lock);
	journal->is_ending = true;
	journal->end_ms = clock_steady_ms() + FAREWELL_MS;
	pthread_cond_signal(&journal->changed);
	pthread_mutex_unlock(&journal->lock);
	pthread_join(journal->thread, NULL);
	parts_free(journal);
}

static bool append(struct cdr_journal *journal, const char *line, size_t length)
{
	size_t at = (journal->start + journal->used) % journal->size;
	size_t first = journal->size - at < length ? journal->size - at : length;

	if (length > journal->size - journal->used)
		return false;
	memcpy(journal->buffer + at, line, first);
	memcpy(journal->buffer, line + first, length - first);
	journal->used += length;
	return true;
}

/* The count of what is lost goes before the next line that finds room. */
static bool losses_tell(struct cdr_journal *journal)
{
	char line[CDR_LINE_BYTES];
	struct timespec now;
	size_t length;

	if (journal->lost == journal->lost_told)
		return true;
	clock_gettime(CLOCK_REALTIME, &now);
	length = cdr_loss_write((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000,
				"journal", journal->lost - journal->lost_told, line);
	if (length == 0 || !append(journal, line, length))
		return false;
	journal->lost_told = journal->lost;
	return true;
}

bool cdr_journal_put(struct cdr_journal *journal, const char *line, size_t length)
{
	bool is_put;

	pthread_mutex_lock(&journal->lock);
	is_put = losses_tell(journal) && append(journal, line, length);
	if (!is_put)
		journal->lost++;
	pthread_cond_signal(&journal->changed);
	pthread_mutex_unlock(&journal->lock);
	return is_put;
}

void cdr_journal_reopen(struct cdr_journal *journal)
{
	pthread_mutex_lock(&journal->lock);
	journal->is_reopen_due = true;
	pthread_cond_signal(&journal->changed);
	pthread_mutex_unlock(&journal->lock);
}

struct cdr_journal_state cdr_journal_state_get(struct cdr_journal *journal)
{
	struct cdr_journal_state state;

	pthread_mutex_lock(&journal->lock);
	state = (struct cdr_journal_state){journal->written, journal->lost, journal->error};
	pthread_mutex_unlock(&journal->lock);
	return state;
}
