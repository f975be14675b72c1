package labels

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"pcapmill/datasets/label"
	"pcapmill/outputs/tables"
)

// ErrLimit: there are more labels, or flows, than are kept.
var ErrLimit = errors.New("too many")

// Limits of a Book.
const (
	MaxFlows  = 1 << 28 // of which something is said: 4 GiB of a Book
	MaxLabels = 1 << 16 // different ones
)

// Book remembers what flows are called, but for those that are unlabelled, as most are: a flow
// that it lacks is.
//
//	flows    flow_id │ code │ more    16 bytes each, ordered by flow_id once it is Done
//	words    code ─► label
//	parts    number ─► campaign, of 0 none
type Book struct {
	view    *tables.View // by which tables are read
	flows   []entry
	words   []string
	codes   map[string]int32
	parts   []string
	numbers map[string]uint32
}

// entry is what is said of one flow.
type entry struct {
	flow int64
	code int32 // of its label; negative: unlabelled or ambiguous
	more more
}

// more is the number of a campaign, and in the lowest bits the Role of a flow's src.
type more uint32

const roleBits = 2

func (m more) role() Role       { return Role(m & (1<<roleBits - 1)) }
func (m more) campaign() uint32 { return uint32(m >> roleBits) }

// Codes of flows without a label.
const (
	codeUnlabelled = -1
	codeAmbiguous  = -2
)

// Role is what a flow's src is in what its label says.
type Role uint8

// Roles. Who attacks whom is only known where a rule says so.
const (
	NoRole Role = iota
	Attacker
	Victim
	Both
)

var roles = [...]string{"", "attacker", "victim", "both"}

// String returns the role as tables have it, empty for none.
func (r Role) String() string { return roles[r] }

// other is the role of the other end.
func (r Role) other() Role {
	switch r {
	case Attacker:
		return Victim
	case Victim:
		return Attacker
	}
	return r
}

// NewBook returns an empty Book, which reads tables by a View.
func NewBook(view *tables.View) *Book {
	return &Book{view: view, codes: map[string]int32{}, parts: []string{""}, numbers: map[string]uint32{"": 0}}
}

// Add remembers a flow. src is the role of its src_ip. The error is ErrLimit.
func (b *Book) Add(flow int64, o label.Outcome, name, campaign string, src Role) error {
	if o == label.Unlabelled {
		return nil
	}
	if len(b.flows) == MaxFlows {
		return fmt.Errorf("%w flows: of at most %d can anything be said at once", ErrLimit, MaxFlows)
	}
	e := entry{flow: flow, code: codeAmbiguous}
	if o == label.Labelled {
		code, err := b.codeOf(name)
		if err != nil {
			return err
		}
		e.code, e.more = code, more(b.numberOf(campaign)<<roleBits)|more(src)
	}
	b.flows = append(b.flows, e)
	return nil
}

func (b *Book) codeOf(name string) (int32, error) {
	if code, known := b.codes[name]; known {
		return code, nil
	}
	if len(b.words) == MaxLabels {
		return 0, fmt.Errorf("%w labels: at most %d different ones", ErrLimit, MaxLabels)
	}
	code := int32(len(b.words))
	b.words = append(b.words, utf8Of(name))
	b.codes[name] = code
	return code, nil
}

// numberOf returns the number of a campaign, of which there are no more than flows.
func (b *Book) numberOf(campaign string) uint32 {
	n, known := b.numbers[campaign]
	if !known {
		n = uint32(len(b.parts))
		b.parts, b.numbers[campaign] = append(b.parts, campaign), n
	}
	return n
}

// Done says that all flows were added: from then on they can be looked for. It returns how many of
// those of which something is said have the flow_id of one that came before, which is the one that is found.
func (b *Book) Done() (again int64) {
	slices.SortStableFunc(b.flows, func(x, y entry) int { return cmp.Compare(x.flow, y.flow) })
	for i := 1; i < len(b.flows); i++ {
		if b.flows[i].flow == b.flows[i-1].flow {
			again++
		}
	}
	return again
}

// find returns what is said of a flow.
func (b *Book) find(flow int64) entry {
	i, found := slices.BinarySearchFunc(b.flows, flow, func(e entry, f int64) int { return cmp.Compare(e.flow, f) })
	if !found {
		return entry{flow: flow, code: codeUnlabelled}
	}
	return b.flows[i]
}

// said is what a code means.
func (b *Book) said(code int32) (o label.Outcome, name string) {
	switch {
	case code >= 0:
		return label.Labelled, b.words[code]
	case code == codeAmbiguous:
		return label.Ambiguous, ""
	}
	return label.Unlabelled, ""
}
