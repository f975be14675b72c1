package livefolder_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pcapmill/outputs/ledger"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
)

// TestNamesSortAsRows: the order of names is that of segments, pieces, and the end.
func TestNamesSortAsRows(t *testing.T) {
	p := livefolder.PartName{Table: "flows", Date: "2026-11-29", Number: 12, Ext: "parquet"}
	if got := p.String(); got != "flows/date=2026-11-29/segment-0000000012.parquet" {
		t.Error(got)
	}
	names := []string{p.String()}
	p.Piece = 1
	names = append(names, p.String())
	p.Piece, p.AtEnd = 0, true
	names = append(names, p.String())
	p.Piece = 3
	names = append(names, p.String())
	p.Piece, p.AtEnd, p.Number = 0, false, 13
	names = append(names, p.String())
	if !slices.IsSorted(names) {
		t.Error(names)
	}
	for _, bad := range []string{
		"", "flows/segment-0000000012.parquet", "flows/date=2026-11-29/segment-12.parquet", "../date=2026-11-29/segment-0000000012.parquet",
		"flows/date=2026-11-29/segment-0000000000.parquet", "flows/date=2026-11-29/segment-0000000012_00000.parquet",
		"flows/date=2026-11-29/x/segment-0000000012.parquet", "Flows/date=2026-11-29/segment-0000000012.parquet",
	} {
		if got, err := livefolder.ParsePart(bad); err == nil {
			t.Errorf("%q is %+v", bad, got)
		}
	}
}

func TestNamesComeBack(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p := livefolder.PartName{
			Table: rapid.StringMatching(`[a-z][a-z0-9_]{0,8}`).Draw(r, "table"), Date: livefolder.DateOf(rapid.Int64Range(0, 1<<62).Draw(r, "ns")),
			Number: rapid.Int64Range(1, 9_999_999_999).Draw(r, "number"), AtEnd: rapid.Bool().Draw(r, "end"),
			Piece: rapid.IntRange(0, 99999).Draw(r, "piece"), Ext: "parquet",
		}
		if got, err := livefolder.ParsePart(p.String()); err != nil || got != p {
			r.Fatalf("%+v became %+v, %v", p, got, err)
		}
	})
}

// grown is a folder with a ledger of commits that only say so.
func grown(t testing.TB, commits ...livefolder.Commit) string {
	t.Helper()
	dir := t.TempDir()
	l, err := ledger.Open(filepath.Join(dir, livefolder.LedgerName))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.Append(livefolder.SessionEvent, livefolder.Session{PlanID: strings.Repeat("0", 64)}); err != nil {
		t.Fatal(err)
	}
	for i := range commits {
		if err := l.Append(livefolder.CommitEvent, commits[i]); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func commit(number int64, end bool) livefolder.Commit {
	c := livefolder.Commit{Number: number, AtEnd: end}
	if !end {
		c.Input = &manifest.Input{Outcome: manifest.Complete}
	}
	return c
}

// TestFilesUpToTheLastCommit: parts behind it are not there yet; folders of another kind are nobody's.
func TestFilesUpToTheLastCommit(t *testing.T) {
	dir := grown(t, commit(3, false), commit(5, false))
	for _, name := range []string{
		"flows/date=2026-11-29/segment-0000000003.parquet", "flows/date=2026-11-30/segment-0000000005.parquet",
		"flows/date=2026-11-30/segment-0000000005_end.parquet", "flows/date=2026-11-30/segment-0000000006.parquet",
		"flows/date=2026-11-30/.pcapmill-tmp-0011", "flows/notes/segment-0000000003.parquet",
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "flows", "date=2026-12-01"), 0o700); err != nil {
		t.Fatal(err)
	}
	v := seen(t, dir)
	files, err := v.Files("flows", "")
	if err != nil || len(files) != 2 || !strings.HasSuffix(files[0], "0000000003.parquet") || !strings.HasSuffix(files[1], "0000000005.parquet") {
		t.Error(files, err)
	}
	if files, err = v.Files("flows", "date=2026-11-30"); err != nil || len(files) != 1 {
		t.Error(files, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "flows", "date=mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if files, err = v.Files("flows", ""); err != nil || len(files) != 2 {
		t.Error("beside a file: ", files, err)
	}
	if err := os.Symlink("date=2026-12-02", filepath.Join(dir, "flows", "date=2026-12-02")); err != nil {
		t.Skip(err)
	}
	if files, err = v.Files("flows", ""); err == nil {
		t.Error("a day that cannot be read is passed over: ", files)
	}
}

// TestFilesInTheOrderOfCommits: a clock that was set back gives later segments earlier days.
func TestFilesInTheOrderOfCommits(t *testing.T) {
	dir := grown(t, commit(3, false), commit(3, true), commit(5, false))
	want := []string{
		"flows/date=2029-11-29/segment-0000000003.parquet", "flows/date=2029-11-29/segment-0000000003_00001.parquet",
		"flows/date=2029-11-29/segment-0000000003_end.parquet", "flows/date=2026-11-30/segment-0000000005.parquet",
	}
	for i, name := range want {
		want[i] = filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(want[i]), 0o700), os.WriteFile(want[i], nil, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if files, err := seen(t, dir).Files("flows", ""); err != nil || !slices.Equal(files, want) {
		t.Error(files, err)
	}
}

// seen looks at a folder.
func seen(t testing.TB, dir string) livefolder.View {
	t.Helper()
	v, err := livefolder.See(dir)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// manifestOf is a manifest that sums up so many records of a ledger.
func manifestOf(records int64, head string) *manifest.Manifest {
	return &manifest.Manifest{
		PlanID: strings.Repeat("0", 64), Tables: []manifest.Table{{Name: "flows", SchemaSHA256: strings.Repeat("0", 64)}},
		Live: &manifest.Live{Ledger: livefolder.LedgerName, Records: records, Head: head},
	}
}

// TestWholeSaysWhatRowsLack: of sessions that have ended as their ends say it, of one that broke off or is
// open as its commits do. Else drift of open tables would take losses for changes of the network.
func TestWholeSaysWhatRowsLack(t *testing.T) {
	lacking := func(number, n int64, end bool) livefolder.Commit {
		c := commit(number, end)
		c.Evicted, c.TCPBytes, c.TCPGaps = n, 10*n, 100*n
		return c
	}
	dir := grown(t)
	l, err := ledger.Open(filepath.Join(dir, livefolder.LedgerName))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	session := livefolder.Session{PlanID: strings.Repeat("0", 64)}
	for i, step := range []struct {
		event                string
		body                 any
		evicted, bytes, gaps int64 // that the manifest says then
	}{
		{livefolder.CommitEvent, lacking(1, 1, false), 1, 10, 100},
		{livefolder.CommitEvent, lacking(2, 2, false), 3, 30, 300},
		{livefolder.CommitEvent, lacking(2, 3, true), 6, 60, 600},
		{livefolder.EndEvent, livefolder.End{Through: 2, Evicted: 6, Streams: map[string]int64{"bytes": 60, "gap_bytes": 600, "streams": 7}}, 6, 60, 600},
		{livefolder.SessionEvent, session, 6, 60, 600},
		{livefolder.CommitEvent, lacking(3, 4, false), 10, 100, 1000},
		{livefolder.GapEvent, livefolder.Gap{Through: 3, Why: "no checkpoint"}, 10, 100, 1000},
		{livefolder.SessionEvent, session, 10, 100, 1000},
		{livefolder.CommitEvent, lacking(4, 5, false), 15, 150, 1500},
	} {
		if err := l.Append(step.event, step.body); err != nil {
			t.Fatal(err)
		}
		m := manifestOf(1, "")
		m.Limits = map[string]int64{"max_flows": 1, "evicted_flows": 0}
		if _, err := livefolder.Whole(dir, m); err != nil {
			t.Fatal(err)
		}
		if got, want := [...]int64{m.Limits["evicted_flows"], m.Streams["bytes"], m.Streams["gap_bytes"]}, [...]int64{step.evicted, step.bytes, step.gaps}; got != want {
			t.Errorf("behind record %d, %s: evicted flows, bytes and gaps are %d, want %d", i+2, step.event, got, want)
		}
	}
}

// TestUncommittedParts are not taken for a table, as long as no commit covers one.
func TestUncommittedParts(t *testing.T) {
	dir := grown(t)
	part := filepath.Join(dir, "flows/date=2026-11-29/segment-0000000001.parquet")
	if err := errors.Join(os.MkdirAll(filepath.Dir(part), 0o700), os.WriteFile(part, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if files, err := seen(t, dir).Files("flows", ""); !errors.Is(err, livefolder.ErrUncommitted) {
		t.Error(files, err)
	}
}

// TestViews: a view of a folder that grows stays what it was, in whatever way it was taken, and
// whether the manifest is of before or after; one of another ledger is refused.
func TestViews(t *testing.T) {
	all := []livefolder.Commit{commit(3, false), commit(5, false), commit(5, true), commit(6, false)}
	dir := grown(t)
	l, err := ledger.Open(filepath.Join(dir, livefolder.LedgerName))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	views := []livefolder.View{seen(t, dir)}
	for i := range all {
		if err := l.Append(livefolder.CommitEvent, all[i]); err != nil {
			t.Fatal(err)
		}
		v := seen(t, dir)
		if err := l.Append(livefolder.ReleaseEvent, livefolder.Release{Through: all[i].Number}); err != nil {
			t.Fatal(err)
		}
		views = append(views, v, seen(t, dir))
	}
	for _, v := range views {
		for _, of := range views {
			m := manifestOf(of.Records, of.Head)
			found, err := v.Whole(m)
			if err != nil || found.View != v || m.Live.Records != v.Records || m.Live.Head != v.Head || m.Live.Through != v.Last.Number {
				t.Errorf("%+v with a manifest of %d records: %+v, %+v, %v", v, of.Records, found.View, m.Live, err)
			}
			if of.Records > v.Records && len(found.Wrong) > 0 {
				t.Errorf("a manifest that is newer: %q", found.Wrong)
			}
		}
		m := manifestOf(v.Records, v.Head)
		if found, err := livefolder.Whole(dir, m); err != nil || found.View != views[len(views)-1] {
			t.Errorf("%+v, %v", found.View, err)
		}
	}
	for name, v := range map[string]livefolder.View{
		"hash": {Dir: dir, Records: views[1].Records, Head: strings.Repeat("1", 64)}, "shorter": {Dir: dir, Records: 100, Head: views[1].Head},
	} {
		if _, err := v.Whole(manifestOf(1, views[0].Head)); !errors.Is(err, livefolder.ErrAnother) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSee finds the last commit behind many records of other kinds, and none where there is none; a
// line that is being written is none.
func TestSee(t *testing.T) {
	if v := seen(t, grown(t)); v.Last != (livefolder.Mark{}) || v.Records != 1 {
		t.Error(v)
	}
	if v := seen(t, t.TempDir()); v.Last != (livefolder.Mark{}) || v.Records != 0 {
		t.Error(v)
	}
	dir := grown(t, commit(7, false), commit(7, true))
	path := filepath.Join(dir, livefolder.LedgerName)
	l, err := ledger.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for range 30 {
		if err := l.Append("note", strings.Repeat("x", 10_000)); err != nil {
			t.Fatal(err)
		}
	}
	want := livefolder.View{Dir: dir, Records: 33, Head: l.Head().Head, Last: livefolder.Mark{Number: 7, AtEnd: true}}
	if v := seen(t, dir); v != want {
		t.Error(v)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(`{"seq":34,"event":"commit"`); err != nil {
		t.Fatal(err)
	}
	if v := seen(t, dir); v != want {
		t.Error(v)
	}
}

// TestOpenTellsWhatVisitDoes: opening reads all of the ledger once, and what is behind a record's
// begin is what is behind it in the file.
func TestOpenTellsWhatVisitDoes(t *testing.T) {
	dir := grown(t, commit(1, false), commit(2, false), commit(2, true))
	var begins []ledger.Position
	var told []int64
	v := &livefolder.Visitor{Commit: func(c *livefolder.Commit, r *ledger.Record) error {
		told, begins = append(told, c.Number), append(begins, r.Begin())
		return nil
	}}
	f, err := livefolder.OpenVisit(dir, v)
	if err != nil || !slices.Equal(told, []int64{1, 2, 2}) {
		t.Fatal(told, err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, livefolder.LedgerName)
	for i, from := range slices.Clone(begins) {
		told = nil
		if _, err := livefolder.Visit(path, from, v); err != nil || !slices.Equal(told, []int64{1, 2, 2}[i:]) {
			t.Errorf("behind %+v: %d, %v", from, told, err)
		}
	}
	refused := errors.New("no")
	v.Commit = func(*livefolder.Commit, *ledger.Record) error { return refused }
	if _, err := livefolder.OpenVisit(dir, v); !errors.Is(err, refused) {
		t.Error(err)
	}
	if f, err = livefolder.Open(dir); err != nil { // its lock was given back
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestCommitsThatMakeNoSense are refused, wherever they are read.
func TestCommitsThatMakeNoSense(t *testing.T) {
	elsewhere := commit(2, false)
	elsewhere.Tables = []livefolder.Part{{Name: "flows", Path: "../date=2026-11-29/segment-0000000002.parquet"}}
	other := commit(2, false)
	other.Tables = []livefolder.Part{{Name: "flows", Path: "flows/date=2026-11-29/segment-0000000003.parquet"}}
	for name, commits := range map[string][]livefolder.Commit{
		"twice": {commit(1, false), commit(1, false)}, "back": {commit(2, false), commit(1, false)}, "zero": {commit(0, false)},
		"end twice": {commit(1, false), commit(1, true), commit(1, true)}, "no input": {{Number: 1}}, "elsewhere": {elsewhere}, "other": {other},
	} {
		dir := grown(t, commits...)
		if _, err := livefolder.Visit(filepath.Join(dir, livefolder.LedgerName), ledger.Position{}, &livefolder.Visitor{}); !errors.Is(err, livefolder.ErrRecord) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzWhole puts any records into a ledger, and any sums into the manifest: no panic, and what is
// returned can be written.
func FuzzWhole(f *testing.F) {
	one, err := json.Marshal(commit(1, false))
	if err != nil {
		f.Fatal(err)
	}
	f.Add("commit", one, int64(2))
	f.Add("end", []byte(`{"through":1,"self_checks":[{"name":"a","want":1,"got":2}]}`), int64(1))
	f.Add("commit", []byte(`{"number":1,"input":{"outcome":"complete"},"tables":[{"name":"flows","path":"flows/date=2026-11-29/segment-0000000001.parquet","rows":9223372036854775807}],"accounting":{"packets":{"a":-1}}}`), int64(0))
	f.Add("checkpoint", []byte(`[]`), int64(-1))
	f.Fuzz(func(t *testing.T, event string, body []byte, records int64) {
		if !json.Valid(body) {
			return
		}
		dir := grown(t)
		l, err := ledger.Open(filepath.Join(dir, livefolder.LedgerName))
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if l.Append(event, json.RawMessage(body)) != nil {
			return
		}
		if l.Append(event, json.RawMessage(body)) != nil {
			return
		}
		m := manifestOf(records, strings.Repeat("0", 64))
		found, err := livefolder.Whole(dir, m)
		if err != nil {
			return
		}
		if v := seen(t, dir); v != found.View {
			t.Fatalf("%+v at a glance, %+v read", v, found.View)
		}
		if _, err := m.Encode(); err != nil && !strings.Contains(err.Error(), "UTF-8") {
			t.Fatal(err)
		}
	})
}

// TestManyEnds: what sessions say at their ends is summed up in time that grows by their number alone, whatever
// a ledger says: in that of its square this test would not end.
func TestManyEnds(t *testing.T) {
	dir := grown(t, commit(1, false))
	l, err := ledger.Open(filepath.Join(dir, livefolder.LedgerName))
	if err != nil {
		t.Fatal(err)
	}
	const ends, each = 200, 1000
	for i := range ends {
		e := livefolder.End{Checks: []manifest.SelfCheck{{Name: "sound", OK: true}}}
		for j := range each {
			e.Checks = append(e.Checks, manifest.SelfCheck{Name: "failed", Want: int64(i)})
			e.Errors = append(e.Errors, manifest.ErrorCount{Layer: strconv.Itoa(i), Reason: strconv.Itoa(j), N: 1})
		}
		e.Errors = append(e.Errors, manifest.ErrorCount{Layer: "0", Reason: "0", N: 1})
		if err := l.Append(livefolder.EndEvent, e); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	m := &manifest.Manifest{PlanID: strings.Repeat("0", 64), Live: &manifest.Live{Ledger: livefolder.LedgerName}}
	if _, err := livefolder.Whole(dir, m); err != nil {
		t.Fatal(err)
	}
	if len(m.SelfChecks) != ends*each+1 || len(m.Errors) != ends*each || m.Errors[0].N != 1+ends || m.SelfChecks[0].Want != 0 || m.SelfChecks[ends*each-1].Want != ends-1 {
		t.Errorf("%d checks, %d errors", len(m.SelfChecks), len(m.Errors))
	}
}
