package traffic

import (
	"net/netip"
	"time"

	"pcapmill/bench/traffic/payload"
	"pcapmill/ingest/packet"
)

// Periods of the devices. The jitters are much shorter.
const (
	pollPeriod     = 2 * time.Minute
	pingPeriod     = time.Minute
	beaconPeriod   = 5 * time.Minute
	announcePeriod = 10 * time.Minute
)

// Sizes of backups: of changes each hour, of all files in one hour of the night.
const (
	changedBytes = 60_000
	allBytes     = 2_500_000
	backupHour   = 2
)

// devices writes the hour of all hosts that nobody sits at.
func (h *hour) devices() {
	for i, target := range []uint32{webServer, printer0, printer1} {
		habit := Polling + Habit([]byte{'0' + byte(i)})
		h.every(inside(false, monitor), monitor, habit, pollPeriod, 400*time.Millisecond, func(a *act) { a.poll(target) })
	}
	h.every(inside(false, sensor), sensor, Beaconing, beaconPeriod, 2*time.Second, (*act).beacon)
	rng := h.draws(monitor, Pinging, 0)
	h.do(rng, inside(false, monitor), rng.float()/60, (*act).ping)
	rng = h.draws(fileServer, BackingUp, 0)
	h.do(rng, inside(false, fileServer), (10+rng.float())/60, (*act).backUp)
	for _, n := range []uint32{printer0, printer1} {
		rng = h.draws(n, Announcing, 0)
		h.do(rng, inside(false, n), rng.float()/6, (*act).announce)
	}
}

// poll asks a host for its state.
func (a *act) poll(target uint32) {
	a.near()
	const library = 3 // the user agent
	a.http(inside(false, target), a.web(siteCount*37+800+target, library), Polling, []turn{{answer: 300 + a.rng.below(40)}})
}

// beacon is a short call of a host outside.
func (a *act) beacon() {
	a.rtt = time.Duration(a.rng.logNormal(45e6, 0.05))
	const far = siteCount*37 + 900
	h := payload.Handshake{Client: payload.Library, Server: far}
	a.tls(host(serverNet, false, far), 443, h, Beaconing, []turn{{ask: 210, answer: 60}})
}

// ping is an hour of echo requests.
func (a *act) ping() {
	a.near()
	c := a.openAs(0, inside(false, gateway), 0, Pinging, "OTH")
	c.Gap = a.rtt
	body := make([]byte, 56)
	payload.Fill(body, 1)
	id := a.rng.uint32() << 16
	for i := range uint32(time.Hour / pingPeriod) {
		at := a.at + packet.Nanos(i)*packet.Nanos(pingPeriod) + packet.Nanos(a.rng.below(2_000_000))
		c.Wait(time.Duration(at - c.Now()))
		c.Message(Forward, 8, 0, id|i, body)
		c.Message(Reverse, 0, 0, id|i, body)
	}
}

// backUp copies files to the backup server over SSH.
func (a *act) backUp() {
	a.near()
	size := int(a.rng.logNormal(changedBytes, 0.3))
	if a.index%24 == backupHour {
		size = int(a.rng.logNormal(allBytes, 0.05))
	}
	c := a.ssh(inside(false, backup), BackingUp)
	for ; size > 0; size -= 32_000 {
		c.Send(Forward, appendSealedSSH(nil, min(size, 32_000)/16, a.rng.uint64()))
		c.Send(Reverse, appendSealedSSH(nil, 1, a.rng.uint64()))
	}
	c.Close(Forward)
}

// announce is an hour of a printer's multicasts.
func (a *act) announce() {
	c := a.openAs(5353, netip.AddrFrom4([4]byte{224, 0, 0, 251}), 5353, Announcing, "S0")
	c.Truth.App, c.Truth.Question, c.Truth.QuestionType = "dns", "_ipp._tcp.local", typePTR
	for range time.Hour / announcePeriod {
		c.Datagram(Forward, payload.AppendDNS(nil, payload.DNS{Name: c.Truth.Question, Type: typePTR}))
		c.Truth.Messages[DNSQuery]++
		c.Wait(announcePeriod - time.Duration(a.rng.below(3_000_000_000)))
	}
}

// typePTR is a DNS type.
const typePTR = 12

// printing sends a printer pages in a language that no parser of ours knows.
func printing(a *act) {
	if a.host.Is6() {
		return // printers have IPv4 alone
	}
	a.near()
	c := a.open(inside(false, printer0+uint32(a.rng.below(2))), 9100, Printing, "SF")
	a.connect(c)
	job := []byte("\x1b%-12345X@PJL ENTER LANGUAGE=PCLXL\n")
	page := make([]byte, int(min(a.rng.logNormal(60_000, 0.7), 300_000)))
	payload.Fill(page, a.rng.uint64())
	c.Send(Forward, append(job, page...))
	c.Close(Forward)
}

// administer is a session of typing at a server.
func administer(a *act) {
	a.near()
	c := a.ssh(inside(false, []uint32{webServer, fileServer, backup}[a.rng.below(3)]), Administering)
	for range a.rng.within(10, 50) {
		c.Send(Forward, appendSealedSSH(nil, 1, a.rng.uint64()))
		c.Send(Reverse, appendSealedSSH(nil, a.rng.within(1, 12), a.rng.uint64()))
		c.Wait(time.Duration(min(a.rng.exp(2e9), 15e9)))
	}
	c.Close(Forward)
}
