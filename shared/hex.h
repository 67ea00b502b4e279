/* Hexadecimal digits of files and of known answers. */
#ifndef SEKISHO_SHARED_HEX_H
#define SEKISHO_SHARED_HEX_H

/* 0 to 15, or -1 if c is no hexadecimal digit, small or capital. */
static inline int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

#endif
