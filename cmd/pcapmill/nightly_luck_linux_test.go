package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pcapmill/bench/traffic"
	"pcapmill/cmd/job"
	"pcapmill/cmd/nightly"
)

// luck is a sensor and an operator with bad luck: captures that are late, cut off, empty, still
// growing, moved, copied, touched, changed and removed, under names that nobody would choose.
type luck struct {
	*hours
	rng   *rand.Rand
	there map[string]*stroke // captures by path
	made  int
	stale map[string]bool // paths that changed since they were read
	keeps bool            // retention deletes captures
}

// stroke is a capture of some day.
type stroke struct {
	day  int
	data []byte
}

func (s *stroke) sum() string {
	sum := sha256.Sum256(s.data)
	return hex.EncodeToString(sum[:])
}

// oddNames are patterns, end lines, look like options or sort before everything.
var oddNames = []string{"a b%d.pcap", "x\n%d.pcap", "[%d]*?.pcap", "-%d.pcap", "s/ub %d/c.pcap", "\xff%d.pcap", "plain%d", "2026-01-01.%d.pcap", `q"%d'.pcap`}

func (l *luck) path() string {
	l.made++
	return filepath.Join(l.dir, "caps", fmt.Sprintf(oddNames[l.rng.IntN(len(oddNames))], l.made))
}

// capture makes the capture of an hour.
func (l *luck) capture(day, hour int) []byte {
	var b bytes.Buffer
	w, err := traffic.NewCapture(&b, "pcap")
	if err != nil {
		l.t.Fatal(err)
	}
	if _, err := l.network.Hour(w, 7, 24*day+hour, traffic.DefaultChange(traffic.Unchanged)); err != nil {
		l.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		l.t.Fatal(err)
	}
	return b.Bytes()
}

// write puts a capture in place, last changed at an instant.
func (l *luck) write(path string, s *stroke, at time.Time) {
	l.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		l.t.Fatal(err)
	}
	if err := os.WriteFile(path, s.data, 0o600); err != nil {
		l.t.Fatal(err)
	}
	if err := os.Chtimes(path, at, at); err != nil {
		l.t.Fatal(err)
	}
	l.there[path] = s
}

// any returns the path of some capture, empty where there is none.
func (l *luck) any() string {
	paths := make([]string, 0, len(l.there))
	for path := range l.there {
		paths = append(paths, path)
	}
	if len(paths) == 0 {
		return ""
	}
	slices.Sort(paths)
	return paths[l.rng.IntN(len(paths))]
}

// dawn is the morning behind a day.
func dawn(day int) time.Time { return firstNight.AddDate(0, 0, day+1).Add(7 * time.Hour) }

// arrive has a capture of a day come, whole or not, a few minutes before the morning of another
// day or in time.
func (l *luck) arrive(day, today int) {
	s := &stroke{day, l.capture(day, 8+l.rng.IntN(8))}
	at := firstNight.AddDate(0, 0, day).Add(20 * time.Hour)
	switch l.rng.IntN(8) {
	case 0:
		s.data = s.data[:len(s.data)-1-l.rng.IntN(2000)]
	case 1:
		s.data = empty(l.t)
	case 2:
		at = dawn(today).Add(-5 * time.Minute) // still growing, as it seems
		if bytes.Equal(s.data, empty(l.t)) {
			s.day = today + 1
		}
	case 3:
		at = dawn(today).AddDate(1, 0, 0) // its clock is ahead
	}
	l.write(l.path(), s, at)
}

// meddle does something to a capture that is there.
func (l *luck) meddle(today int) {
	path := l.any()
	if path == "" {
		return
	}
	s, info := l.there[path], l.stat(path)
	switch l.rng.IntN(5) {
	case 0: // an archive
		to := filepath.Join(l.dir, "caps", "old", filepath.Base(l.path()))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			l.t.Fatal(err)
		}
		if err := os.Rename(path, to); err != nil {
			l.t.Fatal(err)
		}
		delete(l.there, path)
		l.there[to], l.stale[to] = s, l.stale[path]
	case 1:
		l.write(l.path(), s, info.ModTime())
	case 2:
		l.write(path, s, info.ModTime().Add(time.Minute))
	case 3:
		if len(s.data) > 100 {
			l.write(path, &stroke{s.day, l.capture(s.day, 17)}, dawn(today).Add(-time.Hour))
			l.stale[path] = true
		}
	default:
		if err := os.Remove(path); err != nil {
			l.t.Fatal(err)
		}
		delete(l.there, path)
	}
}

func (l *luck) stat(path string) fs.FileInfo {
	info, err := os.Lstat(path)
	if err != nil {
		l.t.Fatal(err)
	}
	return info
}

// at is nightly at an instant, killed a few times before it gets to its end.
func (l *luck) at(now time.Time, more ...string) result {
	args := append([]string{"nightly", l.config, "--now", now.Format(time.RFC3339)}, more...)
	for range l.rng.IntN(3) {
		killedInTime(l.t, time.Duration(l.rng.IntN(80))*time.Millisecond, args)
	}
	return run(l.t, args...)
}

// learnt are the captures of the nights that the history has now, with those that it only found
// under other names.
func (l *luck) learnt() map[string][]map[string]any {
	nights := map[string][]map[string]any{}
	for _, n := range l.records("night") {
		name := n["night"].(string)
		if n["again"] == true {
			for other := range nights {
				if strings.HasPrefix(other, name+".") {
					delete(nights, other)
				}
			}
		}
		var inputs []map[string]any
		for _, in := range n["inputs"].([]any) {
			inputs = append(inputs, in.(map[string]any))
		}
		nights[name] = inputs
	}
	return nights
}

// check compares what was made with what there is.
func (l *luck) check() {
	l.t.Helper()
	nights := l.learnt()
	where := map[string]string{}
	for name, inputs := range nights {
		for _, in := range inputs {
			sum := in["sha256"].(string)
			if other, twice := where[sum]; twice && in["packets"].(float64) > 0 && len(l.stale) == 0 {
				l.t.Errorf("%v is in %s and in %s", in["path"], other, name)
			}
			where[sum] = name
		}
	}
	for path, s := range l.there {
		if _, err := os.Lstat(path); err != nil {
			if !l.keeps || where[s.sum()] == "" {
				l.t.Errorf("%q was deleted, and is in %q", path, where[s.sum()])
			}
			delete(l.there, path)
			continue
		}
		if want := nightName(s.day); where[s.sum()] == "" && !l.stale[path] {
			l.t.Errorf("%q of %s was not read", path, want)
		}
	}
	going := map[any]bool{}
	for _, d := range l.records("delete") {
		if going[d["name"]] && d["what"] == "capture" && !strings.Contains(d["name"].(string), "\ufffd") {
			l.t.Errorf("%q is recorded to go twice", d["name"])
		}
		going[d["name"]] = true
	}
	l.folders(nights)
}

// folders compares what is on disk with the nights that the history has.
func (l *luck) folders(nights map[string][]map[string]any) {
	l.t.Helper()
	for pattern, ends := range map[string][2]string{"runs/*": {"date=", ""}, "reports/*": {"", ""}, "nights/*": {"", ".bl"}} {
		all, err := filepath.Glob(l.out(pattern))
		if err != nil {
			l.t.Fatal(err)
		}
		for _, path := range all {
			name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), ends[0]), ends[1])
			if _, is := nights[name]; !is {
				l.t.Errorf("%s is of no night", path)
			}
		}
	}
	for _, pattern := range []string{".gone-*", ".past.bl", "*/.gone-*", "*/.pcapmill-*", "*/*/.pcapmill-*"} {
		if left, _ := filepath.Glob(l.out(pattern)); len(left) > 0 {
			l.t.Errorf("left over: %v", left)
		}
	}
}

// lastWord is the history but for what was told of it.
func (l *luck) lastWord() string {
	data, err := os.ReadFile(l.out(nightly.HistoryName))
	if err != nil {
		l.t.Fatal(err)
	}
	return string(data)
}

// day is one with its bad luck, and two executions in the morning behind it.
func (l *luck) day(today int) {
	for range l.rng.IntN(3) {
		l.arrive(today, today)
	}
	if today > 0 && l.rng.IntN(2) == 0 {
		l.arrive(l.rng.IntN(today), today)
	}
	for range l.rng.IntN(3) {
		l.meddle(today)
	}
	usual := []int{job.ExitOK, job.ExitDrift, job.ExitPartial, job.ExitRejected}
	for _, now := range []time.Time{dawn(today), dawn(today).Add(time.Hour)} {
		if r := l.at(now); !slices.Contains(usual, r.code) {
			l.t.Fatalf("day %d: exit code %d: %s%s", today, r.code, r.out, r.err)
		}
	}
	if again := nightName(l.rng.IntN(today + 1)); l.rng.IntN(2) == 0 {
		r := l.at(dawn(today).Add(time.Hour), "--date", again)
		if !slices.Contains(usual, r.code) {
			l.t.Fatalf("day %d: %s again: exit code %d: %s%s", today, again, r.code, r.out, r.err)
		}
		for path, s := range l.there {
			if nightName(s.day) == again && strings.Contains(r.out, "nights=1") {
				delete(l.stale, path)
			}
		}
		l.at(dawn(today).Add(time.Hour)) // what --date left
	}
	before := l.lastWord()
	l.is(run(l.t, "nightly", l.config, "--now", dawn(today).Add(time.Hour).Format(time.RFC3339)), job.ExitOK, "status=idle", "nights=0", "deleted=0")
	if more := strings.TrimPrefix(l.lastWord(), before); more != "" {
		l.t.Errorf("day %d: an execution with nothing to do wrote to the history: %s", today, more)
	}
	l.check()
}

// TestNightlyBadLuck: whatever happens to captures, nothing is read twice, nothing is left out,
// nothing is deleted that was not read, nothing stays that no night has, and a second execution
// finds nothing to do.
func TestNightlyBadLuck(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	for seed := range points(20, 2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			h := newHours(t, "")
			network, err := traffic.NewNetwork(traffic.NetworkConfig{Seed: 2, Clients: 2})
			if err != nil {
				t.Fatal(err)
			}
			h.network = network
			l := &luck{hours: h, rng: rand.New(rand.NewPCG(uint64(seed), 9)), there: map[string]*stroke{}, stale: map[string]bool{}, keeps: seed%2 == 1}
			more := threeNights + "nights: {every: false}\n"
			if l.keeps {
				more += "retention: {captures: {delete_after: 3d}, tables: {count: 4}}\n"
			}
			h.configure(more)
			l.write(l.path(), &stroke{0, l.capture(0, 9)}, firstNight.Add(20*time.Hour))
			for today := range 8 {
				l.day(today)
				if t.Failed() {
					t.Fatalf("on day %d", today)
				}
			}
		})
	}
}
