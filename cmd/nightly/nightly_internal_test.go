package nightly

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/job"
	"pcapmill/model/drift"
	"pcapmill/model/rules"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
)

// TestRulesThatNeverFail: where nothing is to fail, no report says that something does.
func TestRulesThatNeverFail(t *testing.T) {
	c := DefaultConfig()
	c.Output, c.Rules = t.TempDir(), &Rules{FailOn: drift.None}
	j := judging{x: &execution{c: &c}, n: &Night{Name: "2026-11-29"}}
	rule := &rules.Rule{ID: "r", Title: "t", Severity: drift.High, Table: "flows"}
	alerts := []rules.Alert{{ID: "a", Rule: rule, Count: 1, Rows: 1}}
	r := &rules.Report{Outcomes: []*rules.Outcome{{Rule: rule, Alerts: alerts, Rows: 1}}, Alerts: alerts}
	if err := errors.Join(os.MkdirAll(c.reportsOf(j.n.Name), 0o700), j.ruleReports(r)); err != nil {
		t.Fatal(err)
	}
	for name, fails := range map[string]string{"rules.xml": "<failure", "rules.json": `"failed": true`} {
		data, err := os.ReadFile(filepath.Join(c.reportsOf(j.n.Name), name))
		if err != nil || strings.Contains(string(data), fails) {
			t.Errorf("%s: %v\n%s", name, err, data)
		}
	}
}

// grammar of run without the command line: two options, of which one takes 1 alone.
func grammar() Grammar {
	return Grammar{
		Flags: []string{"tcp-idle", programFlag},
		Options: func(flags []Flag) (job.Options, error) {
			for _, f := range flags {
				if f.Name == "tcp-idle" && f.Value != "1" {
					return job.Options{}, fmt.Errorf("want 1")
				}
			}
			return job.DefaultOptions(), nil
		},
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		name, base string
		part       int
		next       string
		ok         bool
	}{
		{"2026-11-29", "2026-11-29", 1, "2026-11-30", true},
		{"2026-12-31.3", "2026-12-31", 3, "2027-01-01", true},
		{"2028-02-28", "2028-02-28", 1, "2028-02-29", true},
		{"2026-11-29T23", "2026-11-29T23", 1, "2026-11-30T00", true},
		{"2026-11-29T07.12", "2026-11-29T07", 12, "2026-11-29T08", true},
		{name: "2026-11-29.1"}, {name: "2026-11-29.02"}, {name: "2026-11-29."}, {name: "2026-13-01"}, {name: ""}, {name: "../x"},
		{name: "2026-11-29T24"}, {name: "2026-11-29.2.3"}, {name: "2026-11-29.-2"}, {name: "2026-1-2"},
	} {
		_, _, ok := spanOf(c.name)
		if ok != c.ok {
			t.Errorf("%q is a name: %v", c.name, ok)
		}
		if !ok {
			continue
		}
		base, part := split(c.name)
		next, _ := nextName(c.name)
		if base != c.base || part != c.part || next != c.next || numbered(base, part) != c.name {
			t.Errorf("%q: %q, %d, then %q", c.name, base, part, next)
		}
	}
	if compareNames("2026-11-29.10", "2026-11-29.9") <= 0 || compareNames("2026-11-29.2", "2026-11-30") >= 0 || compareNames("2026-11-29", "2026-11-29.2") >= 0 {
		t.Error("parts are not in order")
	}
}

func TestDateInName(t *testing.T) {
	n := Nights{By: ByHour, Pattern: regexp.MustCompile(`-(\d{4})(\d\d)(\d\d)(\d\d)`)}
	for name, want := range map[string]string{
		"eth0-2026112913.pcap": "2026-11-29T13", "eth0-2026112924.pcap": "", "eth0-2026023010.pcap": "", "eth0.pcap": "", "x-0000010100": "",
	} {
		at, ok := n.dateIn(name)
		if got := n.nameOf(at); ok != (want != "") || ok && got != want {
			t.Errorf("%s: %s, %v", name, got, ok)
		}
	}
}

func TestUnits(t *testing.T) {
	for s, want := range map[string]time.Duration{"0s": 0, "10m": 10 * time.Minute, "30d": 30 * day, "0d": 0, "1h30m": 90 * time.Minute} {
		if d, err := parseDuration(s); err != nil || d != want {
			t.Errorf("%s: %v, %v", s, d, err)
		}
	}
	for _, s := range []string{"", "d", "-1d", "1.5d", "99999999d", "-5m", "5", "2562047h", "1y"} {
		if d, err := parseDuration(s); err == nil {
			t.Errorf("%q: %v", s, d)
		}
	}
	for s, want := range map[string]int64{"0": 0, "1B": 1, "2KiB": 2048, "1.5GiB": 3 << 29, "3 MB": 3e6, "1TiB": 1 << 40} {
		if n, err := parseBytes(s); err != nil || n != want {
			t.Errorf("%s: %d, %v", s, n, err)
		}
	}
	for _, s := range []string{"", "1", "-1B", "GiB", "nanB", "infB", "1e300TiB", "9223372036854775807TiB"} {
		if n, err := parseBytes(s); err == nil {
			t.Errorf("%q: %d", s, n)
		}
	}
}

// TestWorse: the highest of 3 to 7 wins over all, over what was found too.
func TestWorse(t *testing.T) {
	order := []int{0, 10, 1, 2, 3, 4, 5, 6, 7, 143}
	for i, a := range order {
		for j, b := range order {
			if got := worse(a, b); got != order[max(i, j)] {
				t.Errorf("of %d and %d wins %d", a, b, got)
			}
		}
	}
}

// TestExitOf: what could not be read is told from what could not be written.
func TestExitOf(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, job.ExitOK},
		{wrongConfig("x"), job.ExitUsage},
		{fmt.Errorf("a: %w", publish.ErrBusy), job.ExitUsage},
		{&fs.PathError{Op: "open", Path: "/caps", Err: fs.ErrPermission}, job.ExitRejected},
		{&fs.PathError{Op: "stat", Path: "/caps", Err: fs.ErrNotExist}, job.ExitRejected},
		{&fs.PathError{Op: "mkdir", Path: "/out", Err: fs.ErrPermission}, job.ExitOutput},
		{&fs.PathError{Op: "write", Path: "/out", Err: syscall.ENOSPC}, job.ExitOutput},
		{&os.LinkError{Op: "rename", Err: fs.ErrPermission}, job.ExitOutput},
		{&publish.Error{Op: "create", Err: fs.ErrPermission}, job.ExitOutput},
		{&ledger.Damage{Err: errPart}, job.ExitRejected},
		{errReserve, job.ExitOutput},
		{&job.Error{Exit: 7, Err: errPart}, job.ExitSelfCheck},
	} {
		if got := exitOf(t.Context(), c.err); got != c.want {
			t.Errorf("%v: %d, want %d", c.err, got, c.want)
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(wallError{time.Hour})
	if got := exitOf(ctx, errPart); got != job.ExitLimit {
		t.Errorf("over the time: %d", got)
	}
}

// TestLine: no value breaks out of its place.
func TestLine(t *testing.T) {
	s := Summary{Status: "error", Exit: 6, Error: "a b=c \"d\"\n\x1b[31m\u202e x", Index: "/srv/a b/index.html"}
	line := s.Line()
	if strings.ContainsAny(line, "\n\x1b\u202e") || !strings.Contains(line, ` index="/srv/a b/index.html"`) || !strings.Contains(line, `error="a b=c \"d\"`) {
		t.Error(line)
	}
	for i := range 15 {
		s.Nights = append(s.Nights, &Night{Name: fmt.Sprint("n", i), Verdict: Flagged})
	}
	if line := s.Line(); !strings.Contains(line, "flagged=n0,n1,n2,n3,n4,n5,n6,n7,n8,n9,+5 ") {
		t.Error(line)
	}
}

// TestGood: what may teach.
func TestGood(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		verdict Verdict
		exit    int
		damaged int
		marked  *bool
		taught  bool
		partial bool
		want    bool
	}{
		{Normal, 0, 0, nil, true, false, true},
		{Learning, 0, 0, nil, true, false, true},
		{Normal, 0, 0, nil, false, false, false},
		{Flagged, 10, 0, nil, true, false, false},
		{Flagged, 10, 0, &yes, true, false, true},
		{Normal, 0, 0, &no, true, false, false},
		{Normal, 3, 1, nil, true, false, false},
		{Normal, 3, 1, nil, true, true, true},
		{Flagged, 3, 1, nil, true, true, false},
		{Gated, 3, 1, nil, true, true, false},
		{Unjudged, 4, 0, nil, true, false, false},
		{Empty, 4, 0, &yes, false, false, false},
	} {
		config := DefaultConfig()
		config.Baseline.Partial = c.partial
		n := &done{Night: Night{Verdict: c.verdict, Exit: c.exit, Damaged: c.damaged, Taught: c.taught}, marked: c.marked}
		if got := config.good(n); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// TestManyCaptures: a night of more captures than a record has room for, with names of any
// bytes, is known again.
func TestManyCaptures(t *testing.T) {
	path := filepath.Join(t.TempDir(), HistoryName)
	there := func(string) bool { return true }
	s, err := openState(path, there)
	if err != nil {
		t.Fatal(err)
	}
	defer s.log.Close()
	x := &execution{state: s, c: &Config{}}
	n := &Night{Name: "2026-11-29"}
	for i := range 5000 {
		f := &file{path: fmt.Sprintf("/x/%s\xff%d\n", strings.Repeat("a", 300), i), modNs: int64(i)}
		n.Inputs = append(n.Inputs, newInput(f, Input{Bytes: 7}))
	}
	// Killed before its record: what was written for it does not count.
	if err := x.record(inputsEvent, &Captures{n.Name, n.Inputs[:10]}); err != nil {
		t.Fatal(err)
	}
	if len(s.files) > 0 {
		t.Error("captures are known of a night that is not done")
	}
	if err := x.recordNight(n); err != nil {
		t.Fatal(err)
	}
	again, err := readState(path, there)
	if err != nil {
		t.Fatal(err)
	}
	if len(again.files) != 5000 || len(again.untold.nights) != 1 || again.untold.nights[0].Name != n.Name {
		t.Errorf("%d captures, %d nights", len(again.files), len(again.untold.nights))
	}
	for path, f := range again.files {
		if !strings.HasSuffix(path, fmt.Sprintf("\xff%d\n", f.ModNs)) {
			t.Fatalf("%q", path)
		}
	}
}

// TestAgainForgets: with a night that is done again go its parts and what became of them, whether
// they were done or failed, and captures that are not in it any more are new.
func TestAgainForgets(t *testing.T) {
	const name = "2026-11-29"
	s := newState()
	there := func(string) bool { return true }
	in := func(path string) []Input { return []Input{{Path: path}} }
	for _, n := range []*Night{{Name: name, Inputs: in("a")}, {Name: name + ".2", Inputs: in("b")}, {Name: "2026-11-30", Inputs: in("c")}} {
		s.night(n, there)
	}
	s.hasFailed(&Failed{Name: name + ".3", Try: 3})
	s.night(&Night{Name: name, Again: true, Inputs: in("a")}, there)
	f := &finding{state: s}
	if got := f.nextPart(name); got != name+".2" || len(s.tries) != 0 || s.files["b"] != nil || s.files["a"] == nil || s.files["c"] == nil {
		t.Errorf("next is %s; failed %v, files %v", got, s.tries, s.files)
	}
}

// TestClearParts: what a killed execution left of parts goes, and nothing else.
func TestClearParts(t *testing.T) {
	x := &execution{c: &Config{Output: t.TempDir()}, state: newState()}
	there := func(string) bool { return true }
	x.state.night(&Night{Name: "2026-11-29", Again: true}, there)
	x.state.night(&Night{Name: "2026-11-30"}, there)
	x.state.hasFailed(&Failed{Name: "2026-11-29.3", Try: 1})
	names := []string{"2026-11-28.2", "2026-11-29", "2026-11-29.2", "2026-11-29.3", "2026-11-30", "2026-11-30.2"}
	for _, name := range names {
		for _, k := range x.c.kinds() {
			if err := os.MkdirAll(x.c.at(k.path(name)), 0o700); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := x.clear(); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		for _, k := range x.c.kinds() {
			if got, want := exists(x.c.at(k.path(name))), name != "2026-11-29.2"; got != want {
				t.Errorf("%s is there: %v", k.path(name), got)
			}
		}
	}
}

// TestDeletedOnce: what was recorded to go and is still there is removed without another record.
func TestDeletedOnce(t *testing.T) {
	dir := t.TempDir()
	c := DefaultConfig()
	c.Output, c.Retention.Captures, c.Retention.Reserve = dir, day, 1
	s, err := openState(c.at(HistoryName), exists)
	if err != nil {
		t.Fatal(err)
	}
	defer s.log.Close()
	x := &execution{o: &Options{Now: time.Now()}, c: &c, state: s}
	path := filepath.Join(dir, "a.pcap")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	in := Input{Path: path, Bytes: 1, ModNs: info.ModTime().UnixNano(), Outcome: manifest.Complete}
	if err := x.record(nightEvent, &Night{Name: "2026-01-01", Inputs: []Input{in}}); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(c.folderOf("2026-01-01"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, d := range []*Deleted{{whatCapture, path, "age"}, {whatTables, "2026-01-01", "reserve"}} {
		if err := x.record(deleteEvent, d); err != nil {
			t.Fatal(err)
		}
	}
	x.files = map[string]*file{path: {path: path, bytes: 1, modNs: in.ModNs}}
	c.Retention.Reserve = 1 << 62
	if err := errors.Join(x.retainCaptures(), x.makeRoom()); !errors.Is(err, errReserve) {
		t.Error(err)
	}
	if exists(path) || exists(c.folderOf("2026-01-01")) || s.untold.deleted != 2 {
		t.Errorf("%d records, capture there: %v, tables: %v", s.untold.deleted, exists(path), exists(c.folderOf("2026-01-01")))
	}
}

// TestHostileHistory: names that would become paths are refused.
func TestHostileHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), HistoryName)
	log, err := ledger.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	if err := log.Append(nightEvent, Night{Name: "../../etc"}); err != nil {
		t.Fatal(err)
	}
	if _, err := readState(path, func(string) bool { return true }); err == nil || !strings.Contains(err.Error(), "no name of a night") {
		t.Error(err)
	}
}

// TestHostileLedgers: what live's ledgers name is not read outside of their folders.
func TestHostileLedgers(t *testing.T) {
	for name, body := range map[string]any{
		event.SegmentEvent:     event.Segment{Name: "../../etc/passwd"},
		livefolder.CommitEvent: livefolder.Commit{Number: 1, Input: &manifest.Input{}, Tables: []livefolder.Part{{Name: "hosts", Path: "../../etc/date=2026-11-29/x"}}},
	} {
		dir := t.TempDir()
		log, err := ledger.Open(filepath.Join(dir, event.LedgerName))
		if err != nil {
			t.Fatal(err)
		}
		if err := log.Append(name, body); err != nil {
			t.Fatal(err)
		}
		log.Close()
		c := DefaultConfig()
		c.Output = filepath.Join(dir, "out")
		if name == event.SegmentEvent {
			c.Inputs.Segments = dir
		} else {
			c.Inputs.Tables = dir
		}
		if f, err := c.find(newState(), time.Unix(0, 0)); err == nil {
			t.Errorf("%s: %v", name, f.files)
		}
	}
}

// TestSpaceThatIsNotKnown is an error, and no reason to delete.
func TestSpaceThatIsNotKnown(t *testing.T) {
	c := DefaultConfig()
	c.Output, c.Retention.Reserve = filepath.Join(t.TempDir(), "absent"), 1
	x := &execution{c: &c, state: newState()}
	if err := x.makeRoom(); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// TestRemoveBelow: what is removed is below the output folder, and links lead nowhere.
func TestRemoveBelow(t *testing.T) {
	dir := t.TempDir()
	out, other := filepath.Join(dir, "out"), filepath.Join(dir, "other")
	for _, d := range []string{filepath.Join(out, "runs"), filepath.Join(other, "x")} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(other, filepath.Join(out, "runs", "date=2026-11-29")); err != nil {
		t.Skip(err)
	}
	x := &execution{c: &Config{Output: out}}
	if err := x.removeTables("2026-11-29"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(other, "x")); err != nil {
		t.Error(err)
	}
	if err := x.removeBelow("../other"); err == nil {
		t.Error("something outside was removed")
	}
}

// FuzzConfig reads anything without a panic; what is taken validates.
func FuzzConfig(f *testing.F) {
	f.Add([]byte(example))
	f.Add([]byte("inputs: {captures: [a, b]}\noutput: o\nrun: {tcp_idle: 1}\nnights: {by: hour, pattern: '(\\d)(\\d)(\\d)(\\d)', since: 2026-01-01}\n"))
	f.Add([]byte("inputs: {tables: x}\noutput: o\nretention: {tables: {age: 3d, size: 1GiB}, captures: {delete_after: 2d}}\nbaseline:\n"))
	f.Add([]byte("{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Read(data, "/etc", grammar())
		if err == nil {
			err = c.Validate()
		} else if strings.ContainsAny(err.Error(), "\x1b\x00") {
			t.Errorf("%q", err)
			err = nil
		} else {
			err = nil
		}
		if err != nil {
			t.Error(err)
		}
	})
}

// FuzzHistory applies any bodies without a panic; the page of what is taken can be written.
func FuzzHistory(f *testing.F) {
	f.Add(nightEvent, `{"night":"2026-11-29","verdict":"flagged","severity":"high","drift":{"verdict":"high","items":2},"inputs":[{"path":"a"}],"reports":["drift.html","rules.md"]}`)
	f.Add(nightEvent, `{"night":"2026-11-29","again":true,"rules":{"failing":3},"baseline":{"nights":1}}`)
	f.Add(silentEvent, `{"first":"2026-11-29","last":"9999-11-29","nights":9}`)
	f.Add(silentEvent, `{"first":"x","last":""}`)
	f.Add(changedEvent, `{"path":"a"}`)
	f.Add(failedEvent, `{"night":"a","try":-1}`)
	f.Add(againEvent, `{"night":"2026-11-29"}`)
	f.Add(sameEvent, `{"night":"2026-11-29","path":"a","sha256":""}`)
	f.Add(silentEvent, `{"first":"2026-11-28","last":"2026-11-30","nights":3}`)
	f.Add(markEvent, `{"night":"2026-11-29","good":true}`)
	f.Add(deleteEvent, `{"what":"tables","name":"2026-11-29"}`)
	f.Add(inputsEvent, `{"night":"2026-11-29","inputs":[{"path":"a","path_hex":"zz"}]}`)
	f.Add(endEvent, `{}`)
	f.Fuzz(func(t *testing.T, name, body string) {
		there := func(string) bool { return true }
		s := newState()
		good := &ledger.Record{Event: nightEvent, Body: []byte(`{"night":"2026-11-29","start_ns":1,"end_ns":2,"verdict":"normal","taught":true}`)}
		if err := s.apply(good, there); err != nil {
			t.Fatal(err)
		}
		if s.apply(&ledger.Record{Event: name, Body: []byte(body)}, there) != nil {
			return
		}
		c := DefaultConfig()
		x := &execution{c: &c, o: &Options{}, state: s}
		var b strings.Builder
		if err := indexTemplate.Execute(&b, x.page()); err != nil {
			t.Error(err)
		}
		if strings.Contains(b.String(), "\x1b") {
			t.Error("the page has an escape character")
		}
	})
}
