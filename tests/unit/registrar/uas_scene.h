/* A whole gateway but for its data plane, which is the test; and a terminal. */
#ifndef SEKISHO_TESTS_UNIT_REGISTRAR_UAS_SCENE_H
#define SEKISHO_TESTS_UNIT_REGISTRAR_UAS_SCENE_H

#include "controlplane/registrar/uas.h"

#include "shared/keyexchange/initiator.h"
#include "tests/unit/shared/sip_check.h"

#define A	 "user-a@abc.com"
#define SENT_MAX 32

#define UAS_PASSWORD SLICE("correct horse")

struct sent {
	uint16_t id;
	size_t sip_len;
	union {
		struct contract_sa sa;
		struct contract_sa_ref sa_ref;
		struct contract_sip_send sip;
		struct contract_sip_enter enter;
		struct contract_binding binding;
	} m;
	char text[4096]; /* of a SIP_SEND or SIP_ENTER */
};

struct scene {
	struct sa_allocator *allocator;
	struct exchange *exchange;
	struct registrar *registrar;
	struct digest *digest;
	struct uas *uas;
	struct initiator *terminal;
	struct subscriber_credential alice;
	struct sent sent[SENT_MAX];
	unsigned sent_count;
	enum exchange_verdict verdict;
	bool is_silent;	       /* the data plane says nothing of an SA yet */
	enum result sa_result; /* else what it says, at once */
	const char *unproved;  /* why the last digest proved nothing; NULL: none did */
	char proved[256]; /* whose exchange is established */
	char reason[256];
	const char *refused; /* why another message was; NULL: none was */
	unsigned refused_status;
	uint64_t now_ms;
};

static const struct contract_address terminal_address = {
	.family = 6, .port = 5060, .bytes = {0x20, 0x01, 0x12, 0x34, [15] = 0x10}};
static const struct contract_address gateway_address = {
	.family = 6, .port = 5060, .bytes = {0x20, 0x01, 0x67, 0x89, [14] = 0x50, [15] = 0x60}};

int uas_scene_set_up(void **state);
int uas_scene_tear_down(void **state);

/* Hands a datagram up, in the clear (index 0) or through an SA. */
void hand_up(struct scene *s, struct slice text, uint32_t index, uint8_t generation);
/* The only SIP that went down; the test fails if there was none or more. */
const struct sent *answer(const struct scene *s);
unsigned status_of(const struct sent *sent);
/* What the terminal makes of that. */
enum initiator_event give_terminal(struct scene *s);
/* Messages 1 to 4, in the clear or through the SA at index; gives the new SA's slot. */
struct contract_sa attach(struct scene *s, uint32_t index, uint8_t generation);
/* A request of the terminal's to the gateway itself. */
struct slice request(const char *method, const char *lines);

#define SCENE(test) cmocka_unit_test_setup_teardown(test, uas_scene_set_up, uas_scene_tear_down)

#endif
