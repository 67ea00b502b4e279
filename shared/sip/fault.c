#include "shared/sip/fault.h"

static const struct {
	unsigned status;
	struct slice text;
} faults[SIP_FAULT_COUNT] = {
#define SIP_FAULT_ROW(id, status, sentence)                                                        \
	[SIP_FAULT_##id] = {status, {sentence, sizeof(sentence) - 1}},
	SIP_FAULTS(SIP_FAULT_ROW)
#undef SIP_FAULT_ROW
};

unsigned sip_fault_status(enum sip_fault fault)
{
	return faults[fault].status;
}

struct slice sip_fault_text(enum sip_fault fault)
{
	return faults[fault].text;
}
