#include "controlplane/door/door.h"

#include <event2/bufferevent.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controlplane/keyexchange/attach_rate.h"
#include "controlplane/peers/dial.h"
#include "shared/clock.h"
#include "shared/sip/stream.h"

struct guest {
	struct door *door;
	struct guest *older, *newer;
	struct bufferevent *bev;
	uint64_t stream;
	unsigned at;
	unsigned messages;
	size_t taken;	  /* bytes of the message that was given up: whoever has it may still look at it */
	bool is_answered; /* it, or there was none yet */
	uint64_t end_ms;
	struct contract_address source;
	struct stream in;
};

struct leaf {
	struct door *door;
	struct evconnlistener *listener;
};

struct door {
	struct door_settings settings;
	struct leaf leaves[DOOR_LEAVES];
	struct guest *guests[DOOR_CONNECTIONS]; /* by the place in their stream's number */
	struct guest *oldest, *newest;
	struct attach_rate *rate;
	struct event *second;
	uint64_t next; /* number of the next stream, without its place */
	struct door_counters counters;
};

static struct guest *find(const struct door *door, uint64_t stream)
{
	struct guest *guest = door->guests[stream % DOOR_CONNECTIONS];

	return guest && guest->stream == stream ? guest : NULL;
}

static void show_out(struct guest *guest)
{
	struct door *door = guest->door;

	*(guest->older ? &guest->older->newer : &door->oldest) = guest->newer;
	*(guest->newer ? &guest->newer->older : &door->newest) = guest->older;
	door->guests[guest->stream % DOOR_CONNECTIONS] = NULL;
	door->counters.open--;
	bufferevent_free(guest->bev);
	free(guest);
}

/* Gives one message up and waits for its answer; false: nothing more will be understood. */
static bool take(struct guest *guest)
{
	const struct door_settings *s = &guest->door->settings;
	struct slice message;

	switch (stream_next(&guest->in, &message)) {
	case STREAM_MESSAGE:
		if (guest->messages++ == DOOR_MESSAGES)
			return false;
		guest->taken = message.len;
		guest->is_answered = false;
		bufferevent_disable(guest->bev, EV_READ);
		s->received(s->ctx, guest->stream, guest->at, &guest->source, message);
		return true;
	case STREAM_PING: /* an empty line too many is no harm */
	case STREAM_MORE:
		return true;
	case STREAM_BAD:
		break;
	}
	return false;
}

/* What has come, as far as it is a message's turn. */
static void read_on(struct guest *guest)
{
	struct evbuffer *input = bufferevent_get_input(guest->bev);
	const uint64_t stream = guest->stream;
	struct door *door = guest->door;
	int got;

	while (find(door, stream) && guest->is_answered) {
		stream_skip(&guest->in, guest->taken);
		guest->taken = 0;
		got = evbuffer_remove(input, guest->in.bytes + guest->in.len,
				      sizeof(guest->in.bytes) - guest->in.len);
		guest->in.len += got > 0 ? (size_t)got : 0;
		if (!take(guest)) {
			door->counters.bad++;
			show_out(guest);
			return;
		}
		/* nothing more has come, and it is no message's turn */
		if (got <= 0 && find(door, stream) && guest->taken == 0)
			return;
	}
}

static void readable(struct bufferevent *bev, void *arg)
{
	(void)bev;
	read_on(arg);
}

static void ended(struct bufferevent *bev, short what, void *arg)
{
	(void)bev, (void)what;
	show_out(arg);
}

void door_answer(struct door *door, uint64_t stream, struct slice head, struct slice tail)
{
	struct guest *guest = find(door, stream);

	if (!guest || guest->is_answered)
		return;
	guest->is_answered = true;
	bufferevent_write(guest->bev, head.at, head.len);
	if (tail.len > 0)
		bufferevent_write(guest->bev, tail.at, tail.len);
	bufferevent_enable(guest->bev, EV_READ);
	/* not from within what asked for it: what has come already is looked at in a turn of its own */
	bufferevent_trigger(guest->bev, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
}

static unsigned count_of(const struct door *door, const struct contract_address *source)
{
	unsigned count = 0;

	for (const struct guest *guest = door->newest; guest; guest = guest->older)
		count += attach_rate_is_one_source(&guest->source, source);
	return count;
}

static void let_in(struct leaf *leaf, int fd, const struct contract_address *source)
{
	struct door *door = leaf->door;
	struct guest *guest = calloc(1, sizeof(*guest));
	unsigned place = 0;

	if (guest)
		guest->bev = bufferevent_socket_new(door->settings.base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!guest || !guest->bev) {
		free(guest);
		close(fd);
		return;
	}
	while (door->guests[place])
		place++;
	guest->door = door;
	guest->at = (unsigned)(leaf - door->leaves);
	guest->source = *source;
	guest->stream = ++door->next * DOOR_CONNECTIONS + place;
	guest->is_answered = true;
	guest->end_ms = clock_steady_ms() + DOOR_LIFE_S * 1000;
	guest->older = door->newest;
	*(door->newest ? &door->newest->newer : &door->oldest) = guest;
	door->newest = guest;
	door->guests[place] = guest;
	door->counters.open++;
	door->counters.opened++;
	bufferevent_setwatermark(guest->bev, EV_READ, 0, LIMIT_SIP_MESSAGE_BYTES);
	bufferevent_setcb(guest->bev, readable, NULL, ended, guest);
	bufferevent_enable(guest->bev, EV_READ);
}

static void arrived(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from,
		    int from_length, void *arg)
{
	struct contract_address own, source;
	struct leaf *leaf = arg;
	struct door *door = leaf->door;

	(void)listener, (void)from, (void)from_length;
	if (!dial_ends(fd, &own, &source)) {
		close(fd);
		return;
	}
	if (count_of(door, &source) >= DOOR_PER_SOURCE ||
	    !attach_rate_take(door->rate, attach_rate_source(source.family, source.bytes),
			      clock_steady_ms())) {
		door->counters.refused++;
		close(fd);
		return;
	}
	if (door->counters.open == DOOR_CONNECTIONS) {
		door->counters.pushed++;
		show_out(door->oldest);
	}
	let_in(leaf, fd, &source);
}

static void second_passed(evutil_socket_t fd, short what, void *arg)
{
	struct door *door = arg;

	(void)fd, (void)what;
	while (door->oldest && door->oldest->end_ms <= clock_steady_ms()) {
		door->counters.late++;
		show_out(door->oldest);
	}
}

static enum result listen_at(struct door *door, unsigned at)
{
	struct leaf *leaf = &door->leaves[at];
	int fd = dial_listen(&door->settings.at[at]);

	if (fd < 0)
		return RESULT_IO;
	leaf->door = door;
	leaf->listener = evconnlistener_new(door->settings.base, arrived, leaf,
					    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	if (leaf->listener)
		return RESULT_OK;
	close(fd);
	return RESULT_MEMORY;
}

enum result door_create(const struct door_settings *settings, struct door **out)
{
	const struct pace pace = {DOOR_BURST, DOOR_INTERVAL_MS};
	static const struct timeval second = {1, 0};
	struct door *door = calloc(1, sizeof(*door));
	enum result result;

	if (!door)
		return RESULT_MEMORY;
	door->settings = *settings;
	result = attach_rate_create_of_sources(pace, &door->rate);
	if (result == RESULT_OK)
		door->second = event_new(settings->base, -1, EV_PERSIST, second_passed, door);
	if (result == RESULT_OK && (!door->second || event_add(door->second, &second) != 0))
		result = RESULT_MEMORY;
	for (unsigned at = 0; result == RESULT_OK && at < DOOR_LEAVES; at++)
		if (settings->at[at].family != 0)
			result = listen_at(door, at);
	if (result != RESULT_OK) {
		door_destroy(door);
		return result;
	}
	*out = door;
	return RESULT_OK;
}

void door_destroy(struct door *door)
{
	if (!door)
		return;
	for (unsigned at = 0; at < DOOR_LEAVES; at++)
		if (door->leaves[at].listener)
			evconnlistener_free(door->leaves[at].listener);
	while (door->oldest)
		show_out(door->oldest);
	if (door->second)
		event_free(door->second);
	attach_rate_destroy(door->rate);
	free(door);
}

struct door_counters door_counters_get(const struct door *door)
{
	return door->counters;
}
