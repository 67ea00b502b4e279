#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/dialog_sibling.h"

/*
 * Two gateways of abc.com: `kit` is the first (gateway 1, 2001:6789::5060), `other` the second
 * (gateway 2, 2001:6789::2). They have the same keys and know each other as sibling 3.
 */
#define OTHER "2001:6789::2"
#define OURS  "2001:6789::5060"

struct pair {
	struct gateway_kit *kit, *other;
	char route[2][256]; /* of the call, as each of them recorded it; empty: it was not asked */
};

static struct gateway_kit *second_create(void)
{
	static const struct kit_rule rules[] = {{POLICY_ALLOW, "*", "*", 0, 0}};
	struct gateway_kit *other = gateway_kit_create("abc.com", OTHER);
	struct contract_peer peer = gateway_kit_peer_make(1, "xyz.com", "2001:abcd::5060");

	other->set.gateway_id = 2;
	gateway_kit_settings(other);
	gateway_kit_peer(other, &peer);
	gateway_kit_policy(other, rules, 1);
	return other;
}

static void sibling_put(struct gateway_kit *kit, const char *address, bool is_lost)
{
	struct contract_peer sibling = gateway_kit_peer_make(3, "abc.com", address);

	sibling.is_sibling = 1;
	sibling.is_lost = is_lost;
	gateway_kit_peer(kit, &sibling);
}

static int pair_make(void **state)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	pair->kit = example_kit_create();
	pair->other = second_create();
	sibling_put(pair->kit, OTHER, false);
	sibling_put(pair->other, OURS, false);
	*state = pair;
	return 0;
}

static int pair_end(void **state)
{
	struct pair *pair = *state;

	gateway_kit_destroy(pair->kit);
	gateway_kit_destroy(pair->other);
	free(pair);
	return 0;
}

/* user-a or user-e, registered at the second gateway under an index that the first has for another;
 * the name is the one that the first knows. */
static void moves_to_other(const struct pair *pair, uint32_t index, uint32_t there,
			   const char *aor, const char *address)
{
	struct contract_binding moved = gateway_kit_binding_make(pair->other, there, aor, address);
	struct contract_identity identity = gateway_kit_identity_make(aor, 0);

	moved.name = binding_table_at(&pair->kit->bindings, index)->name;
	moved.generation = 9;
	assert_int_equal(binding_table_put(&pair->other->bindings, &moved), RESULT_OK);
	identity.binding_index = there;
	identity.binding_generation = 9;
	assert_int_equal(identity_table_put(&pair->other->identities, &identity), RESULT_OK);
}

static void route_take(const struct kit_result *invite, char *route, size_t room)
{
	char entry[200];

	result_between(invite, "Record-Route: ", "\r\n", entry, sizeof(entry));
	snprintf(route, room, "Route: %s\r\n", entry);
}

/* user-a, at the first gateway, calls user-b of xyz.com. */
static void call_out(struct pair *pair)
{
	struct kit_result invite;

	example_send(pair->kit, BY_TERMINAL_1, &(struct request_text){0}, &invite);
	expect_sent(&invite, LEG_PEER);
	route_take(&invite, pair->route[0], sizeof(pair->route[0]));
}

static struct request_text bye_of_a(const char *route)
{
	return (struct request_text){.method = "BYE",
				     .target = "sip:user-b@[2001:cdef::10]:5060",
				     .to = "<sip:user-b@xyz.com>",
				     .to_tag = "b",
				     .more = route,
				     .cseq = "2"};
}

static void bye_of_b_write(const char *route, struct text *text)
{
	request_write(&(struct request_text){.method = "BYE",
					     .target = "sip:user-a@[2001:1234::10]:5060",
					     .via = VIA_B,
					     .from = "<sip:user-b@xyz.com>",
					     .to = "<sip:user-a@abc.com>",
					     .to_tag = "a",
					     .route_security = ROUTE_SECURITY_B,
					     .more = route},
		      text);
	text_replace(text, "<sip:user-b@xyz.com>;tag=a", "<sip:user-b@xyz.com>;tag=b");
}

/* Through the SA of a terminal that has this index at a gateway. */
static void sent_by(struct gateway_kit *kit, uint32_t index, const struct request_text *request,
		    struct kit_result *result)
{
	struct ingress_sa from = gateway_kit_from_terminal(kit, index);
	struct text text;

	request_write(request, &text);
	gateway_kit_receive(kit, &from, text.bytes, text.length, result);
}

/* As its sibling sent it. */
static void sent_by_sibling(struct gateway_kit *kit, const struct kit_result *sent,
			    struct kit_result *result)
{
	struct ingress_sa from = gateway_kit_from_peer(kit, 3);

	gateway_kit_receive(kit, &from, sent->bytes, sent->length, result);
}

static void terminal_that_moved_ends_its_call_by_the_token_of_the_gateway_it_left(void **state)
{
	struct pair *pair = *state;
	struct request_text bye;
	struct kit_result result;

	call_out(pair);
	moves_to_other(pair, 1, 5, "user-a@abc.com", "2001:1234::10");
	sibling_put(pair->other, OURS, true);
	bye = bye_of_a(pair->route[0]);
	sent_by(pair->other, 5, &bye, &result);
	expect_sent(&result, LEG_PEER);
	assert_int_equal(result.egress.peer->index, 1);
	assert_false(result_has(&result, "\r\nRoute: "));
	assert_int_equal(event_next(pair->other), CONTRACT_EVENT_DIALOG_END);
}

static void call_from_outside_finds_a_terminal_that_moved(void **state)
{
	struct pair *pair = *state;
	struct kit_result result;
	struct text bye;

	call_out(pair);
	moves_to_other(pair, 1, 5, "user-a@abc.com", "2001:1234::10");
	sibling_put(pair->other, OURS, true);
	bye_of_b_write(pair->route[0], &bye);
	example_send_text(pair->other, BY_PEER, &bye, &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_int_equal(result.egress.binding->index, 5);
	assert_false(result_has(&result, "\r\nRoute: "));
	assert_true(result_has(&result, "BYE sip:user-a@[2001:1234::10]:5060 SIP/2.0\r\n"));
}

/* The peer takes the first for lost, the second does not: it is that one's to deliver. */
static void request_for_a_terminal_that_is_where_it_was_goes_on_to_that_gateway(void **state)
{
	struct pair *pair = *state;
	struct kit_result sent, result;
	struct text bye;

	call_out(pair);
	bye_of_b_write(pair->route[0], &bye);
	example_send_text(pair->other, BY_PEER, &bye, &sent);
	expect_sent(&sent, LEG_PEER);
	assert_int_equal(sent.egress.peer->index, 3);
	assert_true(result_has(&sent, pair->route[0]));
	sent_by_sibling(pair->kit, &sent, &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_int_equal(result.egress.binding->index, 1);
	assert_false(result_has(&result, "\r\nRoute: "));
	/* lost, and the terminal not here: the call cannot go on, and that is said at once */
	sibling_put(pair->other, OURS, true);
	example_send_text(pair->other, BY_PEER, &bye, &sent);
	assert_true(sent.status == 481 || sent.status == 503);
}

/* The first is back, and its terminal at the second: who is registered where says so. */
static void gateway_that_is_back_sends_on_to_where_its_terminal_is_now(void **state)
{
	struct pair *pair = *state;
	struct contract_identity there = gateway_kit_identity_make("user-a@abc.com", 0);
	struct kit_result sent, result;
	struct text bye;

	call_out(pair);
	moves_to_other(pair, 1, 5, "user-a@abc.com", "2001:1234::10");
	assert_int_equal(binding_table_delete(&pair->kit->bindings, 1, 1), RESULT_OK);
	there.sibling = 3;
	assert_int_equal(identity_table_put(&pair->kit->identities, &there), RESULT_OK);
	bye_of_b_write(pair->route[0], &bye);
	example_send_text(pair->kit, BY_PEER, &bye, &sent);
	expect_sent(&sent, LEG_PEER);
	assert_int_equal(sent.egress.peer->index, 3);
	assert_true(result_has(&sent, pair->route[0]));
	sent_by_sibling(pair->other, &sent, &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_int_equal(result.egress.binding->index, 5);
	/* what a sibling sent is never sent on to a sibling */
	assert_int_equal(binding_table_delete(&pair->other->bindings, 5, 9), RESULT_OK);
	sent_by_sibling(pair->other, &sent, &result);
	expect_status(&result, 481);
}

/* user-a of the first calls user-s of the second; both record. */
static void call_across(struct pair *pair)
{
	struct contract_identity there = gateway_kit_identity_make("user-s@abc.com", 0);
	struct ingress_sa from = gateway_kit_from_peer(pair->other, 3);
	struct kit_result first, second;

	there.sibling = 3;
	assert_int_equal(identity_table_put(&pair->kit->identities, &there), RESULT_OK);
	gateway_kit_terminal(pair->other, 7, "user-s@abc.com", "2001:1234::7");
	example_send(pair->kit, BY_TERMINAL_1,
		     &(struct request_text){.target = "sip:user-s@abc.com"}, &first);
	expect_sent(&first, LEG_PEER);
	route_take(&first, pair->route[0], sizeof(pair->route[0]));
	gateway_kit_receive(pair->other, &from, first.bytes, first.length, &second);
	expect_sent(&second, LEG_TERMINAL);
	route_take(&second, pair->route[1], sizeof(pair->route[1]));
}

/* The first is lost and user-a at the second, where the whole call is now. */
static void both_entries_of_a_call_are_served_by_the_gateway_that_is_left(void **state)
{
	struct pair *pair = *state;
	struct request_text bye;
	struct kit_result result;
	char routes[512];
	struct text text;

	call_across(pair);
	moves_to_other(pair, 1, 5, "user-a@abc.com", "2001:1234::10");
	sibling_put(pair->other, OURS, true);
	snprintf(routes, sizeof(routes), "%s%s", pair->route[0], pair->route[1]);
	bye = bye_of_a(routes);
	bye.target = "sip:user-s@[2001:1234::7]:5060";
	bye.to = "<sip:user-s@abc.com>";
	sent_by(pair->other, 5, &bye, &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_int_equal(result.egress.binding->index, 7);
	assert_false(result_has(&result, "\r\nRoute: "));
	/* and the other way, by the terminal that has stayed */
	snprintf(routes, sizeof(routes), "%s%s", pair->route[1], pair->route[0]);
	request_write(
		&(struct request_text){.method = "BYE",
				       .target = "sip:user-a@[2001:1234::10]:5060",
				       .via = "Via: SIP/2.0/UDP [2001:1234::7];branch=z9hG4bKs\r\n",
				       .from = "<sip:user-s@abc.com>",
				       .to = "<sip:user-a@abc.com>",
				       .to_tag = "a",
				       .route_security =
					       "Route-Security: [2001:1234::7];level=3\r\n",
				       .more = routes},
		&text);
	text_replace(&text, "<sip:user-s@abc.com>;tag=a", "<sip:user-s@abc.com>;tag=b");
	{
		struct ingress_sa from = gateway_kit_from_terminal(pair->other, 7);

		gateway_kit_receive(pair->other, &from, text.bytes, text.length, &result);
	}
	expect_sent(&result, LEG_TERMINAL);
	assert_int_equal(result.egress.binding->index, 5);
	assert_false(result_has(&result, "\r\nRoute: "));
}

static void who_did_not_move_gains_nothing_by_a_siblings_token(void **state)
{
	struct pair *pair = *state;
	struct request_text bye;
	struct kit_result result;
	char routes[600];

	call_out(pair);
	sibling_put(pair->other, OURS, true);
	gateway_kit_terminal(pair->other, 1, "user-a@abc.com", "2001:1234::10");
	/* the very index and name of AOR, but another terminal of the subscriber: another name */
	{
		struct contract_binding twin = gateway_kit_binding_make(
			pair->other, 1, "user-a@abc.com", "2001:1234::10");

		twin.name = binding_table_at(&pair->kit->bindings, 1)->name + 1;
		assert_int_equal(binding_table_put(&pair->other->bindings, &twin), RESULT_OK);
	}
	bye = bye_of_a(pair->route[0]);
	sent_by(pair->other, 1, &bye, &result);
	expect_status(&result, 403);
	/* the right one, with something changed */
	moves_to_other(pair, 1, 5, "user-a@abc.com", "2001:1234::10");
	bye.to_tag = "b";
	bye.to = "<sip:user-x@xyz.com>";
	sent_by(pair->other, 5, &bye, &result);
	expect_status(&result, 481);
	/* behind it an entry of nobody we know */
	bye = bye_of_a(routes);
	snprintf(routes, sizeof(routes), "%sRoute: <sip:t@[2001:db8::1];lr>\r\n", pair->route[0]);
	sent_by(pair->other, 5, &bye, &result);
	expect_status(&result, 403);
	/* of one that is no sibling any more it is no token at all */
	assert_int_equal(peer_table_delete(&pair->other->peers, 3), RESULT_OK);
	bye = bye_of_a(pair->route[0]);
	sent_by(pair->other, 5, &bye, &result);
	expect_status(&result, 400);
}

#define PAIR_TEST(name) cmocka_unit_test_setup_teardown(name, pair_make, pair_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR_TEST(terminal_that_moved_ends_its_call_by_the_token_of_the_gateway_it_left),
		PAIR_TEST(call_from_outside_finds_a_terminal_that_moved),
		PAIR_TEST(request_for_a_terminal_that_is_where_it_was_goes_on_to_that_gateway),
		PAIR_TEST(gateway_that_is_back_sends_on_to_where_its_terminal_is_now),
		PAIR_TEST(both_entries_of_a_call_are_served_by_the_gateway_that_is_left),
		PAIR_TEST(who_did_not_move_gains_nothing_by_a_siblings_token),
	};

	(void)kit_make, (void)kit_end;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
