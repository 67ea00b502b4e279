/*
 * For each certificate that it reads libcrypto 3.0 collects every decoder and every kind of key it
 * has, some sixty, to find the one for the key in it: two thirds of the time of reading. With four
 * decoders to collect it is soon done. The algorithms are the default provider's, called as it
 * calls them itself.
 */
#include "shared/keyexchange/certificate_library.h"

#include <openssl/core_dispatch.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

/* Of one operation; the last is the end mark. */
#define ALGORITHMS_MAX 8

/* Set before anybody reads them, never changed. library NULL: the default one is used. */
static OSSL_PROVIDER *whole;
static OSSL_ALGORITHM decoders[ALGORITHMS_MAX], keys[ALGORITHMS_MAX];
static OSSL_LIB_CTX *library;
static pthread_once_t library_once = PTHREAD_ONCE_INIT;

/* Names stand in a row, with ':' between them. */
static bool is_named(const OSSL_ALGORITHM *algorithm, const char *name)
{
	const char *names = algorithm->algorithm_names;
	size_t length = strlen(name);

	return strncmp(names, name, length) == 0 &&
	       (names[length] == '\0' || names[length] == ':');
}

static bool is_key(const OSSL_ALGORITHM *algorithm)
{
	return is_named(algorithm, "EC") || is_named(algorithm, "ED25519") ||
	       is_named(algorithm, "RSA"); /* CAs may have RSA keys */
}

/* "DER" sees of which kind a SubjectPublicKeyInfo is. */
static bool is_decoder(const OSSL_ALGORITHM *algorithm)
{
	return (is_key(algorithm) || is_named(algorithm, "DER")) &&
	       strstr(algorithm->property_definition, "SubjectPublicKeyInfo") != NULL;
}

/* Copies those that are wanted; false: there are none, or too many, or they may change. */
static bool choose(int operation, bool (*is_wanted)(const OSSL_ALGORITHM *),
		   OSSL_ALGORITHM chosen[ALGORITHMS_MAX])
{
	int is_to_be_asked_again = 0;
	const OSSL_ALGORITHM *all =
		OSSL_PROVIDER_query_operation(whole, operation, &is_to_be_asked_again);
	size_t count = 0;

	for (; all && all->algorithm_names && count < ALGORITHMS_MAX; all++)
		if (is_wanted(all))
			chosen[count++] = *all;
	if (count == 0 || count == ALGORITHMS_MAX || is_to_be_asked_again)
		return false;
	chosen[count] = (OSSL_ALGORITHM){0};
	return true;
}

static const OSSL_ALGORITHM *query(void *context, int operation, int *no_cache)
{
	(void)context;
	*no_cache = 0;
	if (operation == OSSL_OP_DECODER)
		return decoders;
	if (operation == OSSL_OP_KEYMGMT)
		return keys;
	return OSSL_PROVIDER_query_operation(whole, operation, no_cache);
}

static int provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
			 const OSSL_DISPATCH **out, void **context)
{
	static const OSSL_DISPATCH functions[] = {
		{OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query}, {0, NULL}};

	(void)handle, (void)in;
	*out = functions;
	*context = OSSL_PROVIDER_get0_provider_ctx(whole);
	return 1;
}

static void library_make(void)
{
	OSSL_LIB_CTX *made = OSSL_LIB_CTX_new();

	whole = OSSL_PROVIDER_load(NULL, "default");
	if (made && whole && choose(OSSL_OP_DECODER, is_decoder, decoders) &&
	    choose(OSSL_OP_KEYMGMT, is_key, keys) &&
	    OSSL_PROVIDER_add_builtin(made, "sekisho-certificates", provider_init) == 1 &&
	    OSSL_PROVIDER_load(made, "sekisho-certificates")) {
		library = made;
		return;
	}
	OSSL_LIB_CTX_free(made);
	ERR_clear_error();
}

OSSL_LIB_CTX *certificate_library(void)
{
	(void)pthread_once(&library_once, library_make);
	return library;
}

X509 *certificate_library_new(void)
{
	return X509_new_ex(certificate_library(), NULL);
}
