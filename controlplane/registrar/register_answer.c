#include "controlplane/registrar/register_answer.h"

#include <string.h>

static void write_contact(const struct binding *b, const struct registration *registration,
			  uint64_t now_s, struct writer *out)
{
	unsigned q = registration->q_thousandths;
	const char digits[] = {(char)('0' + q / 100 % 10), (char)('0' + q / 10 % 10),
			       (char)('0' + q % 10)};
	uint64_t left_s = registration->expires_s > now_s ? registration->expires_s - now_s : 0;

	WRITER_LITERAL(out, "Contact: <");
	writer_slice(out, slice_make(b->contact, strlen(b->contact)));
	WRITER_LITERAL(out, ">;expires=");
	writer_u64(out, left_s);
	if (q < 1000) {
		WRITER_LITERAL(out, ";q=0.");
		writer_bytes(out, digits, sizeof(digits));
	}
	if (b->instance[0]) {
		WRITER_LITERAL(out, ";+sip.instance=\"");
		writer_slice(out, slice_make(b->instance, strlen(b->instance)));
		writer_char(out, '"');
	}
	WRITER_LITERAL(out, "\r\n");
}

static void write_contacts(const struct registrar *r, struct slice aor, uint64_t now_s,
			   struct writer *out)
{
	const struct identity *identity = identity_find(r, aor);

	for (uint8_t i = 0; identity && i < identity->binding_count; i++) {
		struct binding *b = identity->bindings[i];
		const struct registration *registration = binding_registration(b, aor);

		if (registration)
			write_contact(b, registration, now_s, out);
	}
}

void register_answer_write(const struct registrar *r, const struct sip_message *request,
			   struct slice aor, unsigned status, uint64_t now_s, struct writer *out)
{
	switch (status) {
	case 200:
		write_contacts(r, aor, now_s, out);
		break;
	case 420:
		WRITER_LITERAL(out, "Unsupported: ");
		writer_slice(out, sip_message_value(request, SIP_HEADER_REQUIRE));
		WRITER_LITERAL(out, "\r\n");
		break;
	case 423:
		WRITER_LITERAL(out, "Min-Expires: ");
		writer_u32(out, r->expires_min_s);
		WRITER_LITERAL(out, "\r\n");
		break;
	case 503:
		WRITER_LITERAL(out, "Retry-After: 10\r\n");
		break;
	default:
		break;
	}
}
