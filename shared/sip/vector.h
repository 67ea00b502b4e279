/* What the files with vector instructions have in common: for which machines, and who may ask. */
#ifndef SEKISHO_SHARED_SIP_VECTOR_H
#define SEKISHO_SHARED_SIP_VECTOR_H

#include <stdbool.h>

#ifdef __x86_64__
#define SIP_HAS_VECTOR 1
#define SIP_VECTOR     __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define SIP_VECTOR_WIDE                                                                            \
	__attribute__((                                                                            \
		target("avx2,avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,popcnt")))
/* A step of what is marked so. */
#define SIP_WIDE_STEP SIP_VECTOR_WIDE static inline __attribute__((always_inline))
#endif

/* May what is marked SIP_VECTOR be called here? */
static inline bool sip_vector_is_there(void)
{
#ifdef SIP_HAS_VECTOR
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
	       __builtin_cpu_supports("bmi2");
#else
	return false;
#endif
}

/* And what is marked SIP_VECTOR_WIDE? */
static inline bool sip_vector_is_wide(void)
{
#ifdef SIP_HAS_VECTOR
	return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
	       __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
	       __builtin_cpu_supports("bmi2");
#else
	return false;
#endif
}

#endif
