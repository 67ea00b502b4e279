#include "terminal/media/description.h"

#include <string.h>

#include "shared/sip/chars.h"
#include "terminal/ua/sdp.h"

static bool is_starting(struct slice line, struct slice with)
{
	return line.len >= with.len && memcmp(line.at, with.at, with.len) == 0;
}

/* A line without its end, be it CRLF or LF. */
static struct slice trimmed(struct slice line)
{
	while (line.len && (line.at[line.len - 1] == '\n' || line.at[line.len - 1] == '\r'))
		line.len--;
	return line;
}

/* The next word of a line, taken off it; empty at its end. */
static struct slice next_word(struct slice *line)
{
	const char *end = line->len ? memchr(line->at, ' ', line->len) : NULL;
	struct slice word = slice_make(line->at, end ? (size_t)(end - line->at) : line->len);
	size_t past = word.len + (end ? 1 : 0);

	*line = slice_make(line->at + past, line->len - past);
	return word;
}

/* "IN IP4 192.0.2.1" */
static bool read_address(struct slice text, struct sip_address *out)
{
	struct slice network = next_word(&text), family = next_word(&text);
	uint16_t port = out->port;

	if (!slice_is_equal(network, SLICE("IN")) || sip_address_parse(text, out) != RESULT_OK ||
	    !slice_is_equal(family, out->family == 4 ? SLICE("IP4") : SLICE("IP6")))
		return false;
	out->port = port;
	return true;
}

/* "audio 49170 RTP/AVP 0", perhaps with a number of ports that nobody uses: "49170/2". */
static bool read_medium(struct slice text, struct description_medium *out)
{
	struct slice media = next_word(&text), port = next_word(&text), proto = next_word(&text);
	const char *slash = port.len ? memchr(port.at, '/', port.len) : NULL;
	uint32_t number;

	if (slash)
		port.len = (size_t)(slash - port.at);
	if (media.len == 0 || proto.len == 0 || !sip_number_parse(port, UINT16_MAX, &number))
		return false;
	out->address.port = (uint16_t)number;
	out->is_datagrams = is_starting(proto, SLICE("RTP/")) ||
			    is_starting(proto, SLICE("UDP/")) ||
			    slice_is_equal_nocase(proto, SLICE("udptl")) ||
			    slice_is_equal_nocase(proto, SLICE("udp"));
	return true;
}

static bool is_unspecified(const struct sip_address *address)
{
	static const uint8_t zero[16];

	return memcmp(address->bytes, zero, sizeof(zero)) == 0;
}

/* Every medium has an address: its own, or the session's. */
static enum result settle(struct description *description, const struct sip_address *session)
{
	for (unsigned i = 0; i < description->count; i++) {
		struct description_medium *medium = &description->media[i];
		uint16_t port = medium->address.port;

		if (medium->address.family == 0)
			medium->address = *session;
		medium->address.port = port;
		if (medium->address.family == 0)
			return RESULT_BAD;
		medium->is_held = is_unspecified(&medium->address);
	}
	return RESULT_OK;
}

enum result description_read(struct slice sdp, struct description *out)
{
	struct description description = {0};
	struct sip_address session = {0};
	struct slice rest = sdp, line;

	while (sdp_next_line(&rest, &line)) {
		struct slice text = trimmed(line);
		struct description_medium *medium =
			description.count ? &description.media[description.count - 1] : NULL;

		if (is_starting(text, SLICE("m="))) {
			if (description.count == DESCRIPTION_MEDIA)
				return RESULT_SPACE;
			medium = &description.media[description.count++];
			if (!read_medium(slice_make(text.at + 2, text.len - 2), medium))
				return RESULT_BAD;
		} else if (is_starting(text, SLICE("c=")) &&
			   !read_address(slice_make(text.at + 2, text.len - 2),
					 medium ? &medium->address : &session)) {
			return RESULT_BAD;
		}
	}
	description.is_held = session.family != 0 && is_unspecified(&session);
	if (settle(&description, &session) != RESULT_OK)
		return RESULT_BAD;
	*out = description;
	return RESULT_OK;
}

static void write_address(const struct sip_address *address, bool is_held, struct writer *w)
{
	WRITER_LITERAL(w, "IN IP");
	writer_u32(w, address->family);
	writer_char(w, ' ');
	if (is_held)
		writer_slice(w, address->family == 4 ? SLICE("0.0.0.0") : SLICE("::"));
	else
		sip_address_write_bare(address, w);
	WRITER_LITERAL(w, "\r\n");
}

/* A version is a number of any length; the few that are too long stay as they are. */
static void write_version(struct slice version, unsigned ahead, struct writer *w)
{
	uint32_t number;

	if (ahead && sip_number_parse(version, UINT32_MAX, &number))
		writer_u64(w, (uint64_t)number + ahead);
	else
		writer_slice(w, version);
}

/* "o=user 1 1 IN IP4 address": user and session stay. */
static void write_origin(struct slice text, const struct sip_address *own, unsigned ahead,
			 struct writer *w)
{
	for (unsigned i = 0; i < 2; i++) {
		writer_slice(w, next_word(&text));
		writer_char(w, ' ');
	}
	write_version(next_word(&text), ahead, w);
	writer_char(w, ' ');
	write_address(own, false, w);
}

static void write_medium(struct slice text, const struct description_medium *was,
			 const struct sip_address *own, struct writer *w)
{
	struct slice media = next_word(&text), port = next_word(&text);

	writer_slice(w, media);
	writer_char(w, ' ');
	if (was->is_datagrams && was->address.port)
		writer_u32(w, own->port);
	else
		writer_slice(w, port);
	writer_char(w, ' ');
	writer_slice(w, text);
	WRITER_LITERAL(w, "\r\n");
}

static bool is_astray(struct slice line)
{
	static const struct slice starts[] = {
		{"a=candidate:", 12},
		{"a=remote-candidates:", 20},
		{"a=end-of-candidates", 19},
		{"a=ice-", 6},
		{"a=rtcp:", 7},
	};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (is_starting(line, starts[i]))
			return true;
	return false;
}

void description_write(struct slice sdp, const struct description *was,
		       const struct sip_address *media, unsigned ahead, struct writer *w)
{
	unsigned count = 0;
	struct slice line;

	while (sdp_next_line(&sdp, &line)) {
		struct slice text = trimmed(line);
		unsigned i = count ? count - 1 : 0;

		if (is_starting(text, SLICE("o="))) {
			write_origin(text, &media[0], ahead, w);
		} else if (is_starting(text, SLICE("c="))) {
			WRITER_LITERAL(w, "c=");
			write_address(&media[i], count ? was->media[i].is_held : was->is_held, w);
		} else if (is_starting(text, SLICE("m=")) && count < was->count) {
			write_medium(text, &was->media[count], &media[count], w);
			count++;
		} else if (!is_astray(text)) {
			writer_slice(w, text);
			WRITER_LITERAL(w, "\r\n");
		}
	}
}
