/* What a function says of its outcome, the same words everywhere. */
#ifndef SEKISHO_SHARED_RESULT_H
#define SEKISHO_SHARED_RESULT_H

/* RESULT_OK is zero; out-parameters are set only then, unless a function says otherwise. */
enum result {
	RESULT_OK = 0,
	RESULT_MORE,      /* the input ends before the thing it holds does */
	RESULT_BAD,       /* the input breaks its grammar or its declared shape */
	RESULT_SPACE,     /* the output, a table or a limit is full */
	RESULT_NOT_FOUND, /* no such thing */
	RESULT_EXISTS,    /* the place is taken */
	RESULT_DENIED,    /* a check of identity, right or authenticity failed */
	RESULT_STALE,     /* right once: an old generation, a replay, an expired key */
	RESULT_VERSION,   /* the other side speaks another version */
	RESULT_IO,        /* the system refused; errno says why */
	RESULT_MEMORY,    /* out of memory */
};

#define SEKISHO_MUST_USE __attribute__((warn_unused_result))

#endif
