package label

// MaxLabel is the most bytes of a label in tables: what reads labels keeps thousands of them, which
// in a file can be pages of millions of bytes that are one letter. Sources have labels of half of it.
const MaxLabel = 8 << 10

// Meaning is what a source says of the flows that it is true of.
type Meaning struct {
	ID         string   // of the rule; of an event, what of its kind have in common: a signature's number
	Label      string   // what a model shall predict; never empty
	Category   string   // the wider class; empty: none
	MITRE      string   // ATT&CK technique, as T1046; empty: none
	Campaign   string   // flows that belong together, which no split may divide; empty: those of the same ID
	Priority   int32    // the higher counts; of equal ones that say different things none does
	Confidence *float64 // 0 to 1; nil: the source gives none
	Source     int32    // index into Set.Sources
	Line       int64    // in the source, from 1; of a capture the packet's number; 0: the source has none
}

// Outcome is what became of a flow.
type Outcome uint8

// Every flow has one of these.
const (
	Unlabelled Outcome = iota // no source says anything of it
	Labelled
	Ambiguous // sources of the same priority disagree, or an event fits several flows
)

var outcomes = [...]string{"unlabelled", "labelled", "ambiguous"}

// String returns the name as tables have it.
func (o Outcome) String() string { return outcomes[o] }

// Outcomes returns the names, by value.
func Outcomes() []string { return outcomes[:] }
