/* What two ends of a data channel say to each other inside it, next header 253 (docs/protocol.md).
 */
#ifndef SEKISHO_TERMINAL_CHANNEL_CONTROL_H
#define SEKISHO_TERMINAL_CHANNEL_CONTROL_H

/* The first byte. */
enum control {
	CONTROL_WANTED = 0, /* 6.6: by the callee; he would have new keys */
	CONTROL_RENEW = 1,  /* by the caller */
	CONTROL_RENEWED = 2,
	CONTROL_ASK = 3, /* 6.7, 6.8: are you there? */
	CONTROL_HERE = 4,
	CONTROL_TAKE = 5, /* 6.7: by the caller; this is the way */
	CONTROL_TAKEN = 6,
};

/* Of the last four: the kind and a cookie. */
#define CONTROL_COOKIE_BYTES 8
#define CONTROL_PATH_BYTES   (1 + CONTROL_COOKIE_BYTES)

#endif
