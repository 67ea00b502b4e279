/* What a counted reason for dropping a packet means, for who reads the counters. */
#ifndef SEKISHO_SHARED_CONTRACT_DROP_SENTENCE_H
#define SEKISHO_SHARED_CONTRACT_DROP_SENTENCE_H

/* Of the counter of this name; empty for one that drop_reasons.def does not have. */
const char *drop_sentence(const char *name);

#endif
