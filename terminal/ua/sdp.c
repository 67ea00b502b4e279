#include "terminal/ua/sdp.h"

static void write_address(const struct sip_address *own, struct writer *w)
{
	WRITER_LITERAL(w, "IN IP");
	writer_u32(w, own->family);
	writer_char(w, ' ');
	sip_address_write_bare(own, w);
	WRITER_LITERAL(w, "\r\n");
}

void sdp_write(const struct sip_address *own, struct writer *w)
{
	WRITER_LITERAL(w, "v=0\r\no=- 1 1 ");
	write_address(own, w);
	WRITER_LITERAL(w, "s=-\r\nc=");
	write_address(own, w);
	/* Port 9 discards: nobody listens, nothing is sent. */
	WRITER_LITERAL(w, "t=0 0\r\nm=audio 9 RTP/AVP 0\r\na=inactive\r\n");
}
