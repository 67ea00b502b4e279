/*
 * The keys of live SAs, sealed in a file, one place for each index: so that a control plane that
 * was killed and came back can still refill a data plane that is killed later. What stands there
 * opens under the vault's key alone, is overwritten when its SA ends, and belongs on a file system
 * that does not outlive the machine's run (tmpfs).
 */
#ifndef SEKISHO_CONTROLPLANE_SECRETS_SA_KEYS_H
#define SEKISHO_CONTROLPLANE_SECRETS_SA_KEYS_H

#include <stdint.h>

#include "shared/contract/contract.h"
#include "shared/keyexchange/secret.h"
#include "shared/result.h"

struct sa_keys;

/* Opens or makes the file, mode 0600. RESULT_IO: errno says why; RESULT_DENIED: it is not ours. */
SEKISHO_MUST_USE enum result sa_keys_open(const char *path, const struct secret *vault,
					  struct sa_keys **sa_keys);
void sa_keys_close(struct sa_keys *sa_keys); /* the file stays */

/* Keep the keys of an SA; a write that fails is as if it was forgotten. RESULT_IO. */
SEKISHO_MUST_USE enum result sa_keys_put(struct sa_keys *sa_keys, const struct contract_sa *sa);

/*
 * Fill in the keys of an SA that is known by index, generation and spi_out. RESULT_NOT_FOUND: not
 * there, or another SA's; RESULT_DENIED: not sealed by us for it.
 */
SEKISHO_MUST_USE enum result sa_keys_get(struct sa_keys *sa_keys, struct contract_sa *sa);

/* An SA has ended: nothing is left of its keys. */
void sa_keys_forget(struct sa_keys *sa_keys, uint32_t index);

#endif
