package labels_test

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pcapmill/bench/labels"
	"pcapmill/bench/sharedtest"
	"pcapmill/bench/traffic"
	"pcapmill/datasets/label"
	"pcapmill/datasets/label/match"
	"pcapmill/datasets/label/source"
)

// weeks are those that are tested: a small one, or with PCAPMILL_ACCEPT=1 whole ones.
func weeks() (list []traffic.WeekConfig) {
	cfg := traffic.DefaultWeekConfig()
	if !sharedtest.Accept() {
		cfg.Clients, cfg.Scale, cfg.Calm = 4, 0.1, 0
		return append(list, cfg)
	}
	for seed := range uint64(3) {
		cfg.Seed = 1 + seed
		list = append(list, cfg)
	}
	cfg.Seed, cfg.Zone = 4, "Asia/Kolkata" // ahead of UTC, without a change of its clocks
	return append(list, cfg)
}

// TestWeek makes weeks and their tables, and labels these in every way.
func TestWeek(t *testing.T) {
	for _, cfg := range weeks() {
		w, err := labels.MakeWeek(t.TempDir(), cfg)
		if err != nil {
			t.Fatalf("seed %d: %v", cfg.Seed, err)
		}
		for _, test := range []struct {
			name string
			run  func(*testing.T, *labels.Week)
		}{
			{"tables", weekTables}, {"rules", weekRules}, {"netcap", weekNetcap}, {"alerts", weekAlerts}, {"csv", weekCSV}, {"zone", weekZone},
		} {
			t.Run(fmt.Sprintf("%d/%s", cfg.Seed, test.name), func(t *testing.T) { test.run(t, w) })
		}
	}
}

// weekTables: every flow of the schedule is one row of the tables, whole and alone (which
// MakeWeek checks), and comparing each row with each rule says of it what the generator says
// of the flow.
func weekTables(t *testing.T, w *labels.Week) {
	for i := range w.Rows {
		want, got := labels.WantOf(w.Truth[i]), labels.Judge(w.Rules, &w.Rows[i])
		got.Attempt = want.Attempt // which it does not know
		compare(t, w, i, want, got)
	}
}

// labelled reads files beside the captures of a week and matches them with its flows.
func labelled(t *testing.T, w *labels.Week, zone *time.Location, files ...string) *labels.Labelling {
	t.Helper()
	var paths []string
	for _, f := range files {
		paths = append(paths, filepath.Join(w.Folder, f))
	}
	l, err := labels.Label(w.Dataset, source.Options{Zone: zone}, paths...)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Said) != len(w.Rows) {
		t.Fatalf("%d rows said, %d rows", len(l.Said), len(w.Rows))
	}
	return l
}

// weekRules: our rules give every flow outcome, label, rules, attempt and share of time
// that the generator says: precision and recall of each label are 1. The first captured packet
// of some flows is the victim's, and the attacker is known all the same.
func weekRules(t *testing.T, w *labels.Week) {
	l := labelled(t, w, nil, traffic.WeekYAML)
	var defined, intended labels.Scores
	turned, counts := 0, make([]match.RuleCounts, len(w.Rules))
	for i := range w.Rows {
		row, f, got := &w.Rows[i], w.Truth[i], l.Said[i]
		want := labels.WantOf(f)
		defined.Add(labels.Name(got.Outcome, got.Label), labels.Name(want.Outcome, want.Label))
		intended.Add(labels.Name(got.Outcome, got.Label), meant(f))
		compare(t, w, i, want, got)
		if judged := labels.Judge(w.Rules, row); got.Reversed != judged.Reversed {
			t.Fatalf("row %d, %+v: reversed %v", i, *row, got.Reversed)
		}
		if f.Scheduled() && row.Src != f.Src {
			turned++
		}
		count(counts, w, want, row)
	}
	if turned == 0 {
		t.Error("no flow has its ends exchanged")
	}
	perfect(t, &defined)
	for i := range counts {
		checkRule(t, &w.Rules[i], l.Set.Rules[i].Meaning, counts[i], l.Report.Rules[i].RuleCounts)
	}
	table(t, "as defined", &defined)
	table(t, "as meant", &intended)
	if sharedtest.Accept() && w.Seed() == 1 {
		golden(t, "week", weekTable(&defined, &intended))
	}
}

// count adds a row to what is reported of rules.
func count(counts []match.RuleCounts, w *labels.Week, want labels.Want, row *labels.Row) {
	most := math.MinInt
	for i := range w.Rules {
		if slices.Contains(want.Rules, w.Rules[i].ID) {
			most = max(most, w.Rules[i].Priority)
		}
	}
	for i := range w.Rules {
		r, c := &w.Rules[i], &counts[i]
		if !slices.Contains(want.Rules, r.ID) {
			continue
		}
		c.Hits++
		if row.Start < r.From || row.Start >= r.To {
			c.Begins++
		}
		if row.End < r.From || row.End >= r.To {
			c.Ends++
		}
		switch {
		case r.Priority < most:
		case want.Outcome == label.Labelled:
			c.Chosen++
		default:
			c.Disputed++
		}
	}
}

// checkRule compares what is reported of a rule, and how it was read.
func checkRule(t *testing.T, r *traffic.WeekRule, m label.Meaning, want, got match.RuleCounts) {
	t.Helper()
	if got != want {
		t.Errorf("rule %s: %+v, want %+v", r.ID, got, want)
	}
	if m.ID != r.ID || m.Label != r.Label || m.Category != r.Category || m.MITRE != r.MITRE || m.Campaign != r.Campaign || m.Priority != int32(r.Priority) {
		t.Errorf("rule %+v was read as %+v", *r, m)
	}
}

// weekTable has the scores by both truths.
func weekTable(defined, meant *labels.Scores) string {
	var b strings.Builder
	b.WriteString("| label | flows by the rules | precision | recall | flows as meant | precision | recall |\n|---|--:|--:|--:|--:|--:|--:|\n")
	byLabel := map[string]labels.Score{}
	for _, x := range meant.List() {
		byLabel[x.Label] = x
	}
	for _, x := range defined.List() {
		m := byLabel[x.Label]
		fmt.Fprintf(&b, "| %s | %d | %.3f | %.3f | %d | %.4f | %.4f |\n", x.Label, x.Right+x.Lacks, x.Precision(), x.Recall(), m.Right+m.Lacks, m.Precision(), m.Recall())
	}
	return b.String()
}

// meant is what the generator made the flow as.
func meant(f *traffic.WeekFlow) string {
	if f.Attack != "" {
		return f.Attack
	}
	return labels.Name(label.Unlabelled, "")
}

// compare fails where something else is said of a row than must be.
func compare(t *testing.T, w *labels.Week, i int, want, got labels.Want) {
	t.Helper()
	if got.Outcome != want.Outcome || got.Label != want.Label || got.Attempt != want.Attempt ||
		!slices.Equal(got.Rules, want.Rules) || math.Abs(got.Overlap-want.Overlap) > 1e-12 {
		t.Fatalf("row %d, %+v: said %+v, want %+v", i, *w.Truth[i], got, want)
	}
}

// perfect fails where a label has a precision or recall below 1.
func perfect(t *testing.T, s *labels.Scores) {
	t.Helper()
	for _, x := range s.List() {
		if x.Precision() < 1 || x.Recall() < 1 {
			t.Errorf("%s: precision %v, recall %v", x.Label, x.Precision(), x.Recall())
		}
	}
}

// table logs scores.
func table(t *testing.T, title string, s *labels.Scores) {
	t.Helper()
	var b strings.Builder
	if err := s.Table(&b); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s\n%s", title, b.String())
}

// weekNetcap: netcap's attack file says of every flow what its attacks, which know no
// ports and priorities, define; that is not what our rules do.
func weekNetcap(t *testing.T, w *labels.Week) {
	l := labelled(t, w, nil, traffic.WeekNetcap)
	rules := labels.NetcapRules(w.Rules)
	var defined labels.Scores
	others := 0
	for i := range w.Rows {
		want, got := labels.Judge(rules, &w.Rows[i]), l.Said[i]
		defined.Add(labels.Name(got.Outcome, got.Label), labels.Name(want.Outcome, want.Label))
		compare(t, w, i, want, got)
		if ours := labels.WantOf(w.Truth[i]); ours.Outcome != got.Outcome || ours.Label != got.Label {
			others++
		}
	}
	perfect(t, &defined)
	if others == 0 {
		t.Error("netcap's file defines what our rules do: it tests nothing else")
	}
	t.Logf("%d flows are labelled otherwise than by our rules", others)
}

// weekAlerts: each alert is about the flow it was written for, and no other.
func weekAlerts(t *testing.T, w *labels.Week) {
	events(t, w, labelled(t, w, nil, traffic.WeekEVE), func(f *traffic.WeekFlow) bool { return f.Attack != "" })
}

// weekCSV: each row of the labelled table is about its flow, though it has minutes of a
// clock of twelve hours.
func weekCSV(t *testing.T, w *labels.Week) {
	events(t, w, labelled(t, w, w.Zone, traffic.WeekCSV), w.InCSV)
}

// events compares what events are about with the flows that they were written for, in
// their order. What of the background is several rows need not be about all of them.
func events(t *testing.T, w *labels.Week, l *labels.Labelling, written func(*traffic.WeekFlow) bool) {
	t.Helper()
	own := map[*traffic.WeekFlow]int{} // rows of the schedule
	for i, f := range w.Truth {
		own[f] = i
	}
	n := int32(0)
	for i := range w.Flows {
		f := &w.Flows[i]
		if !written(f) {
			continue
		}
		about, e := l.Events[n], &l.Report.Events[n]
		right := len(about) > 0 && e.Outcome == label.Labelled
		for _, row := range about {
			right = right && w.Rows[row].Meets(f)
		}
		if f.Scheduled() {
			right = right && slices.Equal(about, []int{own[f]})
		}
		if !right {
			t.Errorf("event %d is about rows %v, %+v; written for %+v", n, about, *e, *f)
		}
		n++
	}
	if int(n) != len(l.Set.Events) || n == 0 {
		t.Errorf("%d events, %d written", len(l.Set.Events), n)
	}
}

// weekZone: of every kind of labels whose times are read with a wrong zone, or by a clock of
// twelve hours, the scan says which other time would match, and of the others that none would.
func weekZone(t *testing.T, w *labels.Week) {
	_, seconds := time.Unix(0, w.Rules[0].From).In(w.Zone).Zone()
	behind := -time.Duration(seconds) * time.Second // UTC
	for _, c := range []struct {
		file string
		zone *time.Location
		want time.Duration
	}{
		{traffic.WeekYAML, nil, 0}, {traffic.WeekNetcap, nil, 0}, {traffic.WeekEVE, nil, 0}, {traffic.WeekCSV, w.Zone, 0},
		{traffic.WeekYAMLWrong, nil, behind}, {traffic.WeekNetcapWrong, nil, behind}, {traffic.WeekEVEWrong, nil, behind},
		{traffic.WeekCSV, time.UTC, behind}, {traffic.WeekCSV, time.FixedZone("", -3*3600), behind - 3*time.Hour},
		{traffic.WeekYAMLTwelve, nil, 12 * time.Hour}, {traffic.WeekEVETwelve, nil, 12 * time.Hour},
	} {
		l := labelled(t, w, c.zone, c.file)
		if len(l.Report.Scans) != 1 {
			t.Errorf("%s: %d scans", c.file, len(l.Report.Scans))
			continue
		}
		s := &l.Report.Scans[0]
		best, given := &s.Offsets[s.Best], &s.Offsets[match.AsGiven]
		t.Logf("%s: best at %v, score %.1f, %.1f as given", c.file, best.Shift, best.Score, given.Score)
		for i := range l.Report.Rules {
			if r := &l.Report.Rules[i]; r.Hits == 0 && (r.Miss == nil || r.Miss.Fields != match.Time) {
				t.Errorf("%s: rule %d: %+v, and not its time alone", c.file, i, r.Miss)
			}
		}
		if best.Shift != c.want || s.Clear != (c.want != 0) {
			t.Errorf("%s in %v: best %v, clear %v; want %v", c.file, c.zone, best.Shift, s.Clear, c.want)
		}
	}
}
