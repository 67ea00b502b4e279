#include "controlplane/peers/probe.h"

static void lose(struct probe *probe)
{
	bool is_soon = probe->needed > 0 && probe->back_for < PROBE_SOON;

	probe->is_lost = true;
	probe->answered = 0;
	probe->needed = is_soon ? probe->needed * 2 : PROBE_BACK_AFTER;
	if (probe->needed > PROBE_BACK_MOST)
		probe->needed = PROBE_BACK_MOST;
}

enum probe_news probe_turn(struct probe *probe)
{
	bool is_missing = probe->is_asked;

	probe->is_asked = true;
	if (!probe->is_lost && probe->back_for < PROBE_SOON)
		probe->back_for++;
	if (!is_missing)
		return PROBE_NO_NEWS;
	probe->answered = 0;
	if (probe->is_lost || ++probe->unanswered < PROBE_LOST_AFTER)
		return PROBE_NO_NEWS;
	lose(probe);
	return PROBE_IS_LOST;
}

enum probe_news probe_answer(struct probe *probe)
{
	if (!probe->is_asked)
		return PROBE_NO_NEWS;
	probe->is_asked = false;
	probe->unanswered = 0;
	if (!probe->is_lost || ++probe->answered < probe->needed)
		return PROBE_NO_NEWS;
	probe->is_lost = false;
	probe->back_for = 0;
	return PROBE_IS_BACK;
}

void probe_pause(struct probe *probe)
{
	probe->is_asked = false;
	probe->unanswered = probe->answered = 0;
}
