#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "dataplane/inbox/listener.h"
#include "tests/unit/dataplane_process/inbox_kit.h"

static void a_second_client_is_sent_away_until_the_first_is_gone(void **state)
{
	struct inbox_kit *fixture = inbox_kit_make(state);
	char byte;
	int second;

	inbox_kit_hello(fixture);
	second = inbox_kit_connect(fixture);
	assert_int_equal(recv(second, &byte, 1, 0), 0);
	close(second);
	close(fixture->client);
	fixture->client = inbox_kit_connect(fixture);
	inbox_kit_hello(fixture);
	inbox_kit_end(fixture);
}

static void a_socket_in_use_or_no_socket_is_not_taken_over(void **state)
{
	struct inbox_kit *fixture = inbox_kit_make(state);
	struct inbox_config config = {.path = fixture->path, .counts = &fixture->counts};
	struct inbox *second;
	struct stat status;

	assert_int_equal(stat(fixture->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(inbox_create(&config, &second), RESULT_EXISTS);
	config.path = "/etc/passwd";
	assert_int_equal(inbox_create(&config, &second), RESULT_EXISTS);
	assert_int_equal(access("/etc/passwd", F_OK), 0);
	inbox_kit_end(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_client_is_sent_away_until_the_first_is_gone),
		cmocka_unit_test(a_socket_in_use_or_no_socket_is_not_taken_over),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
