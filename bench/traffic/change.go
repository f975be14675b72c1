package traffic

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ChangeKind is a way in which an hour of a Network may differ from the others.
type ChangeKind uint8

// The kinds. Strength is what is said behind each.
const (
	Unchanged    ChangeKind = iota // none
	LargerSizes                    // factor on the bytes that sites answer
	NewService                     // share of the clients' conversations that are with a port and a host not seen before
	HigherRate                     // factor on how often clients visit sites and look names up
	NewHosts                       // number of clients not seen before
	GrowingSizes                   // factor that LargerSizes reaches at the end of the hour, from 1 at its beginning
	MissingNames                   // share of the answered lookups that say NXDOMAIN
	DividedLoad                    // number of clients not seen before, among whom and the others the load is divided
	NumChanges
)

// changes describes the kinds: name, usual strength, and bounds of strength.
var changes = [NumChanges]struct {
	name               string
	usual, least, most float64
	what               string // of the strength
}{
	Unchanged:    {"none", 0, 0, 0, ""},
	LargerSizes:  {"sizes", 2.5, 0.1, 10, "sites answer %v times the bytes"},
	NewService:   {"service", 0.15, 0.001, 0.5, "%v of the clients' conversations are with a new service"},
	HigherRate:   {"rate", 2, 0.1, 5, "clients visit and look up %v times as often"},
	NewHosts:     {"hosts", 20, 1, 200, "%v clients not seen before"},
	GrowingSizes: {"growth", 3, 0.1, 10, "what sites answer grows through the hour to %v times the bytes"},
	MissingNames: {"nxdomain", 0.3, 0.02, 0.6, "%v of the lookups are answered NXDOMAIN"},
	DividedLoad:  {"divided", 20, 1, 200, "%v clients not seen before, all clients together visit and look up as often"},
}

func (k ChangeKind) String() string { return changes[k].name }

// brings reports whether there are clients not seen before.
func (k ChangeKind) brings() bool { return k == NewHosts || k == DividedLoad }

// MarshalText implements encoding.TextMarshaler.
func (k ChangeKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *ChangeKind) UnmarshalText(b []byte) error {
	for i := range changes {
		if changes[i].name == string(b) {
			*k = ChangeKind(i)
			return nil
		}
	}
	return fmt.Errorf("no change %q", b)
}

// Change is how one hour differs. All else in it is as it would be without: the
// same seed gives the same conversations, byte for byte, but for what the change
// says. The zero value is no change.
type Change struct {
	Kind     ChangeKind `json:"kind"`
	Strength float64    `json:"strength"` // its meaning is the kind's
	Share    float64    `json:"share"`    // of the clients that it concerns, above 0 to 1; unused by NewHosts and DividedLoad
}

// DefaultChange returns a kind's change of usual strength that concerns all clients.
func DefaultChange(k ChangeKind) Change {
	if k == Unchanged {
		return Change{}
	}
	return Change{k, changes[k].usual, 1}
}

// ParseChange reads "KIND", "KIND:STRENGTH" or "KIND:STRENGTH:SHARE".
func ParseChange(text string) (Change, error) {
	parts := strings.Split(text, ":")
	var k ChangeKind
	if err := k.UnmarshalText([]byte(parts[0])); err != nil {
		return Change{}, err
	}
	c := DefaultChange(k)
	fields := []*float64{&c.Strength, &c.Share}
	if len(parts)-1 > len(fields) {
		return c, fmt.Errorf("change %q: want KIND:STRENGTH:SHARE", text)
	}
	for i, part := range parts[1:] {
		v, err := strconv.ParseFloat(part, 64)
		if err != nil {
			return c, fmt.Errorf("change %q: %w", text, err)
		}
		*fields[i] = v
	}
	return c, c.Validate()
}

// Validate reports a change that no hour can have.
func (c Change) Validate() error {
	if c.Kind >= NumChanges {
		return errors.New("unknown kind of change")
	}
	if c.Kind == Unchanged {
		if c != (Change{}) {
			return errors.New("no change has neither strength nor share")
		}
		return nil
	}
	k := &changes[c.Kind]
	if !(c.Strength >= k.least && c.Strength <= k.most) {
		return fmt.Errorf("strength of %s must be within %v and %v", c.Kind, k.least, k.most)
	}
	if c.Kind.brings() && c.Strength != float64(int(c.Strength)) {
		return fmt.Errorf("strength of %s must be whole", c.Kind)
	}
	if !(c.Share > 0 && c.Share <= 1) {
		return errors.New("share of clients must be above 0 and at most 1")
	}
	return nil
}

// What says the change in words, empty where there is none.
func (c Change) What() string {
	if c.Kind == Unchanged {
		return ""
	}
	return fmt.Sprintf(changes[c.Kind].what, c.Strength)
}
