package label

import (
	"math"
	"net/netip"
)

// Rule is about all flows that fit it.
type Rule struct {
	Meaning
	Times     []Interval // any of these; none: always
	Fit       Fit
	Src, Dst  Hosts // of the attack's own direction: who begins it, and against whom
	SrcPorts  Ports
	DstPorts  Ports
	Protocols []uint8 // none: any
	Direction Direction
	Depth     int32     // of tunnels; AnyDepth: any
	VLANs     []int32   // any of these among the flow's tags; none: any
	Where     string    // a condition on columns of flows, as of show --where; empty: none
	Captures  []string  // globs, of which one fits the capture's path or its last element; none: any
	Attempts  []Attempt // the first that holds makes the flow an attempt
}

// AnyDepth is the Depth of what is not about one depth of tunnels.
const AnyDepth = -1

// Direction says in which direction Src and Dst, and their ports, are a flow's src and dst.
type Direction uint8

// Directions.
const (
	AnyWay  Direction = iota // either: labels must not hang on who was taken for the initiator
	Forward                  // Src is src_ip
	Reverse                  // Src is dst_ip
)

// Fit says how a flow and an interval must meet.
type Fit uint8

// Fits.
const (
	Overlaps Fit = iota // they share an instant
	Starts              // the flow begins in the interval
	Inside              // the flow begins and ends in it
)

// Attempt is a kind of attack traffic that did not, or not yet, do harm.
//
// Source: Liu, Engelen et al., Error Prevalence in NIDS Datasets (CNS 2022), categories 0 to 6.
type Attempt struct {
	Category int32  // 0 no payload by the attacker, 1 port or system closed, 2 start-up or tear-down, 3 no malicious payload, 4 artefact, 5 wrongly implemented, 6 target unresponsive
	Where    string // a condition on columns of flows; in it fwd_ and rev_ are the attacker's and the victim's
}

// Interval is a stretch of time, ns since 1970, that has From and not To.
type Interval struct{ From, To int64 }

// Always is the interval of all times.
func Always() Interval { return Interval{math.MinInt64, math.MaxInt64} }

// Hosts is a set of addresses; without any it is every address.
type Hosts []netip.Prefix

// Has reports whether the set has an address. IPv4 addresses in IPv6 clothes are not known as
// such: who makes sets and addresses unmaps them.
func (h Hosts) Has(a netip.Addr) bool {
	for _, p := range h {
		if p.Contains(a) {
			return true
		}
	}
	return len(h) == 0
}

// Ports is a set of ports; without any it is every port, and no port too.
type Ports []PortRange

// PortRange has both its ends.
type PortRange struct{ First, Last uint16 }

// Has reports whether the set has a port; negative: the flow has no ports.
func (p Ports) Has(port int32) bool {
	for _, r := range p {
		if int32(r.First) <= port && port <= int32(r.Last) {
			return true
		}
	}
	return len(p) == 0
}
