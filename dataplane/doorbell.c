#include "dataplane/doorbell.h"

#include <stdint.h>
#include <unistd.h>

#include <sys/eventfd.h>

enum result doorbell_open(struct doorbell *doorbell)
{
	atomic_init(&doorbell->is_waited_for, false);
	doorbell->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return doorbell->fd < 0 ? RESULT_IO : RESULT_OK;
}

void doorbell_close(struct doorbell *doorbell)
{
	if (doorbell->fd >= 0)
		close(doorbell->fd);
	doorbell->fd = -1;
}

void doorbell_ring(struct doorbell *doorbell)
{
	const uint64_t one = 1;

	atomic_thread_fence(memory_order_seq_cst);
	if (!atomic_load_explicit(&doorbell->is_waited_for, memory_order_relaxed))
		return;
	/* Who takes the flag down rings, the others need not. A full counter wakes as well. */
	if (atomic_exchange(&doorbell->is_waited_for, false))
		(void)!write(doorbell->fd, &one, sizeof(one));
}

void doorbell_wait_begin(struct doorbell *doorbell)
{
	atomic_store(&doorbell->is_waited_for, true);
	atomic_thread_fence(memory_order_seq_cst);
}

void doorbell_wait_end(struct doorbell *doorbell)
{
	uint64_t rung;

	atomic_store(&doorbell->is_waited_for, false);
	(void)!read(doorbell->fd, &rung, sizeof(rung));
}
