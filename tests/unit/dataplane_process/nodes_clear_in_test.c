#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "controlplane/policy/expressions.h"
#include "dataplane/drop_reason.h"
#include "dataplane/nodes/classify.h"
#include "dataplane/nodes/clear_in.h"
#include "dataplane/tables/policy_table.h"
#include "dataplane/tables/settings.h"
#include "tests/unit/dataplane_process/plane_kit.h"

#define REGISTER "REGISTER sip:abc.com SIP/2.0\r\n"
#define INVITE	 "INVITE sip:user-b@xyz.com SIP/2.0\r\n"

struct verdict {
	enum clear_in_edge edge;
	uint16_t reason;
};

static struct packet *packet_make(struct plane_kit *kit, const char *from, const char *sip,
				  enum plane_flaw flaw)
{
	bool is_ipv6 = strchr(from, ':') != NULL;
	struct contract_address source = plane_address(from, 5060);
	struct contract_address destination =
		plane_address(is_ipv6 ? "2001:db8::60" : "192.0.2.60", 5060);
	uint8_t frame[2048];
	struct packet *packet;

	packet = plane_packet(kit->workers[0], frame,
			      plane_udp(frame, &source, &destination, sip, strlen(sip), flaw));
	assert_int_equal(classify_step(kit->workers[0], packet), CLASSIFY_CLEAR_IN);
	return packet;
}

static struct verdict step(struct plane_kit *kit, const char *from, const char *sip,
			   enum plane_flaw flaw)
{
	struct packet *packet = packet_make(kit, from, sip, flaw);
	struct verdict verdict = {.edge = clear_in_step(kit->workers[0], packet)};

	verdict.reason = packet->drop_reason;
	plane_packet_end(kit->workers[0], packet);
	return verdict;
}

static void a_register_goes_to_the_control_plane_as_exactly_its_bytes(void **state)
{
	struct plane_kit *kit = *state;
	static const char *const sources[] = {"192.0.2.10", "2001:db8::10"};

	atomic_store(&kit->has_controlplane, true);
	for (size_t i = 0; i < 2; i++) {
		struct packet *packet = packet_make(kit, sources[i], REGISTER, FLAW_NONE);
		struct contract_address source = plane_address(sources[i], 5060);

		assert_int_equal(clear_in_step(kit->workers[0], packet), CLEAR_IN_TO_CONTROL);
		assert_int_equal(packet->mbuf->data_len, strlen(REGISTER));
		assert_memory_equal(rte_pktmbuf_mtod(packet->mbuf, char *), REGISTER,
				    strlen(REGISTER));
		assert_int_equal(packet->origin, CONTRACT_ORIGIN_CLEAR);
		assert_int_equal(packet->sa_handle, 0);
		assert_memory_equal(&packet->source, &source, sizeof(source));
		plane_packet_end(kit->workers[0], packet);
	}
}

static void wrong_lengths_and_checksums_are_dropped(void **state)
{
	struct verdict verdict = step(*state, "2001:db8:0:2::1", REGISTER, FLAW_CHECKSUM);

	assert_int_equal(verdict.edge, CLEAR_IN_DROP);
	assert_int_equal(verdict.reason, DROP_udp_header);
	verdict = step(*state, "2001:db8:0:2::1", REGISTER, FLAW_UDP_LENGTH);
	assert_int_equal(verdict.reason, DROP_udp_header);
}

static void line_ends_alone_keep_a_nat_open_and_nothing_else(void **state)
{
	assert_int_equal(step(*state, "192.0.2.11", "\r\n\r\n", FLAW_NONE).reason, DROP_keepalive);
	assert_int_equal(step(*state, "192.0.2.11", "", FLAW_NONE).reason, DROP_keepalive);
}

static void insecure_access_put(struct plane_kit *kit, uint8_t access)
{
	struct contract_settings settings = {.route_security = CONTRACT_RS_REQUIRE,
					     .insecure_access = access};

	assert_int_equal(settings_table_put(kit->tables->settings, &settings), RESULT_OK);
}

static void other_sip_passes_only_where_insecure_access_lets_it(void **state)
{
	struct plane_kit *kit = *state;

	assert_int_equal(step(kit, "192.0.2.12", INVITE, FLAW_NONE).reason,
			 DROP_clear_not_admitted);
	assert_int_equal(step(kit, "192.0.2.12", "REGISTERED x", FLAW_NONE).reason,
			 DROP_clear_not_admitted);
	assert_int_equal(step(kit, "192.0.2.12", "SIP/2.0 200 OK\r\n\r\n", FLAW_NONE).reason,
			 DROP_clear_response);
	insecure_access_put(kit, CONTRACT_INSECURE_AUTHENTICATED);
	assert_int_equal(step(kit, "192.0.2.12", INVITE, FLAW_NONE).edge, CLEAR_IN_SIP_PARSE);
	insecure_access_put(kit, CONTRACT_INSECURE_OFF);
	assert_int_equal(step(kit, "192.0.2.12", INVITE, FLAW_NONE).edge, CLEAR_IN_DROP);
}

/* Each of them costs the control plane a digest; their responses cost nobody anything. */
static void requests_that_are_to_be_proved_come_at_their_sources_rate(void **state)
{
	struct plane_kit *kit = *state;
	unsigned passed = 0;

	insecure_access_put(kit, CONTRACT_INSECURE_AUTHENTICATED);
	for (unsigned i = 0; i < 30; i++) {
		struct verdict verdict = step(kit, "192.0.2.77", INVITE, FLAW_NONE);

		passed += verdict.edge == CLEAR_IN_SIP_PARSE;
		if (verdict.edge == CLEAR_IN_DROP)
			assert_int_equal(verdict.reason, DROP_clear_rate);
	}
	assert_int_equal(passed, 20); /* twice the second's rate at once */
	assert_int_equal(step(kit, "192.0.2.77", "SIP/2.0 200 OK\r\n\r\n", FLAW_NONE).edge,
			 CLEAR_IN_SIP_PARSE);
	insecure_access_put(kit, CONTRACT_INSECURE_OFF);
}

static void while_the_control_plane_is_away_long_ones_go_to_be_answered(void **state)
{
	struct plane_kit *kit = *state;
	char sip[LIMIT_KEYEXCHANGE_FIRST_BYTES + 1];
	struct verdict verdict;

	atomic_store(&kit->has_controlplane, false);
	memset(sip, 'x', sizeof(sip));
	memcpy(sip, REGISTER, strlen(REGISTER));
	sip[sizeof(sip) - 1] = 0;
	assert_int_equal(step(kit, "192.0.2.15", sip, FLAW_NONE).edge, CLEAR_IN_SIP_PARSE);
	sip[sizeof(sip) - 2] = 0;
	verdict = step(kit, "192.0.2.15", sip, FLAW_NONE);
	assert_int_equal(verdict.edge, CLEAR_IN_DROP);
	assert_int_equal(verdict.reason, DROP_control_away);
	atomic_store(&kit->has_controlplane, true);
}

static void a_source_has_its_rate_and_no_other_suffers(void **state)
{
	struct plane_kit *kit = *state;
	unsigned passed = 0;

	for (unsigned i = 0; i < 100; i++)
		passed += step(kit, "192.0.2.13", REGISTER, FLAW_NONE).edge == CLEAR_IN_TO_CONTROL;
	assert_int_equal(passed, 20);
	assert_int_equal(step(kit, "192.0.2.13", REGISTER, FLAW_NONE).reason, DROP_clear_rate);
	assert_int_equal(step(kit, "192.0.2.14", REGISTER, FLAW_NONE).edge, CLEAR_IN_TO_CONTROL);
}

/* A policy of no rules with a screen of two signatures. */
static void screen_put(struct plane_kit *kit)
{
	struct expressions signatures = {.is_caseless = true};
	char *set = NULL, *bytes, reason[160];
	uint32_t place;
	size_t length;
	struct policy_blob head = {.magic = POLICY_BLOB_MAGIC, .strings_at = sizeof(head)};

	assert_int_equal(expressions_add(&signatures, "friendly-scanner", 0), RESULT_OK);
	assert_int_equal(expressions_add(&signatures, "sip(?:vicious|cli)", 1), RESULT_OK);
	assert_int_equal(expressions_compile(&signatures, &set, &length, &place, reason,
					     sizeof(reason)),
			 RESULT_OK);
	head.screen_length = length;
	bytes = malloc(sizeof(head) + length);
	memcpy(bytes, &head, sizeof(head));
	memcpy(bytes + sizeof(head), set, length);
	assert_int_equal(policy_table_put(kit->tables->policies, bytes, sizeof(head) + length, 0),
			 RESULT_OK);
	expressions_free(&signatures);
	free(bytes);
	free(set);
}

static void scanners_are_dropped_by_their_signature(void **state)
{
	static const struct {
		const char *sip;
		bool is_scanner;
	} row[] = {
		{REGISTER "User-Agent: friendly-scanner\r\n", true},
		{REGISTER "User-Agent: Friendly-SCANNER\r\n", true},
		{INVITE "user-agent: sipcli/v1.8\r\n", true},
		{INVITE "X: SipVicious\r\n", true},
		{REGISTER "User-Agent: friendly scanner\r\n", false},
		{INVITE "User-Agent: baresip\r\n", false},
	};
	struct plane_kit *kit = *state;

	atomic_store(&kit->has_controlplane, true);
	screen_put(kit);
	insecure_access_put(kit, CONTRACT_INSECURE_ANY);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct verdict verdict;
		char from[32];

		snprintf(from, sizeof(from), "2001:db8:77:%zx::1", i);
		verdict = step(kit, from, row[i].sip, FLAW_NONE);
		assert_int_equal(verdict.edge == CLEAR_IN_DROP, row[i].is_scanner);
		if (row[i].is_scanner)
			assert_int_equal(verdict.reason, DROP_clear_screened);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_register_goes_to_the_control_plane_as_exactly_its_bytes),
		cmocka_unit_test(wrong_lengths_and_checksums_are_dropped),
		cmocka_unit_test(line_ends_alone_keep_a_nat_open_and_nothing_else),
		cmocka_unit_test(other_sip_passes_only_where_insecure_access_lets_it),
		cmocka_unit_test(requests_that_are_to_be_proved_come_at_their_sources_rate),
		cmocka_unit_test(while_the_control_plane_is_away_long_ones_go_to_be_answered),
		cmocka_unit_test(a_source_has_its_rate_and_no_other_suffers),
		cmocka_unit_test(scanners_are_dropped_by_their_signature),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
