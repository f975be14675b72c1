package traffic

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"time"

	"pcapmill/bench/traffic/payload"
	"pcapmill/ingest/packet"
)

// Habit is why a conversation took place.
type Habit string

// The habits.
const (
	Browsing      Habit = "browse"  // a client's visit of a site
	LookingUp     Habit = "lookup"  // a client's question over DNS
	ClockSetting  Habit = "clock"   // NTP
	Leasing       Habit = "lease"   // DHCP renewals
	Printing      Habit = "print"   // from a client to a printer
	Administering Habit = "admin"   // the first client's SSH to servers
	ServiceUse    Habit = "service" // what NewService adds
	Polling       Habit = "poll"
	Pinging       Habit = "ping"
	Beaconing     Habit = "beacon"
	BackingUp     Habit = "backup"
	Announcing    Habit = "announce" // multicast
)

// HourTruth is what Hour wrote.
type HourTruth struct {
	Index   int          `json:"index"` // hours since 2026-03-02 00:00 UTC, a Monday
	Seed    uint64       `json:"seed"`
	StartNs packet.Nanos `json:"start_ns"` // all packets lie in the hour that begins here
	Change  Change       `json:"change"`
	What    string       `json:"what,omitempty"` // the change in words

	// Concerned has the clients whose traffic the change concerns, the new ones with
	// NewHosts and DividedLoad, by address.
	Concerned []netip.Addr `json:"concerned,omitempty"`
	Service   string       `json:"service,omitempty"` // of NewService: its address and port

	Truth // of all packets

	Habits      map[Habit]int64 `json:"habits"`       // conversations
	Lookups     int64           `json:"lookups"`      // by clients; each is answered
	Missing     int64           `json:"nxdomain"`     // of those
	AnswerBytes int64           `json:"answer_bytes"` // of sites to clients, without heads and handshakes
	Hosts       []HostTruth     `json:"hosts"`        // inside, by address

	Conversations []HourFlow `json:"-"` // in the order of their hosts
}

// HourFlow is one conversation of an hour.
type HourFlow struct {
	FlowTruth
	Habit       Habit
	AnswerBytes int64 // of a site: what it was asked for, without heads and handshakes
}

// HostTruth counts what one host inside sent and received. Nobody receives a
// multicast.
type HostTruth struct {
	Host
	Began           int64 `json:"began"`    // conversations
	Answered        int64 `json:"answered"` // those that others began with it
	SentPackets     int64 `json:"sent_packets"`
	ReceivedPackets int64 `json:"received_packets"`
	SentBytes       int64 `json:"sent_wire_bytes"`
	ReceivedBytes   int64 `json:"received_wire_bytes"`
}

// Hour writes one hour of the network, index hours after 2026-03-02 00:00 UTC, with
// a change. Any hour can be made without those before it; all packets lie within it.
// Hours of one seed continue each other: beacons and polls keep their beat, ports
// their count, and loads resemble those of the hour before. Other seeds are other
// weeks of the same network.
//
// It keeps the hour's packets in memory until the last.
func (n *Network) Hour(w PacketWriter, seed uint64, index int, change Change) (HourTruth, error) {
	if index < 0 || index > maxHour {
		return HourTruth{}, fmt.Errorf("hour %d: want 0 to %d", index, maxHour)
	}
	if err := change.Validate(); err != nil {
		return HourTruth{}, fmt.Errorf("hour %d: %w", index, err)
	}
	h := newHour(n, seed, index, change)
	for i := range h.people {
		h.live(&h.people[i])
	}
	h.devices()
	err := h.play(func(p *scenePacket) error { return w.WritePacket(p.Time, p.WireLen, p.Data) })
	if err != nil {
		return HourTruth{}, fmt.Errorf("hour %d: %w", index, err)
	}
	return h.told(), nil
}

// maxHour is about a century.
const maxHour = 1 << 20

// hour is an hour in the making.
type hour struct {
	scene
	net       *Network
	seed      uint64
	index     int
	start     packet.Nanos
	change    Change
	people    []person // those who are there, with guests and new ones
	usual     int      // how many there are without the change
	concerned map[uint32]bool
	maker     *payload.Maker
	ports     map[netip.Addr]uint16
	uses      []*use // one for each of the scene's flows
}

// use is a conversation and why it takes place.
type use struct {
	*Session
	habit  Habit
	answer int
}

func newHour(n *Network, seed uint64, index int, change Change) *hour {
	h := &hour{
		scene: scene{truth: newTruth()}, net: n, seed: seed, index: index, change: change,
		start: networkStart + packet.Nanos(index)*hourLength, people: n.present(seed, index),
		concerned: map[uint32]bool{}, maker: payload.NewMaker(), ports: map[netip.Addr]uint16{},
	}
	h.usual = len(h.people)
	switch {
	case change.Kind == Unchanged:
	case change.Kind.brings():
		for i := range uint32(change.Strength) {
			p := n.newPerson(payload.Mix(seed)+uint64(index), firstNew+i)
			p.Role = "new client"
			h.people = append(h.people, p)
			h.concerned[p.number] = true
		}
	default:
		h.concern()
	}
	return h
}

// present are the clients that are not away, and guests.
func (n *Network) present(seed uint64, index int) (there []person) {
	for i := range n.people {
		if !n.away(&n.people[i], seed, index) {
			there = append(there, n.people[i])
		}
	}
	return append(there, n.guests(seed, index)...)
}

// concern draws the clients that the change concerns: at least one.
func (h *hour) concern() {
	rng := h.draws(firstDevice, "concern", 0)
	left := max(1, int(math.Round(h.change.Share*float64(len(h.people)))))
	for i := range h.people { // selection sampling: each set is as likely as any other
		if rng.below(len(h.people)-i) < left {
			h.concerned[h.people[i].number] = true
			left--
		}
	}
}

// draws returns the random numbers with which a host does something for the nth time.
// They do not depend on what else it does, so that a change leaves all else as it is.
func (h *hour) draws(host uint32, habit Habit, nth int) random {
	return numbers(h.seed, 4, uint64(h.index), uint64(host), habit.salt(), uint64(nth))
}

// salt tells the random numbers of habits apart.
func (h Habit) salt() (salt uint64) {
	for _, c := range []byte(h) {
		salt = payload.Mix(salt + uint64(c))
	}
	return salt
}

// has reports whether the change is of a kind and concerns a client.
func (h *hour) has(k ChangeKind, p *person) bool { return h.change.Kind == k && h.concerned[p.number] }

// act is something that a host does.
type act struct {
	*hour
	rng  random
	host netip.Addr
	at   packet.Nanos // when the next conversation begins
	part float64      // of the hour that had passed when it began, 0 to 1
	rtt  time.Duration
}

// do lets a host do something once; it begins after part of the hour. What would end
// after the hour is moved to end with it.
func (h *hour) do(rng random, who netip.Addr, part float64, what func(a *act)) {
	frames, uses := len(h.frames), len(h.uses)
	a := &act{hour: h, rng: rng, host: who, part: part, at: h.start + packet.Nanos(part*float64(hourLength))}
	what(a)
	last := packet.Nanos(0)
	for _, f := range h.frames[frames:] {
		last = max(last, f.Time)
	}
	back := last - (h.start + hourLength - 1)
	if back <= 0 {
		return
	}
	for i := range h.frames[frames:] {
		h.frames[frames+i].Time -= back
	}
	for _, u := range h.uses[uses:] {
		u.Truth.FirstNs -= back
		u.Truth.LastNs -= back
	}
}

// times lets a host do something at random instants, mean times in the hour.
func (h *hour) times(who netip.Addr, number uint32, habit Habit, mean float64, what func(a *act)) {
	rng := h.draws(number, habit, -1)
	for i := range rng.poisson(mean) {
		own := h.draws(number, habit, i)
		part := own.float()
		h.do(own, who, part, what)
	}
}

// every lets a host do something with a period, at instants that the network's seed
// fixes for all hours, each shifted by up to jitter.
func (h *hour) every(who netip.Addr, number uint32, habit Habit, period, jitter time.Duration, what func(a *act)) {
	rng := numbers(h.net.cfg.Seed, 5, uint64(number), habit.salt())
	phase := packet.Nanos(rng.float() * float64(period))
	first := (h.start - phase + packet.Nanos(period) - 1) / packet.Nanos(period)
	for k := first; ; k++ {
		at := phase + k*packet.Nanos(period)
		if at >= h.start+hourLength {
			return
		}
		own := h.draws(number, habit, int(k-first))
		at = max(h.start, at+packet.Nanos((2*own.float()-1)*float64(jitter)))
		h.do(own, who, float64(at-h.start)/float64(hourLength), what)
	}
}

// portsAnHour is the number of a host's ports that neighbouring hours do not share.
const portsAnHour = 1201

// port returns the next port of a host.
func (h *hour) port(addr netip.Addr) uint16 {
	n, ok := h.ports[addr]
	if !ok {
		raw := addr.As16()
		n = uint16((uint64(raw[15])*7919 + uint64(h.index)*portsAnHour) % lowPort)
	}
	h.ports[addr] = (n + 1) % lowPort
	return lowPort + n
}

// open begins a conversation with a server.
func (a *act) open(server netip.Addr, port uint16, habit Habit, state string) *use {
	return a.openAs(a.port(a.host), server, port, habit, state)
}

// openAs is open from a port.
func (a *act) openAs(from uint16, server netip.Addr, port uint16, habit Habit, state string) *use {
	s := a.between(a.on(0), a.at, netip.AddrPortFrom(a.host, from), netip.AddrPortFrom(server, port), state)
	s.seq = [2]uint32{a.rng.uint32(), a.rng.uint32()}
	if a.host.Is6() {
		s.MSS = 1440
	}
	u := &use{Session: s, habit: habit}
	a.uses = append(a.uses, u)
	return u
}

// near makes the act one between hosts inside.
func (a *act) near() { a.rtt = time.Duration(a.rng.logNormal(600_000, 0.3)) }

// connect writes the handshake. The round trip is seen in two halves.
func (a *act) connect(u *use) {
	u.Gap = a.rtt / 2
	u.Handshake()
	u.Gap = time.Duration(a.rng.within(60, 300)) * time.Microsecond
}

// told returns the truth when all packets are written.
func (h *hour) told() HourTruth {
	t := HourTruth{
		Index: h.index, Seed: h.seed, StartNs: h.start, Change: h.change, What: h.change.What(),
		Truth: h.truth, Habits: map[Habit]int64{},
	}
	for i := range h.people {
		if h.concerned[h.people[i].number] {
			t.Concerned = append(t.Concerned, h.people[i].Addr)
		}
	}
	slices.SortFunc(t.Concerned, netip.Addr.Compare)
	if h.change.Kind == NewService {
		t.Service = h.service().String()
	}
	for _, u := range h.uses {
		t.add(HourFlow{u.Truth, u.habit, int64(u.answer)})
	}
	t.countHosts(h.hosts())
	return t
}

// add counts a conversation.
func (t *HourTruth) add(f HourFlow) {
	t.Conversations = append(t.Conversations, f)
	t.Habits[f.Habit]++
	t.AnswerBytes += f.AnswerBytes
	if f.Habit == LookingUp {
		t.Lookups++
	}
	if f.Habit == LookingUp && f.ResponseCode == nameError {
		t.Missing++
	}
}

// hosts returns all hosts inside, by address, also clients that are away.
func (h *hour) hosts() []Host {
	all := h.net.Hosts()
	for i := range h.people {
		if h.people[i].number >= firstNew {
			all = append(all, h.people[i].Host)
		}
	}
	slices.SortFunc(all, func(a, b Host) int { return a.Addr.Compare(b.Addr) })
	return all
}

// countHosts counts by host.
func (t *HourTruth) countHosts(hosts []Host) {
	t.Hosts = make([]HostTruth, len(hosts))
	for i, h := range hosts {
		t.Hosts[i].Host = h
	}
	find := func(a netip.Addr) *HostTruth {
		i, ok := slices.BinarySearchFunc(hosts, a, func(h Host, a netip.Addr) int { return h.Addr.Compare(a) })
		if !ok {
			return &HostTruth{} // outside: nobody counts it
		}
		return &t.Hosts[i]
	}
	for i := range t.Conversations {
		f := &t.Conversations[i].FlowTruth
		src, dst := find(f.Src), find(f.Dst)
		src.Began++
		dst.Answered++
		src.exchange(f.FwdPackets, f.FwdWireBytes, f.RevPackets, f.RevWireBytes)
		dst.exchange(f.RevPackets, f.RevWireBytes, f.FwdPackets, f.FwdWireBytes)
	}
}

// exchange adds what a host sent and received.
func (h *HostTruth) exchange(sent, sentBytes, received, receivedBytes int64) {
	h.SentPackets += sent
	h.SentBytes += sentBytes
	h.ReceivedPackets += received
	h.ReceivedBytes += receivedBytes
}
