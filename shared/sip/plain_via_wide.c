/* The top Via where its host is the one that is expected, by shape (plain_window.h). */
#include "shared/sip/plain.h"

#ifdef SIP_HAS_VECTOR

#include "shared/sip/plain_params.h"
#include "shared/sip/plain_window.h"
#include "shared/sip/words.h"

/*
 * Are these len bytes, at most a window and most often as many as two loads cover, the same?
 * Nothing beyond them is loaded, not even to be masked out: the next line may be far.
 */
SIP_WIDE_STEP bool is_same(const char *a, const char *b, size_t len)
{
	const char *a_end = a + len, *b_end = b + len;

	if (len >= 32)
		return (_mm256_cmpneq_epi8_mask(_mm256_loadu_si256((const void *)a),
						_mm256_loadu_si256((const void *)b)) |
			_mm256_cmpneq_epi8_mask(_mm256_loadu_si256((const void *)(a_end - 32)),
						_mm256_loadu_si256((const void *)(b_end - 32)))) ==
		       0;
	if (len >= 8) {
		size_t second = len >= 16 ? 8 : 0, third = len >= 16 ? len - 16 : 0;

		return ((sip_eight(a) ^ sip_eight(b)) |
			(sip_eight(a + second) ^ sip_eight(b + second)) |
			(sip_eight(a + third) ^ sip_eight(b + third)) |
			(sip_eight(a_end - 8) ^ sip_eight(b_end - 8))) == 0;
	}
	return memcmp(a, b, len) == 0;
}

/* A place in a value, and the odd characters that are still to come in the window around it. */
struct walk {
	const char *window;
	const char *end;
	uint64_t odd;
};

/* The next odd character, or the end. */
SIP_WIDE_STEP const char *walk_next(struct walk *walk)
{
	const char *at;

	while (walk->odd == 0) {
		walk->window += WINDOW_BYTES;
		if (walk->window >= walk->end)
			return walk->end;
		walk->odd = window_read(walk->window, (size_t)(walk->end - walk->window)).odd;
	}
	at = walk->window + _tzcnt_u64(walk->odd);
	walk->odd = _blsr_u64(walk->odd);
	return at;
}

/* Parameters up to the end, the first of which begins at at: each ';', name, perhaps '=', value. */
SIP_WIDE_STEP bool via_params_take(struct walk *walk, const char *at, struct sip_via *out)
{
	while (at < walk->end) {
		struct param param = {.name = at + 1, .name_end = walk_next(walk)};
		const char *value = param.name_end + 1;

		if (*at != ';' || param.name_end == param.name)
			return false;
		at = param.name_end;
		param.value = slice_make(at, 0);
		if (at < walk->end && *at == '=') {
			at = walk_next(walk);
			param.value = slice_make(value, (size_t)(at - value));
			if (at == value)
				return false;
		}
		if (!via_param_note(out, &param))
			return false;
	}
	return true;
}

/*
 * The parameter of that name, which begins with ';' and ends with '=', if it is the next one: past
 * it; at, if it is not, and NULL without a value.
 */
SIP_WIDE_STEP const char *named_take(struct walk *walk, const char *at, const char *name,
				     size_t chars, struct slice *out)
{
	const char *value = at + chars, *past;

	if (walk->end - at <= (ptrdiff_t)chars || memcmp(at, name, chars) != 0)
		return at;
	(void)walk_next(walk); /* the '=' */
	past = walk_next(walk);
	*out = slice_make(value, (size_t)(past - value));
	return past == value ? NULL : past;
}

#define NAMED_TAKE(walk, at, name, out) named_take(walk, at, name, sizeof(name) - 1, out)

#define RPORT	    ";rport"
#define RPORT_CHARS (sizeof(RPORT) - 1)

/* The last parameter, if it is an rport without a value. */
SIP_WIDE_STEP bool rport_take(const char *at, const char *end, struct sip_via *out)
{
	if (end - at != (ptrdiff_t)RPORT_CHARS || sip_four(at) != sip_four(RPORT) ||
	    sip_four(end - 4) != sip_four(&RPORT[RPORT_CHARS - 4]))
		return false;
	out->has_rport = true;
	out->rport = slice_make(end, 0);
	out->rport_text = slice_make(at + 1, RPORT_CHARS - 1);
	return true;
}

#define VIA_START	"SIP/2.0/UDP "
#define VIA_START_CHARS (sizeof(VIA_START) - 1)
#define USUAL_PORT	5060

/* Nothing, or ':' and a port: past it, the odd character there taken; NULL: not so plain. */
SIP_WIDE_STEP const char *port_take(struct walk *walk, uint16_t *port)
{
	const char *begin = walk->window, *at = walk_next(walk), *past;
	uint32_t value;

	*port = 0;
	if (at != begin)
		return NULL;
	if (*at != ':')
		return at;
	past = walk_next(walk);
	if (past - at == 5 && sip_four(at + 1) == sip_four("5060")) {
		*port = USUAL_PORT;
		return past;
	}
	if ((size_t)(past - at - 2) >= 8 || !sip_digits(past, (size_t)(past - at - 1), &value) ||
	    value - 1 >= UINT16_MAX)
		return NULL;
	*port = (uint16_t)value;
	return past;
}

/* What a Via says before its parameters, which begin at at, and that there are none of them. */
SIP_WIDE_STEP void via_begin(struct slice text, const char *at, const struct sip_known_host *known,
			     struct sip_via *out)
{
	const char *host = text.at + VIA_START_CHARS;

	out->text = text;
	out->protocol = slice_make(text.at, 7);
	out->transport = slice_make(text.at + 8, 3);
	out->sent_by = slice_make(host, (size_t)(at - host));
	out->host = slice_make(host, known->text.len);
	out->address = *known->address;
	out->address.port = 0;
	empty_put(text.at, &out->branch);
	empty_put(text.at, &out->received);
	empty_put(text.at, &out->rport);
	empty_put(text.at, &out->rport_text);
	empty_put(text.at, &out->sk);
	out->has_rport = false;
}

/* After VIA_START the known host, perhaps a port, parameters. */
SIP_VECTOR_WIDE bool sip_plain_via_wide(struct slice text, const struct sip_known_host *known,
					struct sip_via *out)
{
	size_t host = known->text.len, start = VIA_START_CHARS + host;
	struct walk walk = {.window = text.at + start, .end = text.at + text.len};
	const char *at;

	if (host == 0 || host > WINDOW_BYTES || text.len <= start ||
	    sip_eight(text.at) != sip_eight(VIA_START) ||
	    sip_four(text.at + 8) != sip_four(&VIA_START[8]) ||
	    !is_same(text.at + VIA_START_CHARS, known->text.at, host))
		return false;
	walk.odd = window_read(walk.window, text.len - start).odd;
	at = port_take(&walk, &out->port);
	if (at == NULL)
		return false;
	via_begin(text, at, known, out);
	at = NAMED_TAKE(&walk, at, ";branch=", &out->branch);
	if (at != NULL)
		at = NAMED_TAKE(&walk, at, ";sk=", &out->sk);
	return at != NULL && (rport_take(at, walk.end, out) || via_params_take(&walk, at, out));
}

#else

bool sip_plain_via_wide(struct slice text, const struct sip_known_host *known, struct sip_via *out)
{
	(void)text, (void)known, (void)out;
	return false;
}

#endif
