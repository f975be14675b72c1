package live

import (
	"reflect"
	"testing"

	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
)

// TestSums adds up two sessions by hand: rows also by session, segments that were rejected or read in part, and of the
// checks all that failed and those of the last session.
func TestSums(t *testing.T) {
	part := func(name string, rows int64) livefolder.Part { return livefolder.Part{Name: name, Rows: rows} }
	commit := func(outcome string, drops, packets int64, parts ...livefolder.Part) *livefolder.Commit {
		c := &livefolder.Commit{Drops: drops, Accounting: manifest.Accounting{PacketsRead: packets}, Tables: parts}
		if outcome != "" {
			c.Input = &manifest.Input{Outcome: outcome}
		}
		return c
	}
	check := func(name string, ok bool) manifest.SelfCheck { return manifest.SelfCheck{Name: name, OK: ok} }
	s := sums{rows: map[string]int64{}}
	s.begin()
	s.commit(commit(manifest.Complete, 1, 10, part("flows", 2), part("dns", 3)))
	s.commit(commit(manifest.Partial, 2, 20, part("flows", 4)))
	s.commit(commit("", 0, 5, part("flows", 1))) // the session's end
	s.checks.End(&livefolder.End{Checks: []manifest.SelfCheck{check("a", true), check("b", false)}})
	if want := map[string]int64{"flows": 7, "dns": 3}; !reflect.DeepEqual(s.sessionRows, want) || !reflect.DeepEqual(s.rows, want) {
		t.Errorf("rows %v, of the session %v, want %v", s.rows, s.sessionRows, want)
	}
	s.begin()
	s.commit(commit(manifest.Rejected, 4, 0))
	s.commit(commit(manifest.Limit, 0, 40, part("flows", 8)))
	s.commit(commit(manifest.CompleteWithNotes, 0, 1))
	s.checks.End(&livefolder.End{Checks: []manifest.SelfCheck{check("c", true)}})
	if s.sessions != 2 || s.segments != 5 || s.rejected != 1 || s.partial != 2 || s.drops != 7 || s.accounting.PacketsRead != 76 {
		t.Errorf("%+v", s)
	}
	if want := []manifest.SelfCheck{check("b", false), check("c", true)}; !reflect.DeepEqual(s.checks.All, want) {
		t.Errorf("checks %+v, want %+v", s.checks.All, want)
	}
	if want := map[string]int64{"flows": 8}; !reflect.DeepEqual(s.sessionRows, want) || s.rows["flows"] != 15 {
		t.Errorf("rows %v, of the session %v, want %v", s.rows, s.sessionRows, want)
	}
}
