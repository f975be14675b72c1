package drift

import "fmt"

// Severity of a drift, ascending.
type Severity int

// Severities. Their bands are those of NetDNA's table, which decides where its text
// disagrees: it calls an index of 4.31 critical, the table high.
const (
	None     Severity = iota // below 2
	Low                      // 2 to below 3
	Medium                   // 3 to below 4
	High                     // 4 to below 5
	Critical                 // 5 and above
)

var severities = [...]struct{ name, action string }{
	None:     {"none", "no action"},
	Low:      {"low", "continue monitoring"},
	Medium:   {"medium", "add to watchlist"},
	High:     {"high", "escalate to analyst"},
	Critical: {"critical", "isolate and investigate"},
}

func (s Severity) String() string { return severities[s].name }

// Action is what is recommended.
func (s Severity) Action() string { return severities[s].action }

// ParseSeverity reads a name, as of --fail-on.
func ParseSeverity(name string) (Severity, error) {
	for s, known := range severities {
		if known.name == name {
			return Severity(s), nil
		}
	}
	return None, fmt.Errorf("severity %q is none of none, low, medium, high, critical", name)
}

// MarshalText writes the name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads it.
func (s *Severity) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSeverity(string(text))
	return err
}

// Bands are where low, medium, high and critical begin.
type Bands [4]float64

// Of returns the band of a number: that which begins at or below it.
func (b Bands) Of(x float64) Severity {
	s := None
	for i, from := range b {
		if x >= from {
			s = Severity(i + 1)
		}
	}
	return s
}

func (b Bands) validate(what string) error {
	for i, from := range b {
		if !(from > 0) || i > 0 && !(from > b[i-1]) {
			return fmt.Errorf("bands of %s %v: each must begin above the one before it, and above 0", what, b)
		}
	}
	return nil
}
