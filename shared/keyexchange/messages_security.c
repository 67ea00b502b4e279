/* Security-Client and Security-Server. */
#include "shared/keyexchange/messages.h"

#include <string.h>

#include "shared/base64url.h"
#include "shared/sip/chars.h"
#include "shared/sip/params.h"

/* Parameters by bit, so that none is missing and none stands twice. */
enum {
	HAS_SUITES = 1 << 0,
	HAS_SUITE = 1 << 1,
	HAS_SHARE = 1 << 2,
	HAS_NONCE = 1 << 3,
	HAS_ADDRESS = 1 << 4,
	HAS_ENCAP = 1 << 5,
	HAS_CERTIFICATE = 1 << 6,
	HAS_PROOF = 1 << 7,
};

static bool decode_exactly(struct slice text, uint8_t *out, size_t len)
{
	size_t got;

	return text.len == BASE64URL_CHARS(len) &&
	       base64url_decode(text, out, len, &got) == RESULT_OK && got == len;
}

/* "text" without its quotes; a backslash has no business in what we quote. */
static bool unquote(struct slice value, struct slice *out)
{
	if (value.len < 2 || value.at[0] != '"' || value.at[value.len - 1] != '"' ||
	    memchr(value.at, '\\', value.len))
		return false;
	*out = slice_make(value.at + 1, value.len - 2);
	return true;
}

static bool parse_address(struct slice value, struct sip_address *out)
{
	struct slice text;

	return unquote(value, &text) && sip_address_parse_port(text, out) == RESULT_OK &&
	       out->port != 0;
}

/* Past the mechanism's name, to its parameters. */
static bool skip_mechanism(struct slice value, struct sip_params *out)
{
	const struct slice name = SLICE(KEYEXCHANGE_MECHANISM);

	if (value.len <= name.len || !slice_is_equal_nocase(slice_make(value.at, name.len), name) ||
	    (value.at[name.len] != ';' && !sip_char_is(value.at[name.len], SIP_CHAR_LWS)))
		return false;
	*out = sip_params_begin(slice_make(value.at + name.len, value.len - name.len));
	return true;
}

/* Which of the names it is; 0 if none. */
static unsigned name_bit(struct slice name)
{
	static const struct {
		struct slice name;
		unsigned bit;
	} names[] = {
		{{"suites", 6}, HAS_SUITES},
		{{"suite", 5}, HAS_SUITE},
		{{"share", 5}, HAS_SHARE},
		{{"nonce", 5}, HAS_NONCE},
		{{"address", 7}, HAS_ADDRESS},
		{{"encap", 5}, HAS_ENCAP},
		{{"certificate", 11}, HAS_CERTIFICATE},
		{{"gateway-proof", 13}, HAS_PROOF},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_is_equal_nocase(names[i].name, name))
			return names[i].bit;
	return 0;
}

static void write_binary(struct writer *w, struct slice name, const uint8_t *at, size_t len)
{
	writer_slice(w, name);
	base64url_encode(w, at, len);
}

static void write_address(struct writer *w, const struct sip_address *address)
{
	WRITER_LITERAL(w, ";address=\"");
	sip_address_write(address, w);
	writer_char(w, '"');
}

void security_client_write(struct writer *w, const struct security_client *client)
{
	WRITER_LITERAL(w, KEYEXCHANGE_MECHANISM ";suites=\"");
	for (size_t i = 0; i < client->suites.count; i++) {
		const struct suite_properties *suite = suite_find(client->suites.suite[i]);

		if (i > 0)
			writer_char(w, ',');
		writer_slice(w, suite->name);
	}
	writer_char(w, '"');
	write_binary(w, SLICE(";share="), client->share, X25519_SHARE_BYTES);
	write_binary(w, SLICE(";nonce="), client->nonce, SCHEDULE_NONCE_BYTES);
	write_address(w, &client->address);
	if (client->wants_encap)
		WRITER_LITERAL(w, ";encap");
	if (client->is_by_certificate)
		WRITER_LITERAL(w, ";certificate");
	if (client->knows_gateway)
		write_binary(w, SLICE(";gateway-proof="), client->gateway, KDF_HASH_BYTES);
	else if (client->wants_proof)
		WRITER_LITERAL(w, ";gateway-proof");
}

static bool parse_client_param(const struct sip_param *param, unsigned bit,
			       struct security_client *out)
{
	struct slice text;

	switch (bit) {
	case HAS_SUITES:
		return unquote(param->value, &text) &&
		       suite_list_parse(text, &out->suites) == RESULT_OK;
	case HAS_SHARE:
		return decode_exactly(param->value, out->share, X25519_SHARE_BYTES);
	case HAS_NONCE:
		return decode_exactly(param->value, out->nonce, SCHEDULE_NONCE_BYTES);
	case HAS_ADDRESS:
		return parse_address(param->value, &out->address);
	case HAS_ENCAP:
		out->wants_encap = true;
		return param->value.len == 0;
	case HAS_CERTIFICATE:
		out->is_by_certificate = true;
		return param->value.len == 0;
	case HAS_PROOF:
		out->wants_proof = true;
		out->knows_gateway = param->value.len > 0;
		return !out->knows_gateway ||
		       decode_exactly(param->value, out->gateway, KDF_HASH_BYTES);
	default:
		return false;
	}
}

static const char *client_param_fault(unsigned bit)
{
	switch (bit) {
	case HAS_SUITES:
		return "Security-Client: its suites are no list in quotes";
	case HAS_SHARE:
		return "Security-Client: its share is not 32 bytes in base64url";
	case HAS_NONCE:
		return "Security-Client: its nonce is not 32 bytes in base64url";
	case HAS_ADDRESS:
		return "Security-Client: its address is no IP address and port in quotes";
	case HAS_ENCAP:
	case HAS_CERTIFICATE:
		return "Security-Client: a value where none may stand";
	case HAS_PROOF:
		return "Security-Client: its gateway-proof is not 32 bytes in base64url";
	default:
		return "Security-Client: a parameter that has no meaning in message 1";
	}
}

/* What is wrong with the parameters; NULL: nothing. */
static const char *parse_client_params(struct sip_params *params, struct security_client *out)
{
	const unsigned needed = HAS_SUITES | HAS_SHARE | HAS_NONCE | HAS_ADDRESS;
	unsigned seen = 0;
	struct sip_param param;
	enum result next;

	while ((next = sip_params_next(params, &param)) == RESULT_OK) {
		unsigned bit = name_bit(param.name);

		if (seen & bit)
			return "Security-Client: a parameter stands twice";
		if (!parse_client_param(&param, bit, out))
			return client_param_fault(bit);
		seen |= bit;
	}
	if (next != RESULT_NOT_FOUND)
		return "Security-Client: what is no list of parameters";
	if ((seen & needed) != needed)
		return "Security-Client: suites, share, nonce or address is missing";
	/* a terminal never says who it is to a gateway that has not proved itself */
	return out->is_by_certificate && !out->wants_proof
		       ? "Security-Client: certificate without gateway-proof"
		       : NULL;
}

enum result security_client_parse(struct slice value, struct security_client *out,
				  const char **fault)
{
	struct sip_params params;

	memset(out, 0, sizeof(*out));
	*fault = skip_mechanism(value, &params) ? parse_client_params(&params, out)
						: "Security-Client: another mechanism than ours";
	return *fault ? RESULT_BAD : RESULT_OK;
}

void security_server_write(struct writer *w, const struct security_server *server)
{
	WRITER_LITERAL(w, KEYEXCHANGE_MECHANISM ";suite=");
	writer_slice(w, suite_find(server->suite)->name);
	write_binary(w, SLICE(";share="), server->share, X25519_SHARE_BYTES);
	write_binary(w, SLICE(";nonce="), server->nonce, SCHEDULE_NONCE_BYTES);
	write_address(w, &server->address);
}

static bool parse_server_param(const struct sip_param *param, unsigned bit,
			       struct security_server *out)
{
	const struct suite_properties *suite;

	switch (bit) {
	case HAS_SUITE:
		suite = suite_find_name(param->value);
		if (suite)
			out->suite = suite->suite;
		return suite != NULL;
	case HAS_SHARE:
		return decode_exactly(param->value, out->share, X25519_SHARE_BYTES);
	case HAS_NONCE:
		return decode_exactly(param->value, out->nonce, SCHEDULE_NONCE_BYTES);
	case HAS_ADDRESS:
		return parse_address(param->value, &out->address);
	default:
		return true;
	}
}

/* The parameters of a Security-Server: which were there, or 0 where the grammar breaks. */
static unsigned parse_server(struct slice value, struct security_server *out)
{
	unsigned seen = 0;
	struct sip_params params;
	struct sip_param param;
	enum result next;

	memset(out, 0, sizeof(*out));
	if (!skip_mechanism(value, &params))
		return 0;
	while ((next = sip_params_next(&params, &param)) == RESULT_OK) {
		unsigned bit = name_bit(param.name);

		if ((seen & bit) || !parse_server_param(&param, bit, out))
			return 0;
		seen |= bit;
	}
	return next == RESULT_NOT_FOUND ? seen : 0;
}

enum result security_server_parse(struct slice value, struct security_server *out)
{
	const unsigned needed = HAS_SUITE | HAS_SHARE | HAS_NONCE | HAS_ADDRESS;

	return (parse_server(value, out) & needed) == needed ? RESULT_OK : RESULT_BAD;
}

void security_signature_write(struct writer *w,
			      const uint8_t signature[CERTIFICATE_SIGNATURE_BYTES])
{
	base64url_encode(w, signature, CERTIFICATE_SIGNATURE_BYTES);
}

enum result security_signature_parse(struct slice value,
				     uint8_t signature[CERTIFICATE_SIGNATURE_BYTES])
{
	return decode_exactly(value, signature, CERTIFICATE_SIGNATURE_BYTES) ? RESULT_OK
									     : RESULT_BAD;
}

void security_nonce_write(struct writer *w, const uint8_t n4[SCHEDULE_NONCE_BYTES])
{
	write_binary(w, SLICE(KEYEXCHANGE_MECHANISM ";nonce="), n4, SCHEDULE_NONCE_BYTES);
}

enum result security_nonce_parse(struct slice value, uint8_t n4[SCHEDULE_NONCE_BYTES])
{
	struct security_server server;

	if (!(parse_server(value, &server) & HAS_NONCE))
		return RESULT_BAD;
	memcpy(n4, server.nonce, SCHEDULE_NONCE_BYTES);
	return RESULT_OK;
}
