package alert_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pcapmill/model/drift"
	"pcapmill/model/drift/alert"
	"pcapmill/outputs/publish"
)

// entry makes one of a subject at an hour.
func entry(subject, hour, severity int) alert.Entry {
	at := time.Date(2026, 3, 2, hour, 0, 0, 0, time.UTC)
	id := fmt.Sprintf("%d-%d-%d", subject, hour, severity)
	line := fmt.Sprintf(`{"@timestamp":"%s","event":{"module":"pcapmill","severity":%d,"id":"%s"},"pcapmill":{"alert_id":"s%d"}}`, at.Format(time.RFC3339), severity, id, subject)
	return alert.Entry{ID: id, Subject: fmt.Sprint("s", subject), Severity: severity, Time: at, Period: 3 * time.Hour, Line: []byte(line)}
}

func openLog(t testing.TB, path string, c alert.LogConfig) (*alert.Log, alert.Result) {
	t.Helper()
	l, r, err := alert.OpenLog(t.Context(), path, c)
	if err != nil {
		t.Fatal(err)
	}
	return l, r
}

// allLines of a Log, of files that were set aside too, in order.
func allLines(t testing.TB, path string) (all []string) {
	t.Helper()
	numbers, err := alert.Aside(path)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, n := range numbers {
		names = append(names, alert.AsideName(path, n))
	}
	for _, name := range append(names, path) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > 0 && data[len(data)-1] != '\n' {
			t.Errorf("%s: the last line has no end", name)
		}
		all = append(all, strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")...)
	}
	return all
}

// TestLogTellsWhatIsNew: against a model that remembers everything, over any number of
// restarts, torn ends and files that are set aside.
func TestLogTellsWhatIsNew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "log-")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		path := filepath.Join(dir, "alerts.jsonl")
		config := alert.DefaultLogConfig()
		var model []alert.Entry
		l, _, err := alert.OpenLog(t.Context(), path, config)
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			if rapid.IntRange(0, 3).Draw(t, "restart") == 0 {
				if err := l.Close(); err != nil {
					t.Fatal(err)
				}
				if rapid.Bool().Draw(t, "torn") {
					f, _ := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
					f.WriteString(`{"@timestamp":"2026-03-02T`)
					f.Close()
				}
				if l, _, err = alert.OpenLog(t.Context(), path, config); err != nil {
					t.Fatal(err)
				}
			}
			var batch, want []alert.Entry
			for range rapid.IntRange(0, 4).Draw(t, "entries") {
				e := entry(rapid.IntRange(0, 2).Draw(t, "subject"), rapid.IntRange(0, 23).Draw(t, "hour"), rapid.SampledFrom([]int{21, 47}).Draw(t, "severity"))
				batch = append(batch, e)
				if !slices.ContainsFunc(model, func(o alert.Entry) bool {
					return o.ID == e.ID || o.Subject == e.Subject && o.Severity >= e.Severity && o.Time.Sub(e.Time).Abs() < e.Period
				}) {
					model, want = append(model, e), append(want, e)
				}
			}
			added, err := l.Append(batch)
			if err != nil || len(added) != len(want) {
				t.Fatalf("%v: %d added, want %d", err, len(added), len(want))
			}
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		var lines bytes.Buffer
		for _, e := range model {
			lines.Write(append(e.Line, '\n'))
		}
		if data, err := os.ReadFile(path); err != nil || !bytes.Equal(data, lines.Bytes()) {
			t.Fatalf("%v:\n%s\nwant\n%s", err, data, lines.Bytes())
		}
	})
}

// TestLogIsSetAside: files have no more than LogConfig.Bytes, as many as are to be kept are,
// the file before is remembered, and modes are 0600.
func TestLogIsSetAside(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.jsonl")
	c := alert.LogConfig{Bytes: 1 << 16, Files: 3, Memory: 1 << 16}
	l, _ := openLog(t, path, c)
	const n = 3000 // of 150 bytes
	for i := range n {
		if _, err := l.Append([]alert.Entry{entry(i, 1, 21)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	numbers, err := alert.Aside(path)
	if err != nil || len(numbers) != 3 || numbers[0] < 2 || numbers[2] != numbers[0]+2 {
		t.Errorf("%v %v", numbers, err)
	}
	for _, name := range []string{path, alert.AsideName(path, numbers[0])} {
		if info, err := os.Stat(name); err != nil || info.Size() > c.Bytes || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	all := allLines(t, path)
	for i, line := range all {
		if want := string(entry(n-len(all)+i, 1, 21).Line); line != want {
			t.Fatalf("line %d: %s, want %s", i, line, want)
		}
	}
	l, r := openLog(t, path, c)
	defer l.Close()
	if r.Known < 400 {
		t.Errorf("%d lines are remembered", r.Known)
	}
	if added, err := l.Append([]alert.Entry{entry(n-1, 2, 21), entry(n-400, 2, 21)}); err != nil || len(added) != 0 {
		t.Errorf("%v added: %v", added, err)
	}
}

// TestLogForgets: memory is bounded by lines.
func TestLogForgets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.jsonl")
	c := alert.DefaultLogConfig()
	c.Memory = 2
	l, _ := openLog(t, path, c)
	defer l.Close()
	for _, step := range []struct{ subject, want int }{{1, 1}, {2, 1}, {1, 0}, {3, 1}, {2, 0}, {1, 1}} {
		if added, err := l.Append([]alert.Entry{entry(step.subject, 1, 21)}); err != nil || len(added) != step.want {
			t.Errorf("subject %d: %d added, %v", step.subject, len(added), err)
		}
	}
}

func TestLogRefuses(t *testing.T) {
	dir := t.TempDir()
	foreign := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(foreign, []byte("my notes\nmore\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := alert.OpenLog(t.Context(), foreign, alert.DefaultLogConfig()); !errors.Is(err, alert.ErrForeign) {
		t.Errorf("%v", err)
	}
	if _, _, err := alert.OpenLog(t.Context(), foreign, alert.LogConfig{}); err == nil {
		t.Error("a configuration of nothing")
	}
	path := filepath.Join(dir, "alerts.jsonl")
	l, _ := openLog(t, path, alert.DefaultLogConfig())
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := alert.Append(ctx, path, nil, time.Hour); !errors.Is(err, publish.ErrBusy) {
		t.Errorf("two at once: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// TestLogTakesDriftsFile: what Append wrote, a Log goes on with.
func TestLogTakesDriftsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.jsonl")
	all := alert.Of(one(drift.High, 0), drift.Low)
	if _, err := alert.Append(t.Context(), path, all, time.Hour); err != nil {
		t.Fatal(err)
	}
	entries, err := alert.Entries(all, time.Hour)
	if err != nil || len(entries) == 0 {
		t.Fatal(err, entries)
	}
	l, r := openLog(t, path, alert.DefaultLogConfig())
	defer l.Close()
	if added, err := l.Append(entries); err != nil || len(added) != 0 || r.Known != len(entries) {
		t.Errorf("%d added of %d, %+v: %v", len(added), len(entries), r, err)
	}
}

// FuzzOpenLog: whatever is in a file, it is refused as it is, or becomes one of whole lines.
func FuzzOpenLog(f *testing.F) {
	line := string(entry(1, 1, 21).Line)
	for _, seed := range []string{"", line, line + "\n", line + "\n" + line[:30], "x", "{}\n", line[:9], line + "\n\n\x00\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "alerts.jsonl")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		l, _, err := alert.OpenLog(t.Context(), path, alert.DefaultLogConfig())
		if err != nil {
			if now, _ := os.ReadFile(path); !bytes.Equal(now, data) {
				t.Errorf("refused, and changed: %q", now)
			}
			return
		}
		if _, err := l.Append([]alert.Entry{entry(9, 9, 99)}); err != nil {
			t.Fatal(err)
		}
		l.Close()
		now, err := os.ReadFile(path)
		if err != nil || len(now) == 0 || now[len(now)-1] != '\n' || !bytes.Contains(now, entry(9, 9, 99).Line) {
			t.Errorf("%v: %q", err, now)
		}
	})
}
