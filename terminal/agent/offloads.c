/* Which work on many packets at once the kernel and the data channel share, as users see it. */
#include "terminal/agent/report.h"
#include "terminal/agent/state.h"

static void add_if(json_t *names, bool has, const char *name)
{
	if (has)
		json_array_append_new(names, json_string(name));
}

json_t *offloads_report(const struct agent *agent)
{
	const struct tun *tun = &agent->channel.tun;
	json_t *of_tun = json_array(), *of_udp = json_array();

	add_if(of_tun, tun->leaves_checksums, "checksum");
	add_if(of_tun, tun->leaves_tcp, "TSO");
	add_if(of_tun, tun->leaves_udp, "USO");
	add_if(of_tun, tun->has_header, "GRO");
	add_if(of_udp, agent->sockets.cuts, "GSO");
	add_if(of_udp, agent->sockets.joins, "GRO");
	return json_pack("{s:o, s:o}", "tun", of_tun, "udp", of_udp);
}

/* "checksum, TSO"; "none" */
static json_t *list_text(const json_t *names)
{
	json_t *text = json_string(json_array_size(names) ? "" : "none"), *name;
	size_t i;

	json_array_foreach(names, i, name)
	{
		json_t *longer = json_sprintf("%s%s%s", json_string_value(text), i ? ", " : "",
					      json_string_value(name));

		json_decref(text);
		text = longer;
	}
	return text;
}

json_t *offloads_text(const struct agent *agent, const json_t *report)
{
	json_t *of_tun = list_text(json_object_get(report, "tun"));
	json_t *of_udp = list_text(json_object_get(report, "udp"));
	json_t *text =
		json_sprintf("offloads of %s: %s; of ESP in UDP: %s", agent->channel.tun.name,
			     json_string_value(of_tun), json_string_value(of_udp));

	json_decref(of_tun);
	json_decref(of_udp);
	return text;
}

void offloads_tell_lack(const struct agent *agent)
{
	const struct tun *tun = &agent->channel.tun;
	const struct sockets *sockets = &agent->sockets;
	const char *lack = !tun->leaves_tcp		       ? "TSO"
			   : !tun->leaves_udp		       ? "USO"
			   : !sockets->cuts || !sockets->joins ? "GSO or GRO of UDP"
							       : NULL;

	if (agent->settings->without_offloads || !lack)
		return;
	fprintf(stderr, "%s: this kernel or its port 4500 has no %s; the data channel is slower\n",
		tun->name, lack);
}
