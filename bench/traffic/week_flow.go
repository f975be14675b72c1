package traffic

import (
	"net/netip"
	"time"

	"pcapmill/ingest/packet"
)

// WeekRule defines an attack: all flows between Src and Dst, in either direction, that
// share an instant with [From, To) and fit ports and protocol.
type WeekRule struct {
	ID       string         `json:"id"`
	Label    string         `json:"label"`
	Category string         `json:"category"`
	MITRE    string         `json:"mitre"`
	Campaign string         `json:"campaign"`
	Priority int            `json:"priority"` // the higher counts
	From     packet.Nanos   `json:"from_ns"`
	To       packet.Nanos   `json:"to_ns"`
	Src      []netip.Prefix `json:"src"` // the attacker: each address under which it is seen
	Dst      []netip.Prefix `json:"dst"` // the victims
	SrcPorts []uint16       `json:"src_ports,omitempty"`
	DstPorts []uint16       `json:"dst_ports,omitempty"`
	Proto    uint8          `json:"proto"`              // 0: any
	Attempts []WeekAttempt  `json:"attempts,omitempty"` // the first that holds
}

// WeekAttempt is a condition on columns of flows under which an attack's flow is an
// attempt of a category by Liu et al.
type WeekAttempt struct {
	Category int32  `json:"category"`
	Where    string `json:"where"`
}

// WeekFlow is one flow of a week and what is true of it: a conversation as captured at
// one side of the gateway, or a piece of one that the active timeout of half an hour
// cuts.
type WeekFlow struct {
	Src      netip.Addr   `json:"src"` // who began the conversation, even where the capture missed its first packet
	SrcPort  uint16       `json:"sport"`
	Dst      netip.Addr   `json:"dst"`
	DstPort  uint16       `json:"dport"`
	Proto    uint8        `json:"proto"`
	ICMPType uint8        `json:"icmp_type"` // of the request; 0 in other protocols
	FirstNs  packet.Nanos `json:"first_ns"`
	LastNs   packet.Nanos `json:"last_ns"`
	Packets  int64        `json:"packets"`
	Outside  bool         `json:"outside"`         // as the gateway's outer side shows it
	Piece    int          `json:"piece"`           // of a conversation that was cut, from 0
	Attack   string       `json:"attack"`          // the label of what it was made as; empty: benign
	Case     string       `json:"case,omitempty"`  // what makes it hard
	Rules    []string     `json:"rules,omitempty"` // that are true of it, the highest priority first
	Outcome  string       `json:"outcome"`         // labelled, unlabelled or ambiguous, by those
	Label    string       `json:"label,omitempty"` // by those; empty unless it is labelled
	Attempt  int32        `json:"attempt"`         // Liu's category; -1: none
	Overlap  float64      `json:"overlap"`         // share of its time in the first rule's interval
}

// Outcomes of flows, as tables of labels have them.
const (
	weekUnlabelled = "unlabelled"
	weekLabelled   = "labelled"
	weekAmbiguous  = "ambiguous"
)

// span is when packets of a conversation were captured at one side.
type span struct {
	first, last packet.Nanos
	packets     int64
}

func (s *span) add(at packet.Nanos) {
	if s.packets == 0 {
		s.first = at
	}
	s.first, s.last = min(s.first, at), max(s.last, at) // the gateway's delay may swap two
	s.packets++
}

// within is the share of a flow's time in an interval that it shares an instant with.
func within(first, last, from, to packet.Nanos) float64 {
	if first == last {
		return 1
	}
	return float64(min(last, to)-max(first, from)) / float64(last-first)
}

// share is n times the week's scale, at least one.
func (w *Week) share(n int) int { return max(1, int(float64(n)*w.cfg.Scale)) }

// port returns the next port of a host of an attack, whose ports nobody else has: they
// are below those of the background's clients.
func (w *Week) port(host netip.Addr) uint16 {
	const first, count = 10_000, 22_000
	w.ports[host] = (w.ports[host] + 1) % count
	return first + w.ports[host]
}

// spread calls do n times at instants that are spread over an interval, at least room
// before its end.
func (w *Week) spread(from, to packet.Nanos, room time.Duration, n int, do func(at packet.Nanos, i int)) {
	slot := float64(to-from-packet.Nanos(room)) / float64(n)
	for i := range n {
		do(from+packet.Nanos(slot*(float64(i)+0.1+0.8*w.rng.float())), i)
	}
}

// Scheduled reports whether the flow is of the schedule and not of the background.
func (f *WeekFlow) Scheduled() bool { return f.Attack != "" || f.Case != "" }
