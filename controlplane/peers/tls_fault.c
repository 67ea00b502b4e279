#include "controlplane/peers/tls_fault.h"

#include <errno.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

void tls_fault_tell(struct bufferevent *bev, bool is_up, char sentence[TLS_FAULT_BYTES])
{
	int socket_error = errno; /* libevent puts it there */
	long verified = SSL_get_verify_result(bufferevent_openssl_get_ssl(bev));
	unsigned long error = bufferevent_get_openssl_error(bev);
	const char *reason = error != 0 ? ERR_reason_error_string(error) : NULL;

	if (is_up)
		snprintf(sentence, TLS_FAULT_BYTES, "the connection broke");
	else if (verified != X509_V_OK)
		snprintf(sentence, TLS_FAULT_BYTES, "its certificate was refused: %s",
			 X509_verify_cert_error_string(verified));
	else if (reason != NULL)
		snprintf(sentence, TLS_FAULT_BYTES, "no TLS handshake: %s", reason);
	else
		snprintf(sentence, TLS_FAULT_BYTES, "no connection: %s",
			 socket_error != 0 ? strerror(socket_error) : "it was closed");
}
