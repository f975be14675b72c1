package alert_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"pcapmill/model/drift"
	"pcapmill/model/drift/alert"
	"pcapmill/model/drift/report/reporttest"
	"pcapmill/outputs/publish"
)

var update = flag.Bool("update", false, "rewrite golden files")

func tell(t testing.TB, path string, r *drift.Report, from drift.Severity) alert.Result {
	t.Helper()
	result, err := alert.Append(context.Background(), path, alert.Of(r, from), alert.DefaultPeriod)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func read(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestGolden(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.jsonl")
	if r := tell(t, path, reporttest.Rich(), drift.Low); r != (alert.Result{Added: 8}) {
		t.Errorf("%+v", r)
	}
	got := read(t, path)
	name := filepath.Join("testdata", "rich.jsonl")
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got != read(t, name) {
		t.Errorf("%s is out of date: go test ./model/drift/alert -update, and read what changes; got\n%s", name, got)
	}
	for _, r := range got {
		if r != '\n' && !strconv.IsPrint(r) {
			t.Errorf("the file has %U", r)
		}
	}
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if all, err := os.ReadDir(filepath.Dir(path)); err != nil || len(all) != 1 {
		t.Errorf("%v beside it, %v", all, err)
	}
}

// TestOf holds which items and hosts become alerts.
func TestOf(t *testing.T) {
	for from, want := range map[drift.Severity]int{drift.None: 0, drift.Low: 8, drift.Medium: 6, drift.High: 3, drift.Critical: 2} {
		all := alert.Of(reporttest.Rich(), from)
		if len(all) != want {
			t.Errorf("from %s on: %d, want %d", from, len(all), want)
		}
		ids := map[string]bool{}
		for _, a := range all {
			if a.Event.Severity == 0 || a.Message == "" || ids[a.Event.ID] {
				t.Errorf("%+v", a)
			}
			ids[a.Event.ID] = true
		}
	}
}

// one returns a report on one item, some time after the hand-made one's.
func one(s drift.Severity, later time.Duration) *drift.Report {
	r := reporttest.Quiet()
	r.Current.Last = r.Current.Last.Add(later)
	r.Items = []drift.Item{{ID: "volume/global/packets", Layer: drift.Volume, Segment: "global", Subject: "packets", Severity: s, Outcome: drift.Drift, Text: "more packets"}}
	return r
}

// TestKnown: what is told once is not told again within a day of the data, unless it is worse.
func TestKnown(t *testing.T) {
	const hour = time.Hour
	path := filepath.Join(t.TempDir(), "alerts.jsonl")
	for i, step := range []struct {
		severity drift.Severity
		later    time.Duration
		added    int
	}{
		{drift.Medium, 0, 1},
		{drift.Medium, 0, 0}, // the same job again
		{drift.Medium, hour, 0},
		{drift.Medium, 24*hour - 1, 0},
		{drift.Low, hour, 0},
		{drift.High, 2 * hour, 1},   // worse
		{drift.Medium, 3 * hour, 0}, // and better again
		{drift.High, 25 * hour, 0},
		{drift.Medium, 26 * hour, 1},
		{drift.High, 26 * hour, 1},
		{drift.High, -21 * hour, 0}, // older data that are judged later
		{drift.High, -22 * hour, 1},
		{drift.High, 26 * hour, 0},
	} {
		if r := tell(t, path, one(step.severity, step.later), drift.Low); r.Added != step.added || r.Known != 1-step.added {
			t.Errorf("step %d: %+v, want %d added", i, r, step.added)
		}
	}
	if n := strings.Count(read(t, path), "\n"); n != 5 {
		t.Errorf("%d lines", n)
	}
	other := one(drift.High, 0)
	other.Items[0].ID = "volume/global/bytes"
	if r := tell(t, path, other, drift.Low); r.Added != 1 {
		t.Errorf("another subject: %+v", r)
	}
}

// TestSameAgain: the file does not change when the same report comes again.
func TestSameAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.jsonl")
	tell(t, path, reporttest.Rich(), drift.Low)
	before := read(t, path)
	if r := tell(t, path, reporttest.Rich(), drift.Low); r.Added != 0 || r.Known != 8 || read(t, path) != before {
		t.Errorf("%+v", r)
	}
}

// begin is as long as what tells one of our lines.
const begin = `{"@timestamp":"`

// TestCrash cuts the file at many places: the next time, it is whole again, and the same but for
// the order of lines.
func TestCrash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.jsonl")
	tell(t, path, one(drift.High, -48*time.Hour), drift.Low)
	first := len(read(t, path))
	tell(t, path, one(drift.High, 0), drift.Low)
	whole := read(t, path)
	for n := range len(whole) {
		if n%37 > 0 && (n < first-2 || n > first+len(begin)) && n < len(whole)-2 {
			continue // every place would take long
		}
		if err := os.WriteFile(path, []byte(whole[:n]), 0o600); err != nil {
			t.Fatal(err)
		}
		r := tell(t, path, one(drift.High, 0), drift.Low)
		got, want := read(t, path), whole
		if n < first-1 {
			want = whole[first:]
		}
		if got != want || (r.Mended > 0) != (n != 0 && n < first-1 || n > first && n < len(whole)-1) {
			t.Fatalf("cut at %d of %d: %+v\n%s", n, len(whole), r, got)
		}
	}
}

// TestForeign: a file that is none of ours stays as it is.
func TestForeign(t *testing.T) {
	dir := t.TempDir()
	for i, content := range []string{
		"precious\n", "precious", "\n", "{}\n", `{"@timestamp":"2026-01-01T00:00:00Z","event":{"module":"zeek"}}` + "\n",
		strings.Repeat("x", 2<<20), "[1]", `{"@timestamp":1`,
	} {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := alert.Append(context.Background(), path, alert.Of(reporttest.Rich(), drift.Low), time.Hour)
		if !errors.Is(err, alert.ErrForeign) || read(t, path) != content {
			t.Errorf("%.40q: %v", content, err)
		}
	}
	if _, err := alert.Append(context.Background(), dir, nil, time.Hour); !errors.Is(err, alert.ErrForeign) {
		t.Errorf("a folder: %v", err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(filepath.Join(dir, "absent"), link); err == nil {
		if _, err := alert.Append(context.Background(), link, nil, time.Hour); !errors.Is(err, alert.ErrForeign) {
			t.Errorf("a link: %v", err)
		}
	}
}

// TestStrangeLines: lines that others wrote among ours are left alone, and counted.
func TestStrangeLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.jsonl")
	tell(t, path, one(drift.High, 0), drift.Low)
	ours := read(t, path)
	if err := os.WriteFile(path, []byte(ours+"note\n\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := tell(t, path, one(drift.High, 0), drift.Low); r != (alert.Result{Known: 1, Strange: 2}) || read(t, path) != ours+"note\n\n" {
		t.Errorf("%+v", r)
	}
}

// TestNothing: without alerts there is an empty file, so that who follows it finds one.
func TestNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.jsonl")
	if r := tell(t, path, reporttest.Quiet(), drift.Low); r != (alert.Result{}) || read(t, path) != "" {
		t.Errorf("%+v", r)
	}
}

// TestAnyFolder: a file of alerts may be in a folder that a link leads to, as a report may; a link in its own place is refused.
func TestAnyFolder(t *testing.T) {
	dir := t.TempDir()
	folder, linked := filepath.Join(dir, "real"), filepath.Join(dir, "linked")
	if err := errors.Join(os.Mkdir(folder, 0o700), os.Symlink(folder, linked)); err != nil {
		t.Skip(err)
	}
	if r := tell(t, filepath.Join(linked, "alerts.jsonl"), reporttest.Quiet(), drift.Low); r != (alert.Result{}) {
		t.Errorf("%+v", r)
	}
	if files, err := os.ReadDir(folder); err != nil || len(files) != 1 || files[0].Name() != "alerts.jsonl" {
		t.Errorf("%v, %v", files, err)
	}
	if err := os.Symlink(filepath.Join(dir, "none"), filepath.Join(folder, "link.jsonl")); err != nil {
		t.Fatal(err)
	}
	_, err := alert.Append(context.Background(), filepath.Join(folder, "link.jsonl"), nil, time.Hour)
	if _, there := os.Lstat(filepath.Join(dir, "none")); !errors.Is(err, alert.ErrForeign) || there == nil {
		t.Errorf("a link: %v", err)
	}
}

func TestBusy(t *testing.T) {
	dir := t.TempDir()
	folder, _, err := publish.OpenOS(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	lock, err := folder.Lock(".pcapmill-alerts.jsonl.lock")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := alert.Append(ctx, filepath.Join(dir, "alerts.jsonl"), nil, time.Hour); !errors.Is(err, publish.ErrBusy) {
		t.Errorf("%v", err)
	}
	if err := lock.Unlock(); err != nil {
		t.Error(err)
	}
}

// TestTogether: several at once lose no line, and tell nothing twice.
func TestTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.jsonl")
	done := make(chan error)
	const writers = 8
	for i := range writers {
		go func() {
			r := reporttest.Rich()
			r.Items[0].ID = fmt.Sprint(i)
			_, err := alert.Append(context.Background(), path, alert.Of(r, drift.Low), time.Hour)
			done <- err
		}()
	}
	for range writers {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	lines := bytes.Split(bytes.TrimSuffix([]byte(read(t, path)), []byte("\n")), []byte("\n"))
	if len(lines) != 7+writers {
		t.Errorf("%d lines", len(lines))
	}
	for _, line := range lines {
		if !json.Valid(line) {
			t.Errorf("%s", line)
		}
	}
}

// TestLongNames: a line stays far below what is read of one.
func TestLongNames(t *testing.T) {
	r := reporttest.Quiet()
	name := strings.Repeat("\u202e\xff", 100_000)
	x := drift.Item{ID: name, Layer: drift.Values, Segment: name, Subject: name, Text: name, Severity: drift.High}
	for range 100 {
		x.Keys = append(x.Keys, drift.KeyItem{Key: name, Change: "new"})
		x.Movers = append(x.Movers, drift.Mover{Host: name}, drift.Mover{Host: "10.0.0.1"})
	}
	r.Items = append(r.Items, x)
	path := filepath.Join(t.TempDir(), "alerts.jsonl")
	tell(t, path, r, drift.Low)
	line := read(t, path)
	var a struct {
		Related  struct{ IP []string }
		Pcapmill struct {
			Keys     []drift.KeyItem
			MoreKeys int `json:"more_keys"`
		}
	}
	if err := json.Unmarshal([]byte(line), &a); err != nil || len(line) > 256<<10 || len(a.Related.IP) != 20 || len(a.Pcapmill.Keys) != 20 || a.Pcapmill.MoreKeys != 80 {
		t.Errorf("%d bytes, %d, %d, %d, %v", len(line), len(a.Related.IP), len(a.Pcapmill.Keys), a.Pcapmill.MoreKeys, err)
	}
}

// TestDocsHaveEveryField holds the table of fields in docs/drift.md to what lines have.
func TestDocsHaveEveryField(t *testing.T) {
	page := read(t, "../../../docs/drift.md")
	path := filepath.Join(t.TempDir(), "alerts.jsonl")
	tell(t, path, reporttest.Rich(), drift.Low)
	for _, line := range strings.Split(strings.TrimSpace(read(t, path)), "\n") {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatal(err)
		}
		for name, v := range fields {
			names := []string{name}
			if below, ok := v.(map[string]any); ok {
				names = nil
				for field := range below {
					names = append(names, name+"."+field)
				}
			}
			for _, name := range names {
				if !strings.Contains(page, "`"+name+"`") {
					t.Errorf("no %s in docs/drift.md", name)
				}
			}
		}
	}
}
