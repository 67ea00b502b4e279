/* Entries of a header that is a list: over its lines, and between the commas of each. */
#ifndef SEKISHO_SHARED_SIP_ENTRIES_H
#define SEKISHO_SHARED_SIP_ENTRIES_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/sip/message.h"

struct sip_entry {
	struct slice text; /* without space at its ends; empty between two commas */
	uint16_t line;	   /* index into lines */
	uint16_t start;	   /* offset of the entry's first byte */
	uint16_t end;	   /* past its last */
	uint16_t next;	   /* of the line's next entry; past the line's value if is_last */
	bool is_first;	   /* in its line */
	bool is_last;
};

/* A place among the entries. */
struct sip_entries {
	const struct sip_message *message;
	enum sip_header header;
	unsigned line;
	uint16_t at; /* 0: at the start of line */
};

/* Before the first entry of a header (Via, Route, Record-Route, Route-Security, Contact ...). */
struct sip_entries sip_entries_begin(const struct sip_message *message, enum sip_header header);

/* The next entry; false if there is none. Commas in quotes or angle brackets do not count. */
bool sip_entries_next(struct sip_entries *entries, struct sip_entry *out);

/* How many entries there are. */
unsigned sip_entries_count(const struct sip_message *message, enum sip_header header);

#endif
