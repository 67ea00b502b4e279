/* Values as every answer to an operator has them. */
#ifndef SEKISHO_CONTROLPLANE_CTL_SHOW_VALUES_H
#define SEKISHO_CONTROLPLANE_CTL_SHOW_VALUES_H

#include <jansson.h>

#include "shared/contract/contract.h"
#include "shared/slice.h"

/* "192.0.2.1:5060"; null for none. */
json_t *show_address(const struct contract_address *address);
/* "192.0.2.1", "2001:db8::1"; null for none. */
json_t *show_host(const struct contract_address *address);
/* null for what is no UTF-8. */
json_t *show_text(struct slice text);

#endif
