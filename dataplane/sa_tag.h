/*
 * The tag that an mbuf carries once its ESP was opened: the SA's handle, in a dynamic field. It
 * says who sent the packet, whatever addresses and names stand in it (P5, P6).
 */
#ifndef SEKISHO_DATAPLANE_SA_TAG_H
#define SEKISHO_DATAPLANE_SA_TAG_H

#include <stdint.h>

#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#include "shared/result.h"

/* Reserve the field, the same for the whole process. RESULT_OK or RESULT_SPACE. */
static inline enum result sa_tag_register(int *offset)
{
	static const struct rte_mbuf_dynfield field = {
		.name = "sekisho_sa", .size = sizeof(uint32_t), .align = _Alignof(uint32_t)};

	*offset = rte_mbuf_dynfield_register(&field);
	return *offset < 0 ? RESULT_SPACE : RESULT_OK;
}

static inline uint32_t *sa_tag(struct rte_mbuf *mbuf, int offset)
{
	return RTE_MBUF_DYNFIELD(mbuf, (size_t)offset, uint32_t *);
}

#endif
