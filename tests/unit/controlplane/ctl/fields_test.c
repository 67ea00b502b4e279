/* controlplane/ctl/fields.c: what is wrong with a request is said of it. */
#include "tests/unit/controlplane/ctl/asked.h"

static void texts_are_there_and_bounded(void **state)
{
	struct asked *a = *state;
	char request[600], id[300];

	ask_error(a, "{\"command\":\"subscriber delete\"}",
		  "\"id\" must be a text of 1 to 255 bytes");
	ask_error(a, "{\"command\":\"subscriber delete\",\"id\":\"\"}",
		  "\"id\" must be a text of 1 to 255 bytes");
	ask_error(a, "{\"command\":\"subscriber delete\",\"id\":7}",
		  "\"id\" must be a text of 1 to 255 bytes");
	memset(id, 'x', 256);
	id[256] = '\0';
	snprintf(request, sizeof(request), "{\"command\":\"subscriber delete\",\"id\":\"%s\"}", id);
	ask_error(a, request, "\"id\" must be a text of 1 to 255 bytes");
}

static void numbers_are_whole_and_in_range(void **state)
{
	static const char *const bad[] = {"0", "4294967296", "1.5", "\"1\"", "null", "true"};
	char request[128];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(request, sizeof(request), "{\"command\":\"policy delete\",\"id\":%s}",
			 bad[i]);
		ask_error(*state, request, "\"id\" must be a whole number from 1 to 4294967295");
	}
}

static void verifiers_are_whole(void **state)
{
	ask_error(*state,
		  "{\"command\":\"subscriber add\",\"id\":\"a@abc.com\",\"iterations\":4095}",
		  "\"iterations\" must be a whole number from 4096 to 1000000");
	ask_error(*state,
		  "{\"command\":\"subscriber add\",\"id\":\"a@abc.com\",\"iterations\":4096,"
		  "\"salt\":\"AAAA\"}",
		  "\"salt\" must be 8 to 32 bytes in base64url");
	ask_error(*state,
		  "{\"command\":\"subscriber add\",\"id\":\"a@abc.com\",\"iterations\":4096,"
		  "\"salt\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"stored_key\":\"AA\"}",
		  "\"stored_key\" must be 32 to 32 bytes in base64url");
	ask_error(*state,
		  "{\"command\":\"subscriber add\",\"id\":\"a@abc.com\",\"iterations\":4096,"
		  "\"salt\":\"!!!!!!!!!!!!!!!!!!!!!!\"}",
		  "\"salt\" must be 8 to 32 bytes in base64url");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ASKED_TEST(texts_are_there_and_bounded),
		ASKED_TEST(numbers_are_whole_and_in_range),
		ASKED_TEST(verifiers_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
