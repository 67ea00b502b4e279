/* The file that static terminals follow from. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/config/config.h"
#include "shared/hex.h"
#include "shared/keyexchange/suites.h"
#include "shared/sip/host.h"
#include "shared/statics/static_terminals.h"
#include "shared/writer.h"

#define SIP_PORT 5060

/* 2 * SECRET_BYTES digits, a to f small. */
static bool secret_parse(const char *text, struct secret *secret)
{
	if (strlen(text) != 2 * SECRET_BYTES ||
	    strspn(text, "0123456789abcdef") != 2 * SECRET_BYTES)
		return false;
	for (size_t i = 0; i < SECRET_BYTES; i++)
		secret->bytes[i] =
			(uint8_t)(hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]));
	return true;
}

static void secret_read(struct config_node root, struct secret *secret)
{
	char text[2 * SECRET_BYTES + 2];

	if (!config_text(root, "secret", CONFIG_REQUIRED, text, sizeof(text)))
		return;
	if (!secret_parse(text, secret))
		config_mistake(root, "secret", "must be %d hexadecimal digits, a to f small",
			       2 * SECRET_BYTES);
	secret_wipe_bytes(text, sizeof(text));
}

static void suite_read(struct config_node root, struct static_terminals *statics)
{
	static const struct config_word words[] = {
		{"aes-128-gcm-16", CONTRACT_SUITE_AES_128_GCM_16},
		{"aes-256-gcm-16", CONTRACT_SUITE_AES_256_GCM_16},
	};
	unsigned suite = CONTRACT_SUITE_AES_128_GCM_16;

	config_choice(root, "suite", CONFIG_OPTIONAL, words, 2, &suite);
	statics->suite = (enum contract_suite)suite;
}

static void addresses_read(struct config_node root, struct static_terminals *statics)
{
	struct contract_address last;

	if (!config_address(root, "gateway", CONFIG_REQUIRED, &statics->gateway) ||
	    !config_address(root, "first-address", CONFIG_REQUIRED, &statics->first))
		return;
	statics->gateway.port = statics->first.port = SIP_PORT;
	if (statics->gateway.family != statics->first.family) {
		config_mistake(root, "first-address", "is not of the family of \"gateway\"");
		return;
	}
	last = static_terminal_address(statics, statics->count);
	if (memcmp(last.bytes, statics->first.bytes, sizeof(last.bytes)) < 0)
		config_mistake(root, "first-address", "so many addresses do not follow it");
	else if (static_terminal_of(statics, &statics->gateway) != 0)
		config_mistake(root, "gateway", "is the address of a terminal");
}

static void domain_read(struct config_node root, struct static_terminals *statics)
{
	char domain[LIMIT_DOMAIN_BYTES + 1];

	if (!config_domain(root, "domain", CONFIG_REQUIRED, domain))
		return;
	if (strlen(domain) > STATIC_DOMAIN_BYTES)
		config_mistake(root, "domain", "is longer than %d bytes", STATIC_DOMAIN_BYTES);
	else
		memcpy(statics->domain, domain, strlen(domain) + 1);
}

static void root_read(struct config_node root, struct static_terminals *statics)
{
	uint64_t count = 0, window = LIMIT_ESP_WINDOW;

	domain_read(root, statics);
	if (config_integer(root, "count", CONFIG_REQUIRED, 1, STATIC_TERMINALS_MAX, &count))
		statics->count = (uint32_t)count;
	addresses_read(root, statics);
	suite_read(root, statics);
	config_integer(root, "replay-window", CONFIG_OPTIONAL, 0, LIMIT_ESP_WINDOW, &window);
	if (window != 0 && window != LIMIT_ESP_WINDOW)
		config_mistake(root, "replay-window", "the gateway's window is %d, or 0 for none",
			       LIMIT_ESP_WINDOW);
	statics->is_replay_checked = window != 0;
	statics->is_secure = true;
	config_boolean(root, "secure", CONFIG_OPTIONAL, &statics->is_secure);
	secret_read(root, &statics->secret);
}

enum result static_terminals_read(const char *path, FILE *report, struct static_terminals *statics)
{
	struct static_terminals read = {.count = 1};
	struct config *config;
	enum result result = config_open(path, report, &config);

	if (result != RESULT_OK)
		return result;
	root_read(config_root(config), &read);
	result = config_finish(config);
	config_close(config);
	if (result == RESULT_OK)
		*statics = read;
	secret_wipe(&read.secret);
	return result;
}

static void address_put(struct writer *w, const struct contract_address *from)
{
	struct sip_address address = {.family = from->family};

	memcpy(address.bytes, from->bytes, sizeof(address.bytes));
	WRITER_LITERAL(w, "\"");
	sip_address_write_bare(&address, w);
	WRITER_LITERAL(w, "\"\n");
}

static void text_write(struct writer *w, const struct static_terminals *statics)
{
	WRITER_LITERAL(w, "# Static terminals, for load tests alone: whoever reads this has their "
			  "keys.\ndomain: ");
	writer_slice(w, slice_make(statics->domain, strlen(statics->domain)));
	WRITER_LITERAL(w, "\ncount: ");
	writer_u32(w, statics->count);
	WRITER_LITERAL(w, "\ngateway: ");
	address_put(w, &statics->gateway);
	WRITER_LITERAL(w, "first-address: ");
	address_put(w, &statics->first);
	WRITER_LITERAL(w, "suite: ");
	writer_slice(w, suite_find(statics->suite)->name);
	WRITER_LITERAL(w, "\nreplay-window: ");
	writer_u32(w, statics->is_replay_checked ? LIMIT_ESP_WINDOW : 0);
	writer_slice(w, statics->is_secure ? SLICE("\nsecure: yes") : SLICE("\nsecure: no"));
	WRITER_LITERAL(w, "\nsecret: \"");
	writer_hex(w, statics->secret.bytes, SECRET_BYTES);
	WRITER_LITERAL(w, "\"\n");
}

enum result static_terminals_write(const char *path, const struct static_terminals *statics)
{
	char text[1024];
	struct writer w = writer_make(text, sizeof(text));
	int fd, error;
	ssize_t written;

	text_write(&w, statics);
	if (w.is_full)
		return RESULT_SPACE;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return RESULT_IO;
	written = write(fd, text, w.len);
	error = errno;
	secret_wipe_bytes(text, sizeof(text));
	if (close(fd) == 0 && written == (ssize_t)w.len)
		return RESULT_OK;
	(void)unlink(path);
	errno = error;
	return RESULT_IO;
}
