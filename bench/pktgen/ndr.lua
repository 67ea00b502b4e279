-- The highest rate without loss (RFC 2544 26.1) of a Sekisho gateway, by halving: Pktgen sends a
-- capture of SIP in ESP, the gateway sends each message on to another terminal behind the same
-- port, so what comes back is as many frames as were sent, and longer ones.
--
--	pktgen ... -s 0:sip-in-esp.pcap -f ndr.lua
--
-- Every message of the capture must be legitimate, and its static SAs without a replay window, since
-- the capture goes round. What comes back is counted, not opened: sekisho-loadgen verifies.
package.path = package.path .. ";?.lua;test/?.lua;app/?.lua;../?.lua"
require "Pktgen"

local port = "0"
local seconds = tonumber(os.getenv("SEKISHO_TRIAL_SECONDS") or "10") -- RFC 2544 asks for 60
local resolution = tonumber(os.getenv("SEKISHO_RESOLUTION") or "0.5") -- percent of the link's rate
local settle = 1000 -- milliseconds for what is still on its way

local function counted()
	local stats = pktgen.portStats(port, "port")[tonumber(port)]
	return stats.opackets, stats.ipackets
end

-- One trial at a rate in percent of the link: frames sent, frames lost.
local function trial(rate)
	pktgen.set(port, "rate", rate)
	pktgen.clr()
	pktgen.delay(100)
	local sent_before, came_before = counted()
	pktgen.start(port)
	pktgen.delay(seconds * 1000)
	pktgen.stop(port)
	pktgen.delay(settle)
	local sent, came = counted()
	sent, came = sent - sent_before, came - came_before
	return sent, sent - came
end

local passed, failed, best = 0, 100, 0
local rate = 100
while true do
	local sent, lost = trial(rate)
	printf("%6.2f %% of the link: %d sent, %d lost\n", rate, sent, lost)
	if sent > 0 and lost <= 0 then
		passed, best = rate, sent / seconds
	else
		failed = rate
	end
	if passed == 100 or failed - passed <= resolution then
		break
	end
	rate = (passed + failed) / 2
end
printf("NDR: %.2f %% of the link, %.0f messages a second\n", passed, best)
pktgen.quit()
