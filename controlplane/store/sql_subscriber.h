/* What adding and changing a subscriber have in common. */
#ifndef SEKISHO_CONTROLPLANE_STORE_SQL_SUBSCRIBER_H
#define SEKISHO_CONTROLPLANE_STORE_SQL_SUBSCRIBER_H

#include "controlplane/store/sql.h"

/* What no digest is: he has none. */
extern const uint8_t sql_subscriber_no_digest[STORE_DIGEST_BYTES];

/* A verifier as parameters 2 to 5. */
void sql_subscriber_bind(struct sql_statement *statement, const struct scram_verifier *verifier);

/* Others of the data base learn that he is another now. */
SEKISHO_MUST_USE enum result sql_subscriber_note(struct store *store, const char *id);

/* Fills in the identities of subscriber->id. */
SEKISHO_MUST_USE enum result sql_subscriber_identities(struct store *store,
						       struct store_subscriber *subscriber);

#endif
