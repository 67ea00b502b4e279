#include "controlplane/keyexchange/cookie_text.h"

#include <string.h>

/* A bit beside the mode: every byte here is a byte less for names in message 2. */
#define BY_CERTIFICATE 0x80u

static void write_number(struct writer *w, uint64_t value, size_t bytes)
{
	while (bytes-- > 0)
		writer_char(w, (char)(uint8_t)(value >> 8 * bytes));
}

static size_t address_bytes(uint8_t family)
{
	return family == 6 ? 16 : family == 4 ? 4 : 0;
}

static void write_address(struct writer *w, const struct sip_address *address)
{
	write_number(w, address->family, 1);
	write_number(w, address->port, 2);
	writer_bytes(w, address->bytes, address_bytes(address->family));
}

static bool is_same_place(const struct sip_address *a, const struct sip_address *b)
{
	return a->port == b->port && sip_address_is_same_host(a, b);
}

static void write_exchange(struct writer *w, const struct cookie *c,
			   const struct cookie_source *source)
{
	static const struct sip_address same;

	writer_bytes(w, c->h12, sizeof(c->h12));
	writer_bytes(w, c->ni, sizeof(c->ni));
	writer_bytes(w, c->ng, sizeof(c->ng));
	writer_bytes(w, c->share, sizeof(c->share));
	write_number(w, c->share_epoch, 4);
	write_number(w, c->suite, 1);
	write_number(w, (uint64_t)c->mode | (c->is_by_certificate ? BY_CERTIFICATE : 0), 1);
	write_number(w, c->domain, 1);
	writer_bytes(w, c->name_hash, sizeof(c->name_hash));
	/* mostly the terminal is inside where it is outside: 3 bytes instead of 19 */
	write_address(w, is_same_place(&c->inner, &source->address) ? &same : &c->inner);
	write_number(w, c->subscriber_len, 1);
	writer_bytes(w, c->subscriber, c->subscriber_len);
}

void cookie_text_write(struct writer *w, const struct cookie_text *text)
{
	write_number(w, text->kind, 1);
	write_number(w, text->expires_ms, 8);
	write_address(w, &text->source.address);
	write_number(w, text->source.sa_index, 4);
	write_number(w, text->source.sa_generation, 1);
	if (text->kind == COOKIE_EXCHANGE)
		write_exchange(w, &text->cookie, &text->source);
}

/* Bytes to read; once something was not there, is_bad stays. */
struct reader {
	const char *at;
	size_t left;
	bool is_bad;
};

static void read_bytes(struct reader *r, void *out, size_t len)
{
	if (r->is_bad || r->left < len) {
		r->is_bad = true;
		memset(out, 0, len);
		return;
	}
	memcpy(out, r->at, len);
	r->at += len;
	r->left -= len;
}

static uint64_t read_number(struct reader *r, size_t bytes)
{
	uint64_t value = 0;

	while (bytes-- > 0) {
		uint8_t byte;

		read_bytes(r, &byte, 1);
		value = value << 8 | byte;
	}
	return value;
}

static void read_address(struct reader *r, struct sip_address *out)
{
	memset(out, 0, sizeof(*out));
	out->family = (uint8_t)read_number(r, 1);
	out->port = (uint16_t)read_number(r, 2);
	if (out->family != 0 && out->family != 4 && out->family != 6)
		r->is_bad = true;
	read_bytes(r, out->bytes, address_bytes(out->family));
}

static void read_exchange(struct reader *r, struct cookie *c)
{
	uint64_t mode;

	read_bytes(r, c->h12, sizeof(c->h12));
	read_bytes(r, c->ni, sizeof(c->ni));
	read_bytes(r, c->ng, sizeof(c->ng));
	read_bytes(r, c->share, sizeof(c->share));
	c->share_epoch = (uint32_t)read_number(r, 4);
	c->suite = (enum suite)read_number(r, 1);
	mode = read_number(r, 1);
	c->is_by_certificate = mode & BY_CERTIFICATE;
	c->mode = (enum keyexchange_mode)(mode & ~(uint64_t)BY_CERTIFICATE);
	c->domain = (uint8_t)read_number(r, 1);
	read_bytes(r, c->name_hash, sizeof(c->name_hash));
	read_address(r, &c->inner);
	if (c->inner.family == 0)
		c->inner = c->source.address;
	c->subscriber_len = (size_t)read_number(r, 1);
	if (c->subscriber_len > sizeof(c->subscriber))
		r->is_bad = true;
	else
		read_bytes(r, c->subscriber, c->subscriber_len);
	if (!suite_find(c->suite) ||
	    (c->mode != KEYEXCHANGE_TRANSPORT && c->mode != KEYEXCHANGE_UDP_TUNNEL))
		r->is_bad = true;
}

enum result cookie_text_parse(struct slice bytes, struct cookie_text *out)
{
	struct reader r = {.at = bytes.at, .left = bytes.len};

	memset(out, 0, sizeof(*out));
	out->kind = (enum cookie_kind)read_number(&r, 1);
	out->expires_ms = read_number(&r, 8);
	read_address(&r, &out->source.address);
	out->source.sa_index = (uint32_t)read_number(&r, 4);
	out->source.sa_generation = (uint8_t)read_number(&r, 1);
	out->cookie.source = out->source;
	if (out->kind == COOKIE_EXCHANGE)
		read_exchange(&r, &out->cookie);
	else if (out->kind != COOKIE_ADDRESS)
		r.is_bad = true;
	return r.is_bad || r.left > 0 ? RESULT_BAD : RESULT_OK;
}
