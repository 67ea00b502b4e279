#include "bench/loadgen/terminals.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "shared/sip/host.h"
#include "shared/writer.h"

/* Zeroed, and taken from the machine only where it is touched: a million of them are 2 GB. */
static struct terminal_way *ways_make(uint32_t count)
{
	void *at = mmap(NULL, ((size_t)count + 1) * sizeof(struct terminal_way),
			PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

static void ways_free(struct terminal_way *ways, uint32_t count)
{
	if (!ways)
		return;
	for (uint32_t i = 0; i <= count; i++)
		if (ways[i].is_ready)
			gcm_key_wipe(&ways[i].key);
	munmap(ways, ((size_t)count + 1) * sizeof(*ways));
}

static size_t host_write(const struct contract_address *from, char host[TERMINAL_HOST_BYTES])
{
	struct sip_address address = {.family = from->family};
	struct writer w = writer_make(host, TERMINAL_HOST_BYTES - 1);

	memcpy(address.bytes, from->bytes, sizeof(address.bytes));
	sip_address_write_host(&address, &w);
	host[w.len] = '\0';
	return w.len;
}

enum result terminals_create(const struct static_terminals *statics, struct terminals **terminals)
{
	struct terminals *made = calloc(1, sizeof(*made));

	if (!made)
		return RESULT_MEMORY;
	made->statics = *statics;
	made->key_bytes = static_key_bytes(statics);
	made->out = ways_make(statics->count);
	made->in = ways_make(statics->count);
	made->before = ways_make(statics->count);
	if (!made->out || !made->in || !made->before || gcm_create(&made->gcm) != RESULT_OK) {
		terminals_destroy(made);
		return RESULT_MEMORY;
	}
	host_write(&statics->gateway, made->gateway_host);
	*terminals = made;
	return RESULT_OK;
}

void terminals_destroy(struct terminals *terminals)
{
	if (!terminals)
		return;
	ways_free(terminals->out, terminals->statics.count);
	ways_free(terminals->in, terminals->statics.count);
	ways_free(terminals->before, terminals->statics.count);
	gcm_destroy(terminals->gcm);
	secret_wipe(&terminals->statics.secret);
	free(terminals);
}

static struct terminal_way *way_ready(struct terminals *terminals, struct terminal_way *way,
				      uint32_t number, bool is_to_gateway)
{
	uint8_t key[STATIC_KEY_BYTES];

	if (way->is_ready)
		return way;
	if (static_terminal_key(&terminals->statics, number, is_to_gateway, key) != RESULT_OK ||
	    gcm_key_expand(terminals->gcm, key, terminals->key_bytes, &way->key) != RESULT_OK)
		return NULL;
	secret_wipe_bytes(key, sizeof(key));
	way->spi = is_to_gateway ? static_spi_gateway(number) : static_spi_terminal(number);
	way->is_ready = true;
	return way;
}

struct terminal_way *terminal_way_out(struct terminals *terminals, uint32_t number)
{
	return way_ready(terminals, &terminals->out[number], number, true);
}

struct terminal_way *terminal_way_in(struct terminals *terminals, uint32_t number)
{
	return way_ready(terminals, &terminals->in[number], number, false);
}

static enum result way_set(struct terminals *terminals, struct terminal_way *way, uint32_t spi,
			   const uint8_t *key)
{
	enum result result =
		gcm_key_expand(terminals->gcm, key, terminals->key_bytes, &way->key);

	way->number = way->heard = 0;
	way->spi = spi;
	way->is_ready = result == RESULT_OK;
	return result;
}

enum result terminal_keys_set(struct terminals *terminals, uint32_t number,
			      const struct terminal_keys *keys)
{
	enum result result =
		way_set(terminals, &terminals->in[number], keys->spi_in, keys->key_in);

	if (result != RESULT_OK)
		return result;
	return way_set(terminals, &terminals->out[number], keys->spi_out, keys->key_out);
}

enum result terminal_renew(struct terminals *terminals, uint32_t number,
			   const struct terminal_keys *keys)
{
	terminals->before[number] = terminals->in[number];
	return terminal_keys_set(terminals, number, keys);
}

enum terminal_number terminal_number_take(struct terminal_way *in, uint64_t number)
{
	uint64_t behind, bit;

	if (number > in->number) {
		uint64_t ahead = number - in->number;

		in->heard = (ahead < 64 ? in->heard << ahead : 0) | 1;
		in->number = number;
		return TERMINAL_NUMBER_NEW;
	}
	behind = in->number - number;
	bit = behind < 64 ? 1ull << behind : 0;
	if (bit == 0 || number == 0 || (in->heard & bit) != 0)
		return TERMINAL_NUMBER_TWICE;
	in->heard |= bit;
	return TERMINAL_NUMBER_LATE;
}

size_t terminal_host_write(const struct terminals *terminals, uint32_t number,
			   char host[TERMINAL_HOST_BYTES])
{
	struct contract_address address = static_terminal_address(&terminals->statics, number);

	return host_write(&address, host);
}
