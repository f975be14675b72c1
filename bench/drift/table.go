package drift

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"gonum.org/v1/gonum/stat/distuv"

	"pcapmill/bench/traffic"
)

// Share is so many of so many.
type Share struct{ N, Of int }

// add counts one more, yes or no.
func (s *Share) add(yes bool) {
	s.Of++
	if yes {
		s.N++
	}
}

// Value is the share, 0 of nothing.
func (s Share) Value() float64 {
	if s.Of == 0 {
		return 0
	}
	return float64(s.N) / float64(s.Of)
}

// Interval is the exact 95 % interval of Clopper and Pearson (Biometrika 26, 1934).
func (s Share) Interval() (least, most float64) {
	most = 1
	if s.N > 0 {
		least = distuv.Beta{Alpha: float64(s.N), Beta: float64(s.Of - s.N + 1)}.Quantile(0.025)
	}
	if s.N < s.Of {
		most = distuv.Beta{Alpha: float64(s.N + 1), Beta: float64(s.Of - s.N)}.Quantile(0.975)
	}
	return least, most
}

func (s Share) String() string {
	if s.Of == 0 {
		return "–"
	}
	least, most := s.Interval()
	return fmt.Sprintf("%d of %d = %.3f [%.3f, %.3f]", s.N, s.Of, s.Value(), least, most)
}

// Flagged counts the hours that are flagged, and Named those whose change is named, of
// verdicts that are asked for.
func Flagged(verdicts []Verdict, asked func(*Verdict) bool) (flagged, named Share) {
	for i := range verdicts {
		if v := &verdicts[i]; asked(v) {
			flagged.add(v.Flagged)
			named.add(v.Flagged && v.Named)
		}
	}
	return flagged, named
}

// Unchanged and Changed ask for hours of a kind.
func Unchanged(v *Verdict) bool { return v.Kind == traffic.Unchanged }

// Changed is the opposite of Unchanged.
func Changed(v *Verdict) bool { return !Unchanged(v) }

// Table prints shares by kind of change, and of unchanged hours by group of networks.
func Table(w io.Writer, verdicts []Verdict) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "changed hours\tflagged\tand what changed is named")
	row := func(name string, asked func(*Verdict) bool) {
		if flagged, named := Flagged(verdicts, asked); flagged.Of > 0 {
			fmt.Fprintf(t, "%s\t%v\t%v\n", name, flagged, named)
		}
	}
	for k := traffic.Unchanged + 1; k < traffic.NumChanges; k++ {
		row(k.String(), func(v *Verdict) bool { return v.Kind == k })
	}
	for _, g := range groupsOf(verdicts) {
		row(g, func(v *Verdict) bool { return Changed(v) && v.Group == g })
	}
	row("all", Changed)
	fmt.Fprintln(t, "\t\t\nunchanged hours\tflagged\t")
	row = func(name string, asked func(*Verdict) bool) {
		flagged, _ := Flagged(verdicts, func(v *Verdict) bool { return Unchanged(v) && asked(v) })
		fmt.Fprintf(t, "%s\t%v\t\n", name, flagged)
	}
	for _, g := range groupsOf(verdicts) {
		row(g, func(v *Verdict) bool { return v.Group == g })
	}
	row("all", Unchanged)
	return t.Flush()
}

// groupsOf lists the groups in the order in which they come.
func groupsOf(verdicts []Verdict) (list []string) {
	for i := range verdicts {
		if g := verdicts[i].Group; !slices.Contains(list, g) {
			list = append(list, g)
		}
	}
	return list
}

// Wrong prints the hours that were not told for what they are, with what was said of them.
func Wrong(w io.Writer, verdicts []Verdict) error {
	for i := range verdicts {
		v := &verdicts[i]
		if v.Right() {
			continue
		}
		if _, err := fmt.Fprintf(w, "%s/%s: flagged %t, named %t\n", v.Network, v.Hour, v.Flagged, v.Named); err != nil {
			return err
		}
		for _, said := range v.Report.loudest(wrongItems) {
			if _, err := fmt.Fprintln(w, "    "+said); err != nil {
				return err
			}
		}
	}
	return nil
}

// wrongItems is how much Wrong says of an hour.
const wrongItems = 6

// loudest are the first items and hosts of a report, which has the worst first.
func (r *Report) loudest(most int) (said []string) {
	for _, i := range r.Items {
		said = append(said, fmt.Sprintf("%-8s %s, %s: %s", i.Severity, i.Segment, i.Subject, i.Text))
	}
	for _, h := range r.Hosts {
		if slices.Contains(counting, h.Severity) {
			said = append(said, fmt.Sprintf("%-8s host %s, new %t", h.Severity, h.Host, h.New))
		}
	}
	return said[:min(most, len(said))]
}
