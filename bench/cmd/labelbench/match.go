package main

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"pcapmill/datasets/label"
	"pcapmill/datasets/label/match"
)

// matchFlows makes labels of a kind and matches them with a table.
func matchFlows(a *arguments) (map[string]int64, error) {
	makers := map[string]func(i int, l *label.Rule){"mixed": mixed, "networks": networks, "times": times, "ports": ports, "conditions": conditions, "nothing": nothing}
	s := &label.Set{Sources: make([]label.Source, 1)}
	switch fill := makers[a.kind]; {
	case len(a.tables) != 1:
		return nil, fmt.Errorf("want one table")
	case a.kind == "events":
		s.Events = events(a)
	case fill == nil:
		return nil, fmt.Errorf("no such kind: %s", a.kind)
	default:
		for i := range a.labels {
			l := label.Rule{Meaning: label.Meaning{ID: fmt.Sprint(i), Label: fmt.Sprint("attack ", i%20)}, Depth: label.AnyDepth}
			fill(i, &l)
			s.Rules = append(s.Rules, l)
		}
	}
	c := match.DefaultConfig()
	if a.workers > 0 {
		c.Workers = a.workers
	}
	hits := int64(0)
	r, err := match.Run(context.Background(), match.Input{Flows: a.tables[0], Captures: []string{"week.pcap"}, Set: s}, c, func(row *match.Row) error {
		hits += int64(len(row.Hits)) + row.More
		return nil
	})
	if err != nil {
		return nil, err
	}
	src := &r.Sources[0]
	return map[string]int64{"flows": r.Flows, "labels": int64(len(s.Rules) + len(s.Events)), "labelled": r.Labelled, "ambiguous": r.Ambiguous, "hits": hits,
		"rules_hit": src.RulesHit, "events_matched": src.Matched, "events_ambiguous": src.Ambiguous}, nil
}

// interval is one of some hours of the week.
func interval(h uint64, length time.Duration) []label.Interval {
	from := epoch + int64(h%uint64(week))
	return []label.Interval{{From: from, To: from + int64(length)}}
}

func network(a netip.Addr, bits int) label.Hosts { return label.Hosts{netip.PrefixFrom(a, bits)} }

// mixed are rules as data sets have them: attackers and victims for an hour or two, scans of
// networks, a protocol that nobody uses else, and attempts told apart.
func mixed(i int, l *label.Rule) {
	h := mix(uint64(i) + 1<<40)
	switch i % 10 {
	default:
		l.Src, l.Times = network(inside(h), 32), interval(h, 2*time.Hour)
		l.DstPorts = label.Ports{{First: port(h), Last: port(h)}}
	case 6, 7:
		l.Dst, l.Times = network(outside(h), 24), interval(h, 24*time.Hour)
	case 8:
		l.Times, l.DstPorts = interval(h, 10*time.Minute), label.Ports{{First: 25, Last: 25}}
	case 9:
		l.Src, l.Times = network(inside(h), 24), interval(h, 6*time.Hour)
		l.Where, l.Attempts = fmt.Sprintf("rev_packets > %d", h%8), label.AutoAttempts()
	}
}

func networks(i int, l *label.Rule) {
	h := mix(uint64(i) + 1<<41)
	l.Dst = network(outside(h), 8+i%17)
}

func times(i int, l *label.Rule) {
	l.Times = interval(mix(uint64(i)+1<<42), 10*time.Minute)
}

func ports(i int, l *label.Rule) {
	l.DstPorts = label.Ports{{First: uint16(30000 + i), Last: uint16(30000 + i)}}
}

func conditions(i int, l *label.Rule) {
	h := mix(uint64(i) + 1<<43)
	l.Src, l.Where = network(inside(h), 24), fmt.Sprintf("fwd_packets > %d and rev_payload_bytes < %d", h%8, h>>8%16)
}

func nothing(i int, l *label.Rule) {
	networks(i, l)
	l.DstPorts, l.Times = label.Ports{{First: 7, Last: 7}}, interval(mix(uint64(i)), time.Hour)
}

// events are alerts in the middle of flows, every third in the other direction.
func events(a *arguments) []label.Event {
	var all []label.Event
	for i := range a.labels {
		m := makeFlow(int(mix(uint64(i))%uint64(a.flows)), a.flows)
		at := m.start + (m.end-m.start)/2
		e := label.Event{Meaning: label.Meaning{ID: "1:1", Label: "alert"}, Time: at, Last: at, Precision: 1000, Src: m.src, Dst: m.dst,
			SrcPort: int32(m.srcPort), DstPort: int32(m.dstPort), Protocol: int32(m.protocol)}
		if i%3 == 0 {
			e.Src, e.Dst, e.SrcPort, e.DstPort = e.Dst, e.Src, e.DstPort, e.SrcPort
		}
		all = append(all, e)
	}
	return all
}
