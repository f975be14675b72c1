package labels

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"pcapmill/datasets/label"
)

// Score counts flows of one label: right ones, those that have it and should not, and those
// that lack it.
type Score struct {
	Label               string
	Right, Wrong, Lacks int
}

// Precision is the share of those that have the label and should; 1 of none.
func (s *Score) Precision() float64 { return share(s.Right, s.Wrong) }

// Recall is the share of those that should have the label and do; 1 of none.
func (s *Score) Recall() float64 { return share(s.Right, s.Lacks) }

func share(n, others int) float64 {
	if n+others == 0 {
		return 1
	}
	return float64(n) / float64(n+others)
}

// Scores compares what was said of flows with what should be, label by label.
type Scores struct {
	list []Score
	at   map[string]int
}

// Name is what a flow counts as: its label, or the outcome in brackets where it has none.
func Name(outcome label.Outcome, name string) string {
	if outcome == label.Labelled {
		return name
	}
	return "(" + outcome.String() + ")"
}

// Add counts one flow.
func (s *Scores) Add(said, should string) {
	if said == should {
		s.of(said).Right++
		return
	}
	s.of(said).Wrong++
	s.of(should).Lacks++
}

func (s *Scores) of(name string) *Score {
	if s.at == nil {
		s.at = map[string]int{}
	}
	i, ok := s.at[name]
	if !ok {
		i = len(s.list)
		s.at[name] = i
		s.list = append(s.list, Score{Label: name})
	}
	return &s.list[i]
}

// List returns the scores by label.
func (s *Scores) List() []Score {
	list := slices.Clone(s.list)
	slices.SortFunc(list, func(a, b Score) int {
		if a.Label < b.Label {
			return -1
		}
		return 1
	})
	return list
}

// Table prints the scores.
func (s *Scores) Table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "label\tflows\tprecision\trecall")
	for _, x := range s.List() {
		fmt.Fprintf(t, "%s\t%d\t%.4f\t%.4f\n", x.Label, x.Right+x.Lacks, x.Precision(), x.Recall())
	}
	return t.Flush()
}
