#include "controlplane/registrar/registrar.h"

#include "tests/unit/shared/sip_check.h"
#include "tests/unit/registrar/registrar_scene.h"

#define A	      "user-a@abc.com"
#define CONTACT(rest) "Contact: <sip:me@[2001:1234::10]:5060>" rest "\r\n"
#define PHONE	      ";+sip.instance=\"<urn:uuid:1>\""

static struct scene *attached(void **state)
{
	struct scene *s = *state;
	struct exchange_sa sa = scene_sa(5, A, 10);

	scene_attach(s, &sa);
	scene_forget(s);
	return s;
}

static void a_name_and_its_address_are_bound_to_the_sa(void **state)
{
	struct scene *s = attached(state);
	const struct contract_binding *b;
	const struct contract_identity *i;
	uint32_t index;
	uint16_t generation;

	assert_int_equal(scene_request(s, 5, A, A, CONTACT(PHONE)), 200);
	assert_true(scene_reply_has(s, "Contact: <sip:me@[2001:1234::10]:5060>;expires=3600"
				       ";+sip.instance=\"<urn:uuid:1>\"\r\n"));
	assert_true(scene_reply_has(s, "To: <sip:user-a@abc.com>;tag=tag\r\n"));
	b = &scene_last(s, CONTRACT_BINDING_PUT)->binding;
	assert_int_equal(b->sa_index, 5);
	assert_int_equal(b->sa_generation, 1);
	assert_int_equal(b->level, 3);
	assert_int_equal(b->port, 3);
	assert_int_equal(b->address.port, 5060);
	assert_int_equal(b->identity_count, 1);
	assert_string_equal(b->identity[0], A);
	assert_string_equal(b->contact, "sip:me@[2001:1234::10]:5060");
	assert_string_equal(b->subscriber, A);
	assert_int_equal(b->expires_s, s->now_s + 3600);
	i = &scene_last(s, CONTRACT_IDENTITY_PUT)->identity;
	assert_string_equal(i->aor, A);
	assert_int_equal(i->binding_index, b->index);
	assert_int_equal(i->binding_generation, b->generation);
	assert_int_equal(i->group[0], 7);
	assert_int_equal(scene_last(s, CONTRACT_SA_PUT)->sa.owner_index, b->index);
	assert_int_equal(scene_last(s, CONTRACT_SA_PUT)->sa.owner_generation, b->generation);
	assert_true(registrar_primary(s->registrar, SLICE(A), &index, &generation));
	assert_int_equal(index, b->index);
}

/* The binding is there before the SA says that it is its owner, both before the name leads there.
 */
static void the_data_plane_is_told_in_order(void **state)
{
	struct scene *s = attached(state);

	assert_int_equal(scene_request(s, 5, A, A, CONTACT(PHONE)), 200);
	assert_int_equal(s->sent_count, 3);
	assert_int_equal(s->sent[0].header.id, CONTRACT_BINDING_PUT);
	assert_int_equal(s->sent[1].header.id, CONTRACT_SA_PUT);
	assert_int_equal(s->sent[2].header.id, CONTRACT_IDENTITY_PUT);
}

static void what_may_not_be_registered_changes_nothing(void **state)
{
	struct scene *s = attached(state);
	static const struct {
		const char *from, *to, *lines;
		unsigned status;
	} rows[] = {
		{A, "user-b@abc.com", CONTACT(""), 403},
		{"user-b@abc.com", A, CONTACT(""), 403},
		{"user-b@abc.com", "user-b@abc.com", CONTACT(""), 403},
		{"USER-A@abc.com", "USER-A@abc.com", CONTACT(""), 403},
		{A, A, "Contact: <sip:me@[2001:1234::11]:5060>\r\n", 403},
		{A, A, "Contact: <sip:me@[2001:1234::10]:5061>\r\n", 403},
		{A, A, "Contact: <sip:me@phone.abc.com>\r\n", 403},
		{A, A, "Contact: <sips:me@[2001:1234::10]:5060>\r\n", 403},
		{A, A, "Contact: <tel:+1234>\r\n", 403},
		{A, A, CONTACT("") "Contact: <sip:me@[2001:1234::11]:5060>\r\n", 403},
		{A, A, "Contact: <sip:me@[2001:1234::10]:5060\r\n", 400},
		{A, A, "Contact: \r\n", 400},
		{A, A, CONTACT(";q=2"), 400},
		{A, A, CONTACT(";q=0.1234"), 400},
		{A, A, CONTACT(";q=x"), 400},
		{A, A, CONTACT(";+sip.instance=x"), 400},
		{A, A, CONTACT(";+sip.instance=\"a\"") CONTACT(";+sip.instance=\"b\""), 400},
		{A, A, "Contact: *\r\n", 400},
		{A, A, "Contact: *\r\nExpires: 60\r\n", 400},
		{A, A, "Contact: *\r\nExpires: 0\r\n" CONTACT(""), 400},
		{A, A, CONTACT("") "Require: path\r\n", 420},
		{A, A, CONTACT(";expires=59"), 423},
		{A, A, CONTACT("") "Expires: 1\r\n", 423},
	};

	for (size_t n = 0; n < COUNT(rows); n++) {
		unsigned status = scene_request(s, 5, rows[n].from, rows[n].to, rows[n].lines);

		if (status != rows[n].status)
			fail_msg("%u, not %u, for From %s To %s %s", status, rows[n].status,
				 rows[n].from, rows[n].to, rows[n].lines);
		assert_row(rows[n].lines, s->sent_count == 0);
	}
	assert_int_equal(registrar_binding_count(s->registrar), 0);
}

/* More than the answer has room for: it is not named again, and no line is cut. */
static void extensions_without_end_are_refused_by_a_whole_answer(void **state)
{
	struct scene *s = attached(state);
	char lines[10000] = CONTACT("") "Require: path";

	for (size_t at = strlen(lines); at < sizeof(lines) - 8; at += 5)
		strcpy(lines + at, ",path");
	strcat(lines, "\r\n");
	assert_int_equal(scene_request(s, 5, A, A, lines), 420);
	assert_false(scene_reply_has(s, "Unsupported"));
	assert_true(scene_reply_has(s, "\r\nContent-Length: 0\r\n"));
	assert_int_equal(scene_request(s, 5, A, A, CONTACT("") "Require: path\r\n"), 420);
	assert_true(scene_reply_has(s, "\r\nUnsupported: path\r\n"));
}

static void other_spellings_of_the_same_name_are_the_name(void **state)
{
	struct scene *s = attached(state);

	assert_int_equal(scene_request(s, 5, "user%2da@ABC.com", A, CONTACT(PHONE)), 200);
	assert_string_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.identity[0], A);
}

static void nobody_registers_through_an_sa_that_is_gone_or_of_another_generation(void **state)
{
	struct scene *s = attached(state);

	assert_int_equal(scene_request(s, 6, A, A, CONTACT(PHONE)), 0);
	registrar_sa_gone(s->registrar, 5, 2, s->now_s);
	assert_int_equal(scene_request(s, 5, A, A, CONTACT(PHONE)), 200);
	registrar_sa_gone(s->registrar, 5, 1, s->now_s);
	assert_int_equal(scene_request(s, 5, A, A, CONTACT(PHONE)), 0);
}

static void a_disabled_subscriber_registers_no_more(void **state)
{
	struct scene *s = *state;
	struct exchange_sa sa = scene_sa(5, "user-off@abc.com", 10);

	scene_attach(s, &sa);
	assert_int_equal(
		scene_request(s, 5, "user-off@abc.com", "user-off@abc.com", CONTACT(PHONE)), 403);
}

static void while_the_store_is_locked_what_is_registered_goes_on(void **state)
{
	struct scene *s = attached(state);

	s->store_result = RESULT_STALE;
	assert_int_equal(scene_request(s, 5, A, A, CONTACT(PHONE)), 503);
	assert_true(scene_reply_has(s, "Retry-After: 10\r\n"));
	s->store_result = RESULT_OK;
	assert_int_equal(scene_request(s, 5, A, A, CONTACT(PHONE)), 200);
	s->store_result = RESULT_STALE;
	assert_int_equal(scene_request(s, 5, A, A, CONTACT(PHONE)), 200);
	assert_int_equal(scene_request(s, 5, "user-a2@abc.com", "user-a2@abc.com", CONTACT(PHONE)),
			 503);
}

static void expires_is_taken_from_the_contact_then_the_header_and_cut_at_the_most(void **state)
{
	struct scene *s = attached(state);

	assert_int_equal(
		scene_request(s, 5, A, A, CONTACT(";expires=120" PHONE) "Expires: 600\r\n"), 200);
	assert_true(scene_reply_has(s, ";expires=120;"));
	assert_int_equal(scene_request(s, 5, A, A, CONTACT(PHONE) "Expires: 600\r\n"), 200);
	assert_true(scene_reply_has(s, ";expires=600;"));
	assert_int_equal(scene_request(s, 5, A, A, CONTACT(PHONE) "Expires: 4294967295\r\n"), 200);
	assert_true(scene_reply_has(s, ";expires=7200;"));
	assert_int_equal(scene_request(s, 5, A, A, CONTACT(PHONE) "Expires: soon\r\n"), 200);
	assert_true(scene_reply_has(s, ";expires=3600;"));
	assert_int_equal(scene_request(s, 5, A, A, CONTACT(PHONE) "Expires: 30\r\n"), 423);
	assert_true(scene_reply_has(s, "Min-Expires: 60\r\n"));
}

static void without_contact_it_is_a_question(void **state)
{
	struct scene *s = attached(state);

	assert_int_equal(scene_request(s, 5, A, A, ""), 200);
	assert_false(scene_reply_has(s, "Contact"));
	assert_int_equal(scene_request(s, 5, A, A, CONTACT(";q=0.25" PHONE)), 200);
	scene_forget(s);
	s->now_s += 100;
	assert_int_equal(scene_request(s, 5, A, A, ""), 200);
	assert_true(scene_reply_has(s, ";expires=3500;q=0.250;"));
	assert_int_equal(s->sent_count, 0);
}

static void of_several_contacts_the_one_with_the_highest_q_is_kept(void **state)
{
	struct scene *s = attached(state);

	assert_int_equal(scene_request(s, 5, A, A,
				       "Contact: <sip:one@[2001:1234::10]>;q=0.3, "
				       "<sip:two@[2001:1234::10]>;q=0.8, "
				       "<sip:three@[2001:1234::10]>;q=1;expires=0\r\n"),
			 200);
	assert_string_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.contact,
			    "sip:two@[2001:1234::10]");
}

static void de_registration_is_answered_and_then_the_sa_goes(void **state)
{
	struct scene *s = attached(state);

	assert_int_equal(scene_request(s, 5, A, A, CONTACT(PHONE)), 200);
	scene_forget(s);
	assert_int_equal(scene_request(s, 5, A, A, CONTACT(PHONE) "Expires: 0\r\n"), 200);
	assert_false(scene_reply_has(s, "Contact"));
	assert_int_equal(scene_last(s, CONTRACT_IDENTITY_PUT)->identity.binding_index, 0);
	assert_int_equal(scene_count(s, CONTRACT_BINDING_DELETE), 1);
	assert_int_equal(scene_count(s, CONTRACT_SA_DELETE), 0);
	assert_int_equal(s->released, 0);
	registrar_settle(s->registrar, s->now_s);
	assert_int_equal(scene_last(s, CONTRACT_SA_DELETE)->sa_ref.index, 5);
	assert_int_equal(s->released, 1);
	assert_int_equal(registrar_sa_count(s->registrar), 0);
	assert_int_equal(registrar_binding_count(s->registrar), 0);
}

static void the_star_ends_all_terminals_of_the_subscriber(void **state)
{
	struct scene *s = *state;

	scene_register(s, 5, A, 10, "one");
	scene_register(s, 6, A, 20, "two");
	scene_forget(s);
	assert_int_equal(scene_request(s, 6, A, A, "Contact: *\r\nExpires: 0\r\n"), 200);
	registrar_settle(s->registrar, s->now_s);
	assert_int_equal(scene_count(s, CONTRACT_BINDING_DELETE), 2);
	assert_int_equal(scene_count(s, CONTRACT_SA_DELETE), 2);
}

static void one_terminal_may_have_several_names(void **state)
{
	struct scene *s = attached(state);
	const struct contract_binding *b;

	assert_int_equal(scene_request(s, 5, A, A, CONTACT(PHONE)), 200);
	assert_int_equal(scene_request(s, 5, "user-a2@abc.com", "user-a2@abc.com", CONTACT(PHONE)),
			 200);
	b = &scene_last(s, CONTRACT_BINDING_PUT)->binding;
	assert_int_equal(b->identity_count, 2);
	assert_int_equal(registrar_binding_count(s->registrar), 1);
	assert_int_equal(scene_request(s, 5, A, A, CONTACT(";expires=0" PHONE)), 200);
	registrar_settle(s->registrar, s->now_s);
	assert_int_equal(registrar_sa_count(s->registrar), 1);
	assert_int_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.identity_count, 1);
	assert_string_equal(scene_last(s, CONTRACT_BINDING_PUT)->binding.identity[0],
			    "user-a2@abc.com");
}

#define ORDER(cseq) "Call-ID: x\r\nCSeq: " cseq " REGISTER\r\n"

static void a_repeated_request_is_answered_and_an_old_one_refused(void **state)
{
	struct scene *s = attached(state);

	assert_int_equal(scene_request(s, 5, A, A, CONTACT(PHONE) ORDER("7")), 200);
	scene_forget(s);
	assert_int_equal(scene_request(s, 5, A, A, CONTACT(PHONE) ORDER("7")), 200);
	assert_true(scene_reply_has(s, ";expires=3600;"));
	assert_int_equal(scene_request(s, 5, A, A, CONTACT(PHONE) ORDER("6")), 500);
	assert_int_equal(scene_request(s, 5, A, A, CONTACT(";expires=0" PHONE) ORDER("6")), 500);
	assert_int_equal(s->sent_count, 0);
	assert_int_equal(scene_request(s, 5, A, A, CONTACT(PHONE) ORDER("8")), 200);
	assert_int_equal(s->sent_count, 1);
}

static void one_sa_is_one_terminal(void **state)
{
	struct scene *s = attached(state);

	assert_int_equal(scene_request(s, 5, A, A, CONTACT(PHONE)), 200);
	assert_int_equal(scene_request(s, 5, A, A, CONTACT(";+sip.instance=\"other\"")), 403);
	assert_int_equal(scene_request(s, 5, A, A, CONTACT("")), 200);
	assert_true(scene_reply_has(s, "<urn:uuid:1>"));
}

static void a_refusal_is_explained_to_the_operator_and_to_nobody_else(void **state)
{
	static const struct {
		const char *to, *lines;
		unsigned status;
		const char *reason;
	} rows[] = {
		{"nobody@abc.com", CONTACT(""), 403, "From and To are not one name"},
		{A, "Contact: <sip:me@[2001:1234::11]:5060>\r\n", 403,
		 "a Contact is elsewhere than its SA"},
		{A, CONTACT(";q=2"), 400, "q of a Contact is no number from 0 to 1"},
		{A, CONTACT(";+sip.instance=x"), 400,
		 "+sip.instance of a Contact is malformed or too long"},
		{A, "Contact: *\r\n", 400, "Contact: * without Expires: 0"},
		{A, CONTACT("") "Expires: 1\r\n", 423, "it asks for less time than registration.min"},
		{A, CONTACT("") "Require: path\r\n", 420, "it requires an extension"},
	};
	struct scene *s = attached(state);

	for (size_t n = 0; n < COUNT(rows); n++) {
		assert_int_equal(scene_request(s, 5, A, rows[n].to, rows[n].lines), rows[n].status);
		assert_int_equal(s->refused, n + 1);
		assert_string_equal(s->reason, rows[n].reason);
		assert_false(scene_reply_has(s, rows[n].reason));
	}
	assert_int_equal(scene_request(s, 5, A, A, CONTACT(PHONE)), 200);
	assert_int_equal(s->refused, COUNT(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(a_name_and_its_address_are_bound_to_the_sa),
		SCENE(the_data_plane_is_told_in_order),
		SCENE(what_may_not_be_registered_changes_nothing),
		SCENE(a_refusal_is_explained_to_the_operator_and_to_nobody_else),
		SCENE(extensions_without_end_are_refused_by_a_whole_answer),
		SCENE(other_spellings_of_the_same_name_are_the_name),
		SCENE(nobody_registers_through_an_sa_that_is_gone_or_of_another_generation),
		SCENE(a_disabled_subscriber_registers_no_more),
		SCENE(while_the_store_is_locked_what_is_registered_goes_on),
		SCENE(expires_is_taken_from_the_contact_then_the_header_and_cut_at_the_most),
		SCENE(without_contact_it_is_a_question),
		SCENE(of_several_contacts_the_one_with_the_highest_q_is_kept),
		SCENE(de_registration_is_answered_and_then_the_sa_goes),
		SCENE(the_star_ends_all_terminals_of_the_subscriber),
		SCENE(one_terminal_may_have_several_names),
		SCENE(a_repeated_request_is_answered_and_an_old_one_refused),
		SCENE(one_sa_is_one_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
