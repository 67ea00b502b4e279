#include "shared/keyexchange/secret_file.h"

#include <sys/stat.h>

#include "tests/unit/controlplane/scratch.h"

#define NOBODY 65534

struct held {
	struct scratch scratch;
	char path[128], link[128], why[300];
	int fd;
};

static int set_up(void **state)
{
	struct held *h = calloc(1, sizeof(*h));
	FILE *file;

	scratch_make(&h->scratch);
	scratch_path(&h->scratch, h->path, "secret");
	scratch_path(&h->scratch, h->link, "link");
	file = fopen(h->path, "w");
	fputs("correct horse", file);
	fclose(file);
	*state = h;
	return 0;
}

static int tear_down(void **state)
{
	struct held *h = *state;

	scratch_remove(&h->scratch);
	free(h);
	return 0;
}

static enum result open_as(struct held *h, mode_t mode)
{
	h->fd = -1;
	h->why[0] = '\0';
	assert_int_equal(chmod(h->path, mode), 0);
	return secret_file_open(h->path, &h->fd, h->why, sizeof(h->why));
}

static void assert_refused(struct held *h, enum result found, const char *why)
{
	assert_int_equal(found, RESULT_DENIED);
	assert_int_equal(h->fd, -1);
	assert_non_null(strstr(h->why, why));
	assert_null(strstr(h->why, "horse"));
}

static void what_its_owner_alone_may_read_is_opened(void **state)
{
	static const mode_t modes[] = {0600, 0400, 0700};
	struct held *h = *state;
	char text[20] = "";

	for (size_t n = 0; n < sizeof(modes) / sizeof(*modes); n++) {
		assert_int_equal(open_as(h, modes[n]), RESULT_OK);
		assert_int_equal(read(h->fd, text, sizeof(text)), 13);
		assert_string_equal(text, "correct horse");
		close(h->fd);
	}
}

static void what_anybody_else_may_read_write_or_run_is_refused(void **state)
{
	static const mode_t modes[] = {0640, 0620, 0610, 0604, 0602, 0601, 0644, 0666};
	struct held *h = *state;

	for (size_t n = 0; n < sizeof(modes) / sizeof(*modes); n++)
		assert_refused(h, open_as(h, modes[n]),
			       "secret: others than its owner may read it, and it holds a secret: "
			       "chmod 600 it");
}

static void another_user_s_is_refused(void **state)
{
	struct held *h = *state;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(h->path, NOBODY, 0), 0);
	assert_refused(h, open_as(h, 0600),
		       "it is another user's, and holds a secret: chown it to user 0");
}

static void a_link_is_followed_to_what_counts(void **state)
{
	struct held *h = *state;

	assert_int_equal(symlink(h->path, h->link), 0);
	assert_int_equal(open_as(h, 0600), RESULT_OK);
	close(h->fd);
	assert_int_equal(secret_file_open(h->link, &h->fd, h->why, sizeof(h->why)), RESULT_OK);
	close(h->fd);
	assert_refused(h, open_as(h, 0644), "chmod 600");
	assert_refused(h, secret_file_open(h->link, &h->fd, h->why, sizeof(h->why)),
		       "link: others");
}

static void what_is_no_file_is_refused_and_not_waited_for(void **state)
{
	struct held *h = *state;

	h->fd = -1;
	assert_int_equal(mkfifo(h->link, 0600), 0);
	assert_refused(h, secret_file_open(h->link, &h->fd, h->why, sizeof(h->why)),
		       "it is no file");
	assert_refused(h, secret_file_open(h->scratch.folder, &h->fd, h->why, sizeof(h->why)),
		       "it is no file");
}

static void what_is_not_there_is_told(void **state)
{
	struct held *h = *state;

	assert_int_equal(secret_file_open("/nowhere/at/all", &h->fd, h->why, sizeof(h->why)),
			 RESULT_IO);
	assert_string_equal(h->why, "/nowhere/at/all: No such file or directory");
}

int main(void)
{
#define HELD(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		HELD(what_its_owner_alone_may_read_is_opened),
		HELD(what_anybody_else_may_read_write_or_run_is_refused),
		HELD(another_user_s_is_refused),
		HELD(a_link_is_followed_to_what_counts),
		HELD(what_is_no_file_is_refused_and_not_waited_for),
		HELD(what_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
