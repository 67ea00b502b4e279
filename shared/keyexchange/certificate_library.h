/*
 * The library context (OSSL_LIB_CTX) in which certificates are read: libcrypto's own algorithms, but
 * of its decoders and kinds of keys only those that a certificate here may have.
 */
#ifndef SEKISHO_SHARED_KEYEXCHANGE_CERTIFICATE_LIBRARY_H
#define SEKISHO_SHARED_KEYEXCHANGE_CERTIFICATE_LIBRARY_H

#include <openssl/x509.h>

/* It, for who uses the key of a certificate: elsewhere that is converted first. NULL: the default. */
OSSL_LIB_CTX *certificate_library(void);

/* An empty certificate to read one into (d2i_X509, PEM_read_X509); NULL: there is no memory. */
X509 *certificate_library_new(void);

#endif
