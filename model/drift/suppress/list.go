package suppress

import (
	"errors"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"pcapmill/model/drift"
	"pcapmill/outputs/ipnet"
)

// ErrList says that a file is no suppression list; the message says where and why.
var ErrList = errors.New("not a suppression list")

// List has the entries of a file, in their order. The first one that matches counts.
type List []Entry

// Entry suppresses what matches all that it asks for, of which there is something.
type Entry struct {
	Line int // in the file

	Layers   []drift.Layer  // one of these; none: any
	Hosts    []netip.Prefix // the segment is a host or subnet in one of these; none: any
	Segments []Pattern      // the segment is like one of these; none: any
	Subjects []Pattern      // likewise
	Keys     []Pattern      // all keys of the item are like one of these, or like those of other entries that match; none: any

	Most   drift.Severity // up to which it suppresses
	Reason string
	Until  time.Time // its last day, at 0 h UTC; zero: it has no end
}

// Pattern is a text in which * stands for any characters and ? for one.
type Pattern struct{ text *regexp.Regexp }

// PatternOf reads a pattern.
func PatternOf(glob string) Pattern {
	expr := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(glob))
	return Pattern{regexp.MustCompile(`(?s)^` + expr + `$`)} // quoted: it always compiles
}

func like(patterns []Pattern, s string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p Pattern) bool { return p.text.MatchString(s) })
}

// over says whether an entry has ended by a time. Without a time, nothing that ends holds.
func (e *Entry) over(at time.Time) bool {
	return !e.Until.IsZero() && (at.IsZero() || !at.Before(e.Until.AddDate(0, 0, 1)))
}

// told is an item or a host's score, as entries see it.
type told struct {
	layer    drift.Layer
	segment  string
	subject  string
	severity drift.Severity
	keys     []drift.KeyItem
	moreKeys int
}

// The subjects of scores: what they are called where items have a column or a category.
const (
	subjectIndex = "drift_index"
	subjectNew   = "new_host"
)

func toldItem(x *drift.Item) told {
	return told{x.Layer, x.Segment, x.Subject, x.Severity, x.Keys, x.MoreKeys}
}

// toldScore: a host's index is a matter of behaviour, and that it is new one of population.
func toldScore(s *drift.Score) told {
	t := told{layer: drift.Behaviour, segment: "host " + s.Host, subject: subjectIndex, severity: s.Severity}
	if s.New {
		t.layer, t.subject = drift.Population, subjectNew
	}
	return t
}

// meets says whether an entry matches in all but keys.
func (e *Entry) meets(t *told) bool {
	return t.severity <= e.Most &&
		(len(e.Layers) == 0 || slices.Contains(e.Layers, t.layer)) &&
		(len(e.Hosts) == 0 || within(e.Hosts, t.segment)) &&
		like(e.Segments, t.segment) && like(e.Subjects, t.subject)
}

// within says whether a segment is a host or subnet inside one of some networks.
func within(networks []netip.Prefix, segment string) bool {
	network, ok := networkOf(segment)
	return ok && slices.ContainsFunc(networks, func(n netip.Prefix) bool {
		return n.Bits() <= network.Bits() && n.Contains(network.Addr())
	})
}

// networkOf returns the network of a segment such as host 10.0.0.1 or subnet 10.0.0.0/24.
func networkOf(segment string) (netip.Prefix, bool) {
	kind, name, _ := strings.Cut(segment, " ")
	switch kind {
	case "host", "subnet":
		return parseNetwork(name)
	}
	return netip.Prefix{}, false
}

// parseNetwork reads an address or a prefix.
func parseNetwork(s string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(s); err == nil {
		a = a.Unmap().WithZone("")
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	return ipnet.Unmap(p).Masked(), err == nil
}

// find returns the entry that suppresses something, or nil. Entries with keys do where
// together they have all keys of it, and it shows all it has: the first that has any is said.
func (l List) find(t *told, at time.Time) *Entry {
	var keyed []*Entry
	for i := range l {
		e := &l[i]
		switch {
		case e.over(at) || !e.meets(t):
		case len(e.Keys) == 0:
			return e
		default:
			keyed = append(keyed, e)
		}
	}
	if len(keyed) == 0 || len(t.keys) == 0 || t.moreKeys > 0 {
		return nil
	}
	for _, k := range t.keys {
		if !slices.ContainsFunc(keyed, func(e *Entry) bool { return like(e.Keys, k.Key) }) {
			return nil
		}
	}
	first := slices.IndexFunc(keyed, func(e *Entry) bool {
		return slices.ContainsFunc(t.keys, func(k drift.KeyItem) bool { return like(e.Keys, k.Key) })
	})
	return keyed[first]
}
