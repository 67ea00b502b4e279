/*
 * The key file under which keys rest in the store: 32 bytes beside the configuration, mode 0600,
 * made when it is not there. Whoever has the data base alone has no keys.
 */
#ifndef SEKISHO_CONTROLPLANE_SECRETS_VAULT_H
#define SEKISHO_CONTROLPLANE_SECRETS_VAULT_H

#include <stdio.h>

#include "controlplane/store/store.h"
#include "shared/contract/contract.h"
#include "shared/keyexchange/secret.h"
#include "shared/result.h"

#define VAULT_FILE_NAME "store.key"

/*
 * Read folder/store.key, or make both. RESULT_DENIED: others may read the file; RESULT_BAD: it is
 * no key; RESULT_IO: errno says why. message has a sentence then.
 */
SEKISHO_MUST_USE enum result vault_open(const char *folder, struct secret *key, char *message,
					size_t size);

/* A key of the contract as it rests, and back. RESULT_DENIED: not sealed under this key. */
SEKISHO_MUST_USE enum result vault_seal(const struct secret *key, const struct contract_key *plain,
					struct store_key *sealed);
SEKISHO_MUST_USE enum result vault_unseal(const struct secret *key, const struct store_key *sealed,
					  struct contract_key *plain);

/*
 * A secret somebody made: 64 hexadecimal digits in a file that others may not read. Results and
 * message as of vault_open().
 */
SEKISHO_MUST_USE enum result vault_read_hex(const char *path, uint8_t out[32], char *message,
					    size_t size);

#endif
