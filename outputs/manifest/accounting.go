package manifest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"pcapmill/outputs/jsonscan"
)

// Accounting is the disposition of every packet of an input or a run. The
// conservation law: each count of Read is the sum of that count over the outcomes.
type Accounting struct {
	PacketsRead   int64  `json:"packets_read"`
	CapturedBytes int64  `json:"captured_bytes"`
	WireBytes     int64  `json:"wire_bytes"`
	Packets       Counts `json:"packets"`
	CapturedBy    Counts `json:"captured_bytes_by_outcome"`
	WireBy        Counts `json:"wire_bytes_by_outcome"`

	// The bytes of the decompressed streams, by what they are: headers, records
	// (around packets), packets, options, padding, skipped, lost, trailing.
	StreamBytes int64  `json:"stream_bytes"`
	StreamBy    Counts `json:"stream_bytes_by_kind"`
}

// Add appends one outcome's counts.
func (a *Accounting) Add(outcome string, packets, captured, wire int64) {
	a.Packets = append(a.Packets, Count{outcome, packets})
	a.CapturedBy = append(a.CapturedBy, Count{outcome, captured})
	a.WireBy = append(a.WireBy, Count{outcome, wire})
}

// Plus adds another's counts.
func (a *Accounting) Plus(b *Accounting) {
	a.PacketsRead += b.PacketsRead
	a.CapturedBytes += b.CapturedBytes
	a.WireBytes += b.WireBytes
	a.StreamBytes += b.StreamBytes
	a.Packets = a.Packets.plus(b.Packets, 1)
	a.CapturedBy = a.CapturedBy.plus(b.CapturedBy, 1)
	a.WireBy = a.WireBy.plus(b.WireBy, 1)
	a.StreamBy = a.StreamBy.plus(b.StreamBy, 1)
}

// Minus returns what a has more than b. Outcomes without a difference are left out.
func (a *Accounting) Minus(b *Accounting) Accounting {
	return Accounting{
		PacketsRead: a.PacketsRead - b.PacketsRead, CapturedBytes: a.CapturedBytes - b.CapturedBytes,
		WireBytes: a.WireBytes - b.WireBytes, StreamBytes: a.StreamBytes - b.StreamBytes,
		Packets: a.Packets.plus(b.Packets, -1).some(), CapturedBy: a.CapturedBy.plus(b.CapturedBy, -1).some(),
		WireBy: a.WireBy.plus(b.WireBy, -1).some(), StreamBy: a.StreamBy.plus(b.StreamBy, -1).some(),
	}
}

// PacketBytes is the kind of stream bytes that the captured bytes are.
const PacketBytes = "packets"

// SelfChecks returns the four conservation equations, each named after prefix.
func (a *Accounting) SelfChecks(prefix string) []SelfCheck {
	return []SelfCheck{
		NewSelfCheck(prefix+"packets read = sum over outcomes", a.PacketsRead, a.Packets.Sum()),
		NewSelfCheck(prefix+"captured bytes read = sum over outcomes", a.CapturedBytes, a.CapturedBy.Sum()),
		NewSelfCheck(prefix+"wire bytes read = sum over outcomes", a.WireBytes, a.WireBy.Sum()),
		NewSelfCheck(prefix+"stream bytes = sum over kinds", a.StreamBytes, a.StreamBy.Sum()),
	}
}

// NewSelfCheck compares the two sides of an equation.
func NewSelfCheck(name string, want, got int64) SelfCheck {
	return SelfCheck{Name: name, Want: want, Got: got, OK: want == got}
}

// Count is one outcome's share.
type Count struct {
	Outcome string
	N       int64
}

// maxCounts is far above the number of outcomes and kinds that there are: each is compared with
// those before it.
const maxCounts = 1000

// Counts maps outcomes to counts, in the order in which the tool declares them. In
// JSON it is an object.
type Counts []Count

// Get returns the count of an outcome, 0 where it is not listed.
func (c Counts) Get(outcome string) int64 {
	for i := range c {
		if c[i].Outcome == outcome {
			return c[i].N
		}
	}
	return 0
}

// plus returns the counts with sign times those of d added, in a list of its own.
func (c Counts) plus(d Counts, sign int64) Counts {
	sum := slices.Clone(c)
	for _, more := range d {
		at := slices.IndexFunc(sum, func(o Count) bool { return o.Outcome == more.Outcome })
		if at < 0 {
			at, sum = len(sum), append(sum, Count{Outcome: more.Outcome})
		}
		sum[at].N += sign * more.N
	}
	return sum
}

// some returns the counts that are not 0.
func (c Counts) some() Counts {
	return slices.DeleteFunc(c, func(o Count) bool { return o.N == 0 })
}

// Sum returns the sum over all outcomes.
func (c Counts) Sum() int64 {
	var sum int64
	for i := range c {
		sum += c[i].N
	}
	return sum
}

// MarshalJSON writes an object whose keys keep their order.
func (c Counts) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i := range c {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(c[i].Outcome)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%s:%d", key, c[i].N)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// scan reads counts as MarshalJSON writes them.
func (c *Counts) scan(from *jsonscan.Cursor) bool {
	return from.Object(func(key []byte) bool {
		if len(*c) == maxCounts {
			return false
		}
		for i := range *c {
			if (*c)[i].Outcome == string(key) {
				return false
			}
		}
		n, ok := from.Int()
		*c = append(*c, Count{string(key), n})
		return ok
	})
}

var accountingMembers = []string{
	"packets_read", "captured_bytes", "wire_bytes", "packets", "captured_bytes_by_outcome", "wire_bytes_by_outcome", "stream_bytes", "stream_bytes_by_kind",
}

// Scan reads the accounting from JSON; see package jsonscan.
func (a *Accounting) Scan(c *jsonscan.Cursor) bool {
	return c.Members(accountingMembers, func(name string) bool {
		switch name {
		case "packets_read":
			return c.IntTo(&a.PacketsRead)
		case "captured_bytes":
			return c.IntTo(&a.CapturedBytes)
		case "wire_bytes":
			return c.IntTo(&a.WireBytes)
		case "stream_bytes":
			return c.IntTo(&a.StreamBytes)
		case "packets":
			return a.Packets.scan(c)
		case "captured_bytes_by_outcome":
			return a.CapturedBy.scan(c)
		case "wire_bytes_by_outcome":
			return a.WireBy.scan(c)
		}
		return a.StreamBy.scan(c)
	})
}

// UnmarshalJSON reads an object of integers, keeping the order of its keys.
func (c *Counts) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return fmt.Errorf("counts are not an object (%v)", err)
	}
	*c = (*c)[:0]
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		one := Count{Outcome: key.(string)}
		if err := dec.Decode(&one.N); err != nil {
			return fmt.Errorf("count of %q: %w", one.Outcome, err)
		}
		if slices.ContainsFunc(*c, func(o Count) bool { return o.Outcome == one.Outcome }) {
			return fmt.Errorf("outcome %q is listed twice", one.Outcome)
		}
		if len(*c) == maxCounts {
			return fmt.Errorf("more than %d outcomes", maxCounts)
		}
		*c = append(*c, one)
	}
	return nil
}
