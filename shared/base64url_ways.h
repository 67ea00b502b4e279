/* The two ways to write and read base64: vectors where the machine has them, words elsewhere. Same
 * results; neither with a branch, or a look-up beyond one cache line, that depends on what is written
 * or read. */
#ifndef SEKISHO_SHARED_BASE64URL_WAYS_H
#define SEKISHO_SHARED_BASE64URL_WAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What 62 and 63 are written as; 'A' to 'Z', 'a' to 'z' and '0' to '9' stand before them. */
struct base64_alphabet {
	char c62;
	char c63;
};

/* Writes BASE64URL_CHARS(len) characters, no padding. */
void base64_words_encode(const uint8_t *in, size_t len, struct base64_alphabet alphabet, char *out);
/* Reads len characters, not 4n + 1, into the bytes they stand for. False: a foreign character, or
 * bits left over that are not zero; then out holds nothing to rely on. */
bool base64_words_decode(const char *in, size_t len, struct base64_alphabet alphabet, uint8_t *out);

/* The same with AVX-512 and VBMI. out has room for as much, at least for what is asked: behind that, but
 * within the room, something may be written, too. */
bool base64_vectors_are_possible(void);
void base64_vectors_encode(const uint8_t *in, size_t len, struct base64_alphabet alphabet,
			   char *out, size_t room);
bool base64_vectors_decode(const char *in, size_t len, struct base64_alphabet alphabet,
			   uint8_t *out, size_t room);

#endif
