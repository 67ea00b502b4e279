/*
 * A cache line read before it is needed, for a burst's worth of lines at once: the processor asks
 * for all of them together. A prefetch is dropped where many others are on their way already, and
 * then whoever needs the line waits for all of it; a read is not. To be used in loops whose rounds
 * do not depend on each other and have little else to do; elsewhere it is a prefetch that does not
 * wait.
 */
#ifndef SEKISHO_DATAPLANE_TOUCH_H
#define SEKISHO_DATAPLANE_TOUCH_H

/* Reads one byte: at must be readable. */
static inline void touch(const void *at)
{
#ifdef __x86_64__
	__asm__ volatile("testb $0, %0" : : "m"(*(const char *)at) : "cc");
#else
	__builtin_prefetch(at);
#endif
}

#endif
