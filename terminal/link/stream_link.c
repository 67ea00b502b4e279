#include "terminal/link/stream_link.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "terminal/link/endpoint.h"

void stream_link_init(struct stream_link *link)
{
	link->fd = -1;
	link->out_len = link->out_sent = link->taken = 0;
	stream_skip(&link->in, link->in.len);
}

void stream_link_close(struct stream_link *link)
{
	if (link->fd >= 0)
		close(link->fd);
	stream_link_init(link);
}

static int connect_to(const struct sip_address *own, const struct sip_address *to)
{
	union endpoint from, other;
	socklen_t from_len = endpoint_make(own, 0, &from);
	socklen_t len = endpoint_make(to, to->port, &other);
	int fd = socket(to->family == 4 ? AF_INET : AF_INET6,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (bind(fd, &from.any, from_len) == 0 &&
	    (connect(fd, &other.any, len) == 0 || errno == EINPROGRESS))
		return fd;
	close(fd);
	return -1;
}

/* As much as goes now; false: the connection has ended. */
static bool push(struct stream_link *link)
{
	ssize_t sent;

	if (link->out_sent == link->out_len)
		return true;
	sent = send(link->fd, link->out + link->out_sent, link->out_len - link->out_sent,
		    MSG_NOSIGNAL);
	if (sent > 0)
		link->out_sent += (size_t)sent;
	/* EAGAIN also while it is connecting */
	return sent > 0 || errno == EAGAIN || errno == ENOTCONN;
}

static bool pull(struct stream_link *link)
{
	struct stream *in = &link->in;
	ssize_t got;

	stream_skip(in, link->taken);
	link->taken = 0;
	got = recv(link->fd, in->bytes + in->len, sizeof(in->bytes) - in->len, 0);
	if (got > 0)
		in->len += (size_t)got;
	return got > 0 || (got < 0 && (errno == EAGAIN || errno == ENOTCONN));
}

enum result stream_link_send(struct stream_link *link, const struct sip_address *own,
			     const struct sip_address *to, struct slice message)
{
	if (link->fd >= 0 && !sip_address_is_same_host(&link->to, to))
		stream_link_close(link);
	if (link->fd < 0)
		link->fd = connect_to(own, to);
	if (link->fd < 0)
		return RESULT_IO;
	link->to = *to;
	if (link->out_sent < link->out_len || message.len > sizeof(link->out))
		return RESULT_SPACE;
	memcpy(link->out, message.at, message.len);
	link->out_len = message.len;
	link->out_sent = 0;
	if (push(link))
		return RESULT_OK;
	stream_link_close(link);
	return RESULT_IO;
}

struct pollfd stream_link_poll(const struct stream_link *link)
{
	return (struct pollfd){
		.fd = link->fd,
		.events = (short)(POLLIN | (link->out_sent < link->out_len ? POLLOUT : 0)),
	};
}

void stream_link_turn(struct stream_link *link, short revents)
{
	bool is_alive = true;

	if (link->fd < 0 || revents == 0)
		return;
	if (revents & (POLLOUT | POLLERR))
		is_alive = push(link);
	/* the last words of one that ends are heard */
	if (revents & (POLLIN | POLLHUP | POLLERR))
		is_alive = pull(link) && is_alive;
	if (is_alive)
		return;
	close(link->fd);
	link->fd = -1;
	link->out_len = link->out_sent = 0;
}

bool stream_link_next(struct stream_link *link, struct slice *message)
{
	enum stream_verdict verdict;

	stream_skip(&link->in, link->taken);
	link->taken = 0;
	do
		verdict = stream_next(&link->in, message);
	while (verdict == STREAM_PING);
	if (verdict == STREAM_MESSAGE) {
		link->taken = message->len;
		return true;
	}
	if (verdict == STREAM_BAD || link->fd < 0)
		stream_link_close(link);
	return false;
}
