#include "shared/sip/chars.h"

#define TOK SIP_CHAR_TOKEN
#define UNR                                                                                        \
	(SIP_CHAR_UNRESERVED | SIP_CHAR_USER | SIP_CHAR_PASSWORD | SIP_CHAR_URI_PARAM |            \
	 SIP_CHAR_URI_HEADER | SIP_CHAR_URI)
#define USR   SIP_CHAR_USER
#define PWD   SIP_CHAR_PASSWORD
#define PAR   SIP_CHAR_URI_PARAM
#define HNV   SIP_CHAR_URI_HEADER
#define URIC  SIP_CHAR_URI
#define HOST  SIP_CHAR_HOST
#define VAL   SIP_CHAR_VALUE
#define TEL   SIP_CHAR_PHONE
#define ALPHA (TOK | UNR | HOST | VAL)
#define LOWER SIP_CHAR_HOST_PLAIN

const uint16_t sip_chars[256] = {
	[' '] = SIP_CHAR_LWS,
	['\t'] = SIP_CHAR_LWS,
	['\r'] = SIP_CHAR_LWS,
	['\n'] = SIP_CHAR_LWS,
	['0' ... '9'] = ALPHA | LOWER | SIP_CHAR_DIGIT | SIP_CHAR_HEX | TEL,
	['A' ... 'F'] = ALPHA | SIP_CHAR_HEX | TEL,
	['G' ... 'Z'] = ALPHA,
	['a' ... 'f'] = ALPHA | LOWER | SIP_CHAR_HEX | TEL,
	['g' ... 'z'] = ALPHA | LOWER,
	['-'] = TOK | UNR | HOST | VAL | TEL | LOWER,
	['.'] = TOK | UNR | HOST | VAL | TEL | LOWER,
	['_'] = TOK | UNR | HOST | VAL,
	['!'] = TOK | UNR | VAL,
	['~'] = TOK | UNR | VAL,
	['*'] = TOK | UNR | VAL | TEL,
	['\''] = TOK | UNR | VAL,
	['('] = UNR | VAL | TEL,
	[')'] = UNR | VAL | TEL,
	['%'] = TOK | VAL,
	['+'] = TOK | USR | PWD | PAR | HNV | URIC | VAL,
	['`'] = TOK | VAL,
	['&'] = USR | PWD | PAR | URIC | VAL,
	['='] = USR | PWD | URIC | VAL,
	['$'] = USR | PWD | PAR | HNV | URIC | VAL,
	[','] = USR | PWD | URIC,
	[';'] = USR | URIC,
	['?'] = USR | HNV | URIC | VAL,
	['/'] = USR | PAR | HNV | URIC | VAL,
	['#'] = USR | VAL | TEL,
	['['] = PAR | HNV | VAL,
	[']'] = PAR | HNV | VAL,
	[':'] = PAR | HNV | URIC | VAL,
	['@'] = URIC | VAL,
	['^'] = VAL,
	['{'] = VAL,
	['|'] = VAL,
	['}'] = VAL,
	[0x80 ... 0xff] = VAL,
};

const char *sip_quoted_skip(const char *at, const char *end)
{
	for (at++; at < end; at++) {
		if (*at == '"')
			return at + 1;
		if (*at == '\\' && at + 1 < end)
			at++;
	}
	return NULL;
}
