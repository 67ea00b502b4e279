/* The implementations behind sip_lines_scan, each with the same result for every input. */
#ifndef SEKISHO_SHARED_SIP_LINES_SCAN_H
#define SEKISHO_SHARED_SIP_LINES_SCAN_H

#include "shared/sip/lines.h"

/* Any machine. */
void sip_lines_scan_scalar(const char *at, size_t len,
			   struct sip_line lines[LIMIT_SIP_HEADER_LINES], struct sip_lines *out);

#ifdef __x86_64__
#define SIP_LINES_HAS_AVX2 1
/* Only where __builtin_cpu_supports("avx2"). */
void sip_lines_scan_avx2(const char *at, size_t len, struct sip_line lines[LIMIT_SIP_HEADER_LINES],
			 struct sip_lines *out);
#endif

#endif
