/* What two ends of a data channel say to each other inside it, next header 253 (docs/protocol.md).
 */
#ifndef SEKISHO_TERMINAL_CHANNEL_CONTROL_H
#define SEKISHO_TERMINAL_CHANNEL_CONTROL_H

/* The first byte. */
enum control {
	CONTROL_WANTED = 0, /* 6.6: by the callee; he would have new keys */
	CONTROL_RENEW = 1,  /* by the caller */
	CONTROL_RENEWED = 2,
	CONTROL_ASK = 3, /* 6.7: are you there? */
	CONTROL_HERE = 4,
};

#endif
