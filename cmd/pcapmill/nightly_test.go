package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"pcapmill/bench/traffic"
	"pcapmill/cmd/job"
	"pcapmill/cmd/nightly"
	"pcapmill/outputs/publish"
)

// hours gives each night one hour of a generated network: the same hour of each day from
// 2026-03-02 on, so that nothing but what is asked for changes.
type hours struct {
	t       *testing.T
	network *traffic.Network
	dir     string
	config  string
}

// firstNight is the day of night 0.
var firstNight = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// nightName is the name of the nth night.
func nightName(n int) string { return firstNight.AddDate(0, 0, n).Format(time.DateOnly) }

// morning after the nth night.
func morning(n int) string {
	return firstNight.AddDate(0, 0, n+1).Add(7 * time.Hour).Format(time.RFC3339)
}

func newHours(t *testing.T, config string) *hours {
	t.Helper()
	network, err := traffic.NewNetwork(traffic.NetworkConfig{Seed: 1, Clients: 25, Unrest: 0.12})
	if err != nil {
		t.Fatal(err)
	}
	h := &hours{t: t, network: network, dir: t.TempDir()}
	if err := os.Mkdir(filepath.Join(h.dir, "caps"), 0o700); err != nil {
		t.Fatal(err)
	}
	h.configure(config)
	return h
}

// configure writes the configuration: captures from caps, output to out, and more.
func (h *hours) configure(more string) {
	h.config = writeFile(h.t, h.dir, "nightly.yaml", []byte("inputs: {captures: caps, settle: 10m}\noutput: out\n"+more))
}

// night writes the capture of the nth night.
func (h *hours) night(n int, change traffic.ChangeKind) string {
	h.t.Helper()
	return h.hour(fmt.Sprintf("night-%02d.pcap", n), n, 10, change)
}

// hour writes an hour of the nth day, as a capture that was closed at its end.
func (h *hours) hour(name string, n, hour int, change traffic.ChangeKind) string {
	h.t.Helper()
	var b bytes.Buffer
	w, err := traffic.NewCapture(&b, "pcap")
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.network.Hour(w, 7, 24*n+hour, traffic.DefaultChange(change)); err != nil {
		h.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		h.t.Fatal(err)
	}
	return h.put(name, b.Bytes(), n, hour)
}

func (h *hours) put(name string, data []byte, n, hour int) string {
	h.t.Helper()
	path := writeFile(h.t, filepath.Join(h.dir, "caps"), name, data)
	closed := firstNight.AddDate(0, 0, n).Add(time.Duration(hour+1) * time.Hour)
	if err := os.Chtimes(path, closed, closed); err != nil {
		h.t.Fatal(err)
	}
	return path
}

// run is nightly on the morning after the nth night.
func (h *hours) run(n int, more ...string) result {
	h.t.Helper()
	return run(h.t, append([]string{"nightly", h.config, "--now", morning(n)}, more...)...)
}

func (h *hours) out(elements ...string) string {
	return filepath.Join(append([]string{h.dir, "out"}, elements...)...)
}

// summaryOf reads the line of a result.
func summaryOf(t *testing.T, r result) map[string]string {
	t.Helper()
	if strings.Count(r.out, "\n") != 1 || !strings.HasPrefix(r.out, "nightly status=") {
		t.Fatalf("no one line: %q, %q", r.out, r.err)
	}
	pairs := map[string]string{}
	for _, m := range regexp.MustCompile(`(\w+)=("(?:[^"\\]|\\.)*"|[^ \n]+)`).FindAllStringSubmatch(r.out, -1) {
		pairs[m[1]] = m[2]
	}
	return pairs
}

// is fails the test unless the line says so: pairs are key=value.
func (h *hours) is(r result, code int, pairs ...string) {
	h.t.Helper()
	r.want(h.t, code)
	have := summaryOf(h.t, r)
	for _, pair := range append(pairs, fmt.Sprintf("exit=%d", code)) {
		key, value, _ := strings.Cut(pair, "=")
		if have[key] != value {
			h.t.Errorf("%s is %q, want %q: %s", key, have[key], value, r.out)
		}
	}
}

// records returns the bodies of an event in the history.
func (h *hours) records(event string) (bodies []map[string]any) {
	h.t.Helper()
	data, err := os.ReadFile(h.out(nightly.HistoryName))
	if err != nil {
		h.t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		var r struct {
			Event string
			Body  map[string]any
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			h.t.Fatal(err)
		}
		if r.Event == event {
			bodies = append(bodies, r.Body)
		}
	}
	return bodies
}

// made returns all that was made, but for what has times of the wall clock: history without
// them, and no execution.json.
func (h *hours) made() map[string]string {
	h.t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(h.out(), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == "execution.json" {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(h.out(), path)
		files[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	files[nightly.HistoryName] = fmt.Sprint(h.records("night"), h.records("silent"), h.records("changed"), h.records("mark"), h.records("delete"))
	return files
}

// same fails the test where two outputs differ.
func same(t *testing.T, what string, want, have map[string]string, but ...string) {
	t.Helper()
	for name := range want {
		if _, there := have[name]; !there {
			t.Errorf("%s: %s is missing", what, name)
		}
	}
next:
	for name := range have {
		for _, b := range but {
			if name == b {
				continue next
			}
		}
		if want[name] != have[name] {
			t.Errorf("%s: %s differs (%d and %d bytes)", what, name, len(want[name]), len(have[name]))
		}
	}
}

const threeNights = "baseline: {least: 3}\n"

// makeTen writes ten nights: the fifth has a capture without packets, the seventh one that
// was cut off, the eighth a change, and of the ninth there is none.
func (h *hours) makeTen() {
	for n := range 10 {
		switch n {
		case 4:
			h.put("night-04.pcap", empty(h.t), n, 10)
		case 6:
			path := h.night(n, traffic.Unchanged)
			data, err := os.ReadFile(path)
			if err != nil {
				h.t.Fatal(err)
			}
			h.put("night-06.pcap", data[:len(data)-1000], n, 10)
		case 7:
			h.night(n, traffic.NewService)
		case 8:
		default:
			h.night(n, traffic.Unchanged)
		}
	}
}

// empty is a capture without packets.
func empty(t *testing.T) []byte {
	var b bytes.Buffer
	w, err := traffic.NewCapture(&b, "pcap")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestNightlyTenNights works through ten nights, one each morning but one, and then through
// all of them at once: what is made is the same, as each night is judged by its past alone.
func TestNightlyTenNights(t *testing.T) {
	h := newHours(t, threeNights+"rules: {shipped: true, fail_on: high}\n")
	h.makeTen()
	for n := range 3 {
		h.is(h.run(n), job.ExitOK, "status=ok", "nights=1", "last="+nightName(n), "verdict=learning", fmt.Sprint("good_nights=", n+1))
	}
	// The fourth morning is missed.
	h.is(h.run(4), job.ExitRejected, "status=incomplete", "nights=2", "verdict=empty", "good_nights=4")
	h.is(h.run(5), job.ExitOK, "status=ok", "verdict=normal", "good_nights=5")
	h.is(h.run(6), job.ExitPartial, "verdict=normal", "damaged=1", "good_nights=5")
	h.is(h.run(7), job.ExitDrift, "status=flagged", "verdict=flagged", "flagged="+nightName(7), "good_nights=5")
	h.is(h.run(8), job.ExitRejected, "status=incomplete", "nights=0", "silent=1", "good_nights=5")
	h.is(h.run(9), job.ExitOK, "status=ok", "verdict=normal", "last="+nightName(9), "good_nights=6")
	byDay := h.made()
	h.is(h.run(9), job.ExitOK, "status=idle", "nights=0", "last="+nightName(9), "verdict=normal")
	same(t, "a second execution", byDay, h.made())

	var judged map[string]any
	for _, n := range h.records("night") {
		if n["night"] == nightName(9) {
			judged = n["baseline"].(map[string]any)
		}
	}
	if judged["nights"] != 5.0 || judged["first"] != nightName(0) || judged["last"] != nightName(5) {
		t.Errorf("the last night was judged by %v", judged)
	}
	if err := os.RemoveAll(h.out()); err != nil {
		t.Fatal(err)
	}
	h.is(h.run(9), job.ExitRejected, "nights=9", "silent=1", "damaged=1", "flagged="+nightName(7), "good_nights=6")
	same(t, "all at once", byDay, h.made(), nightly.HistoryName)
}

// TestNightlyLeavesWhatIsOpen: nights that are not over, and files that are being written.
func TestNightlyLeavesWhatIsOpen(t *testing.T) {
	h := newHours(t, threeNights)
	h.night(0, traffic.Unchanged)
	h.night(1, traffic.Unchanged)
	late := h.hour("late.pcap", 0, 12, traffic.Unchanged)
	at := firstNight.AddDate(0, 0, 1).Add(7*time.Hour - 5*time.Minute)
	if err := os.Chtimes(late, at, at); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(h.dir, "caps"), ".hidden.pcap", []byte("half"))
	h.config = writeFile(t, h.dir, "nightly.yaml", []byte("inputs: {captures: ['caps/*.pcap', caps], settle: 10m}\noutput: out\n"+threeNights))
	h.is(h.run(0), job.ExitOK, "status=idle", "fresh=2", "waiting=1")
	if r := h.run(0, "--dry-run").want(t, job.ExitOK); !strings.Contains(r.out, "left: 2 captures that may still be written") || strings.Contains(r.out, "would") {
		t.Error(r.out)
	}
	r := h.run(1, "--dry-run").want(t, job.ExitOK)
	if !strings.Contains(r.out, "would do: "+nightName(0)+", 2 captures") || !strings.Contains(r.out, "would do: "+nightName(1)+", 1 capture") {
		t.Error(r.out)
	}
	h.is(h.run(1), job.ExitOK, "status=ok", "nights=2")
}

// TestNightlyLateAndChanged: a file that comes late makes a night beside its own; one that
// changes is told once; --date makes one night of all.
func TestNightlyLateAndChanged(t *testing.T) {
	h := newHours(t, threeNights)
	for n := range 5 {
		h.night(n, traffic.Unchanged)
	}
	h.is(h.run(4), job.ExitOK, "nights=5", "good_nights=5")
	h.hour("late.pcap", 3, 12, traffic.Unchanged)
	h.is(h.run(4), job.ExitOK, "nights=1")
	late := h.records("night")[5]
	if late["night"] != nightName(3)+".2" || late["baseline"].(map[string]any)["last"] != nightName(2) {
		t.Errorf("%v judged by %v", late["night"], late["baseline"])
	}
	changed := h.hour("night-03.pcap", 3, 11, traffic.Unchanged)
	at := firstNight.AddDate(0, 0, 4)
	if err := os.Chtimes(changed, at, at); err != nil {
		t.Fatal(err)
	}
	h.is(h.run(4), job.ExitPartial, "status=incomplete", "changed=1", "stale=1")
	h.is(h.run(4), job.ExitOK, "status=idle", "changed=0", "stale=1")
	h.is(h.run(4, "--date", nightName(3)), job.ExitOK, "nights=1", "last="+nightName(4))
	again := h.records("night")[6]
	if again["night"] != nightName(3) || len(again["inputs"].([]any)) != 2 || again["again"] != true {
		t.Errorf("again: %v", again)
	}
	if _, err := os.Stat(h.out("runs", "date="+nightName(3)+".2")); !os.IsNotExist(err) {
		t.Errorf("what came late is still apart: %v", err)
	}
	h.is(h.run(4), job.ExitOK, "status=idle", "stale=0", "good_nights=5")
	same(t, "as if it had never been otherwise", h.fresh(4), h.made(), nightly.HistoryName, "index.html", "baseline.bl.previous", "reports/"+nightName(4)+"/drift.json")
}

// TestNightlyMoved: captures that were moved, copied or touched are known, and no late ones.
func TestNightlyMoved(t *testing.T) {
	h := newHours(t, threeNights)
	for n := range 5 {
		h.night(n, traffic.Unchanged)
	}
	h.hour("twice.pcap", 4, 10, traffic.Unchanged)
	h.is(h.run(4), job.ExitOK, "nights=5", "good_nights=5")
	if in := h.records("night")[4]["inputs"].([]any); len(in) != 1 {
		t.Errorf("a capture and its copy are both read: %v", in)
	}
	want := h.made()
	caps := filepath.Join(h.dir, "caps")
	if err := os.Mkdir(filepath.Join(caps, "archive"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(caps, "night-01.pcap"), filepath.Join(caps, "archive", "first.pcap")); err != nil {
		t.Fatal(err)
	}
	h.hour("x-copy.pcap", 2, 10, traffic.Unchanged)
	at := firstNight.AddDate(0, 0, 4)
	if err := os.Chtimes(filepath.Join(caps, "night-03.pcap"), at, at); err != nil {
		t.Fatal(err)
	}
	h.is(h.run(4), job.ExitOK, "status=idle", "nights=0", "changed=0")
	if found := h.records("same"); len(found) != 4 { // the copy of the last night among them
		t.Errorf("found again: %v", found)
	}
	h.is(h.run(4), job.ExitOK, "status=idle")
	same(t, "moved", want, h.made())
	h.is(h.run(4, "--date", nightName(2)), job.ExitOK, "nights=1")
	same(t, "again, with a copy", want, h.made(), nightly.HistoryName, "index.html")
}

// TestNightlyForeignPage: a page that is not nightly's stays as it is.
func TestNightlyForeignPage(t *testing.T) {
	h := newHours(t, threeNights)
	if r := h.run(0).want(t, job.ExitOK); strings.Contains(r.out, "index=") {
		t.Errorf("the line names a page that is not there: %s", r.out)
	}
	page := writeFile(t, h.out(), "index.html", []byte("<title>Our wiki</title>"))
	h.night(0, traffic.Unchanged)
	r := h.run(0)
	h.is(r, job.ExitOutput, "status=error", "nights=1")
	r.says(t, "index.html is not empty and was not written by pcapmill: move it away")
	if data, err := os.ReadFile(page); err != nil || string(data) != "<title>Our wiki</title>" {
		t.Errorf("the page is %q, %v", data, err)
	}
	if err := os.Remove(page); err != nil {
		t.Fatal(err)
	}
	h.is(h.run(0), job.ExitOK, "status=idle", "index="+page)
}

// TestNightlyBaselineLost: a baseline that is damaged or gone is made again; a file that is none is
// not overwritten, and the error says what to do.
func TestNightlyBaselineLost(t *testing.T) {
	h := newHours(t, threeNights)
	for n := range 4 {
		h.night(n, traffic.Unchanged)
	}
	h.is(h.run(3), job.ExitOK, "nights=4")
	want := h.made()
	data := want["baseline.bl"]
	for _, cut := range []int{len(data) - 1, len(data) / 2, 100} {
		writeFile(t, h.out(), "baseline.bl", []byte(data[:cut]))
		h.is(h.run(3), job.ExitOK, "status=idle")
		same(t, fmt.Sprint("cut at ", cut), want, h.made(), "baseline.bl.previous")
	}
	writeFile(t, h.out(), "baseline.bl", nil)
	r := h.run(3)
	h.is(r, job.ExitRejected, "status=error")
	r.says(t, "move it away, and it is made again")
	if err := os.Remove(h.out("baseline.bl")); err != nil {
		t.Fatal(err)
	}
	h.is(h.run(3), job.ExitOK, "status=idle")
	same(t, "removed", want, h.made(), "baseline.bl.previous")
}

// TestNightlySameAgain: one capture that came as two nights is learnt once, and does not keep
// others from being done.
func TestNightlySameAgain(t *testing.T) {
	h := newHours(t, threeNights+"nights: {pattern: 'n(\\d{4})-(\\d\\d)-(\\d\\d)'}\n")
	for n := range 6 {
		day := n
		if n == 2 {
			day = 1
		}
		h.hour("n"+nightName(n)+".pcap", day, 10, traffic.Unchanged)
	}
	h.is(h.run(5), job.ExitOK, "nights=6")
	night := h.records("night")[4]
	if past := night["baseline"].(map[string]any); past["nights"] != 3.0 || !strings.Contains(fmt.Sprint(night["why"]), "other nights have the same tables") {
		t.Errorf("judged by %v: %v", past, night["why"])
	}
}

// TestNightlyAgainOfLess: a night is not replaced by what is left of its captures, and not
// believed where that was asked for.
func TestNightlyAgainOfLess(t *testing.T) {
	h := newHours(t, threeNights)
	gone := h.night(0, traffic.Unchanged)
	changed := h.hour("b.pcap", 0, 12, traffic.Unchanged)
	h.is(h.run(0), job.ExitOK, "nights=1")
	h.hour("b.pcap", 0, 13, traffic.Unchanged)
	at := firstNight.AddDate(0, 0, 1)
	if err := os.Chtimes(changed, at, at); err != nil {
		t.Fatal(err)
	}
	h.is(h.run(0, "--date", nightName(0)), job.ExitOK, "nights=1", "changed=0", "stale=0")
	if err := os.Remove(gone); err != nil {
		t.Fatal(err)
	}
	want := h.made()
	r := h.run(0, "--date", nightName(0))
	h.is(r, job.ExitRejected, "status=error", "nights=0")
	r.says(t, "missing: 1 capture", "runs/date=2026-03-02")
	same(t, "refused", want, h.made())
	for _, path := range []string{h.out("runs", "date="+nightName(0)), h.out("nights", nightName(0)+".bl")} {
		h.is(h.run(0, "--date", nightName(0)), job.ExitRejected, "status=error")
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
	}
	r = h.run(0, "--date", nightName(0))
	h.is(r, job.ExitPartial, "nights=1", "good_nights=0")
	r.says(t, "less than before (missing: 1 capture)")
	h.night(0, traffic.Unchanged) // it comes back
	h.is(h.run(0), job.ExitOK, "nights=1", "last="+nightName(0)+".2")
	if err := os.RemoveAll(filepath.Join(h.dir, "caps")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(h.dir, "caps"), 0o700); err != nil {
		t.Fatal(err)
	}
	h.is(h.run(0, "--date", nightName(0)), job.ExitRejected, "status=error")
}

// TestNightlySilence: nights whose captures came after all are no longer without any, and what
// nights were before they were hours is not forgotten.
func TestNightlySilence(t *testing.T) {
	h := newHours(t, threeNights)
	h.night(0, traffic.Unchanged)
	h.night(4, traffic.Unchanged)
	h.is(h.run(4), job.ExitRejected, "silent=3")
	h.night(2, traffic.Unchanged)
	h.is(h.run(4), job.ExitOK, "nights=1", "silent=0")
	page, err := os.ReadFile(h.out("index.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{`id="s` + nightName(1) + `"`, `id="s` + nightName(3) + `"`, "3 nights, 2 without captures"} {
		if !strings.Contains(string(page), s) {
			t.Errorf("the page has no %s", s)
		}
	}
	if strings.Contains(string(page), "of 3 nights") {
		t.Error("the page has three nights without captures")
	}
	h.is(h.run(1000), job.ExitRejected, "silent=996") // the clock is ahead
	h.is(h.run(4), job.ExitOK, "status=idle")
	h.is(h.run(5), job.ExitRejected, "silent=1")
	h.is(h.run(5), job.ExitOK, "status=idle")
	h.configure(threeNights + "nights: {by: hour}\n")
	h.is(h.run(4), job.ExitRejected, "status=incomplete", "nights=0", "silent=6") // hours behind the last day
	h.configure(threeNights)
	h.is(h.run(4), job.ExitOK, "status=idle")
}

// fresh is what a first execution makes of all, but for reports on nights behind the one that
// changed: these were judged by what it was.
func (h *hours) fresh(n int) map[string]string {
	h.t.Helper()
	other := h.out() + ".kept"
	if err := os.Rename(h.out(), other); err != nil {
		h.t.Fatal(err)
	}
	h.run(n)
	made := h.made()
	for name := range made {
		if strings.HasPrefix(name, "reports/"+nightName(n)) {
			delete(made, name)
		}
	}
	if err := os.RemoveAll(h.out()); err != nil {
		h.t.Fatal(err)
	}
	if err := os.Rename(other, h.out()); err != nil {
		h.t.Fatal(err)
	}
	for _, name := range []string{"drift.html", "drift.md", "drift.json", "drift.xml"} {
		data, err := os.ReadFile(h.out("reports", nightName(n), name))
		if err != nil {
			h.t.Fatal(err)
		}
		made["reports/"+nightName(n)+"/"+name] = string(data)
	}
	return made
}

// TestNightlyMarks: a night that someone accepts teaches, one that someone rejects does not.
func TestNightlyMarks(t *testing.T) {
	h := newHours(t, threeNights)
	for n := range 3 {
		h.night(n, traffic.Unchanged)
	}
	h.night(3, traffic.NewService)
	h.night(4, traffic.NewService)
	h.is(h.run(3), job.ExitDrift, "good_nights=3")
	h.is(h.run(3, "--accept", nightName(3), "--why", "the <b>proxy</b>"), job.ExitOK, "status=marked", "good_nights=4")
	h.is(h.run(3, "--reject", nightName(0)), job.ExitOK, "status=marked", "good_nights=3")
	h.run(3, "--accept", nightName(9)).want(t, job.ExitUsage).says(t, "no night "+nightName(9))
	page, err := os.ReadFile(h.out("index.html"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "the &lt;b&gt;proxy&lt;/b&gt;") {
		t.Error("the page does not say why")
	}
	h.run(4)
	past := h.records("night")[4]["baseline"].(map[string]any)
	if past["first"] != nightName(1) || past["last"] != nightName(3) {
		t.Errorf("judged by %v", past)
	}
}

// TestNightlyNoneGood: where the last good night is rejected there is no baseline, but the one before; what
// is there in its place and is none stays.
func TestNightlyNoneGood(t *testing.T) {
	h := newHours(t, threeNights)
	h.night(0, traffic.Unchanged)
	h.is(h.run(0), job.ExitOK, "good_nights=1")
	want := h.made()["baseline.bl"]
	for range 2 {
		h.is(h.run(0, "--reject", nightName(0)), job.ExitOK, "good_nights=0")
		made := h.made()
		if _, there := made["baseline.bl"]; there || made["baseline.bl.previous"] != want {
			t.Error("a night that was rejected is still the baseline, or not the one before")
		}
	}
	writeFile(t, h.out(), "baseline.bl", []byte("notes"))
	h.is(h.run(0), job.ExitOK, "status=idle")
	if h.made()["baseline.bl"] != "notes" {
		t.Error("a file that is no baseline is gone")
	}
	if err := os.Remove(h.out("baseline.bl")); err != nil {
		t.Fatal(err)
	}
	h.is(h.run(0, "--accept", nightName(0)), job.ExitOK, "good_nights=1")
	if h.made()["baseline.bl"] != want {
		t.Error("the night that was accepted is not the baseline")
	}
}

// TestNightlyLock: one at a time; what a dead process left is no obstacle.
func TestNightlyLock(t *testing.T) {
	h := newHours(t, threeNights)
	h.night(0, traffic.Unchanged)
	fsys, _, err := publish.OpenOS(h.out())
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.Close()
	lock, err := fsys.Lock(".pcapmill-nightly.lock")
	if err != nil {
		t.Fatal(err)
	}
	r := h.run(0)
	h.is(r, job.ExitUsage, "status=busy")
	r.says(t, fmt.Sprint("process ", os.Getpid()))
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	writeFile(t, h.out(), ".pcapmill-nightly.lock", []byte("process 1 on elsewhere"))
	h.is(h.run(0), job.ExitOK, "status=ok")
}

// TestNightlyUnsaid: what nobody could be told is an error, and is told again.
func TestNightlyUnsaid(t *testing.T) {
	h := newHours(t, "")
	h.night(0, traffic.Unchanged)
	for range 2 {
		args := []string{"pcapmill", "nightly", h.config, "--now", morning(0)}
		if code := execute(args, streams{out: full{}, err: os.Stderr}); code != job.ExitOutput {
			t.Errorf("exit code %d", code)
		}
	}
	h.is(h.run(0), job.ExitOK, "status=ok", "nights=1")
	h.is(h.run(0), job.ExitOK, "status=idle", "nights=0")
}

// TestNightlyRetention: what is old goes, and is told; captures only where that was asked for.
func TestNightlyRetention(t *testing.T) {
	h := newHours(t, threeNights+"retention: {tables: {count: 2}, reports: {age: 3d}, baselines: {count: 1}}\n")
	for n := range 5 {
		h.night(n, traffic.Unchanged)
	}
	h.is(h.run(4), job.ExitOK, "nights=5", "deleted=6")
	for n, want := range []string{"", "", "", "tables", "tables"} {
		if _, err := os.Stat(h.out("runs", "date="+nightName(n))); (err == nil) != (want != "") {
			t.Errorf("tables of night %d: %v", n, err)
		}
		if _, err := os.Stat(h.out("nights", nightName(n)+".bl")); err != nil {
			t.Errorf("night %d is in use, and its baseline gone: %v", n, err)
		}
		if _, err := os.Stat(filepath.Join(h.dir, "caps", fmt.Sprintf("night-%02d.pcap", n))); err != nil {
			t.Error(err)
		}
	}
	h.is(h.run(4), job.ExitOK, "status=idle", "deleted=0")
	h.configure(threeNights + "retention: {captures: {delete_after: 3d}}\n")
	h.is(h.run(4), job.ExitOK, "deleted=3")
	left, err := os.ReadDir(filepath.Join(h.dir, "caps"))
	if err != nil || len(left) != 2 {
		t.Errorf("captures left: %v, %v", left, err)
	}
	h.is(h.run(4), job.ExitOK, "status=idle", "silent=0")
}

// TestNightlyWall: what a limit left is done the next time.
func TestNightlyWall(t *testing.T) {
	h := newHours(t, threeNights+"limits: {wall: 1ns}\n")
	h.night(0, traffic.Unchanged)
	h.is(h.run(0), job.ExitLimit, "status=stopped", "nights=0")
	h.configure(threeNights)
	h.is(h.run(0), job.ExitOK, "status=ok", "nights=1")
}

// TestNightlyHostileNames: what files are called reaches people escaped.
func TestNightlyHostileNames(t *testing.T) {
	h := newHours(t, threeNights)
	h.put("a\x1b[31m\n\"<script>.pcap", []byte("\xd4\xc3\xb2\xa1cut"), 0, 10)
	r := h.run(0)
	page, err := os.ReadFile(h.out("index.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{r.out, r.err, string(page)} {
		if strings.Contains(s, "\x1b") || strings.Contains(s, "<script") && s != r.err {
			t.Errorf("%q", s)
		}
	}
	h.is(r, job.ExitRejected, "nights=1", "damaged=1", "verdict=empty")
}

// TestNightlyHistoryDamaged: a history that was changed is not believed.
func TestNightlyHistoryDamaged(t *testing.T) {
	h := newHours(t, threeNights)
	h.night(0, traffic.Unchanged)
	h.run(0).want(t, job.ExitOK)
	data, err := os.ReadFile(h.out(nightly.HistoryName))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, h.out(), nightly.HistoryName, bytes.Replace(data, []byte("learning"), []byte("flagged_"), 1))
	r := h.run(0)
	h.is(r, job.ExitRejected, "status=error")
	r.says(t, nightly.HistoryName, "line 2", "offset")
}

// TestNightlyExample: what is printed is taken.
func TestNightlyExample(t *testing.T) {
	r := run(t, "nightly", "--example").want(t, job.ExitOK)
	all := regexp.MustCompile(`(?m)^( *)# (\w+:|  )`).ReplaceAllString(r.out, "$1$2")
	for _, s := range []string{r.out, regexp.MustCompile(`(?m)^.*(fixed:|pattern:|fourth group|tables: /var).*$`).ReplaceAllString(all, "")} {
		path := writeFile(t, t.TempDir(), "nightly.yaml", []byte(s))
		c, err := nightly.Load(path, nightlyGrammar())
		if err != nil {
			t.Fatalf("%v\n%s", err, s)
		}
		want := nightly.DefaultConfig() // which the comments say
		c.Baseline.Since, c.Baseline.Path, c.Drift.Suppress, c.Baseline.Hosts = want.Baseline.Since, "", "", want.Baseline.Hosts
		for _, pair := range [][2]any{
			{c.Baseline, want.Baseline}, {c.Drift, want.Drift}, {c.Reports, want.Reports}, {c.Limits, want.Limits}, {c.Failure, want.Failure},
			{c.Inputs.Settle, want.Inputs.Settle}, {c.Nights.By, want.Nights.By}, {c.Nights.Every, want.Nights.Every},
		} {
			if !reflect.DeepEqual(pair[0], pair[1]) {
				t.Errorf("the example says %+v, the default is %+v", pair[0], pair[1])
			}
		}
	}
}

// TestNightlyConfigErrors: each says where and what.
func TestNightlyConfigErrors(t *testing.T) {
	ok := "inputs: {captures: caps}\noutput: out\n"
	for _, c := range []struct{ config, says string }{
		{"", "it is empty"},
		{"inputs: {captures: caps}\n", "output: no folder is named"},
		{"output: out\n", "no captures, segments or tables"},
		{ok + "retension: {}\n", "line 3, column 1: a configuration has no key \"retension\"; did you mean retention?"},
		{ok + "drift: {fail_on: hihg}\n", "line 3, column 18: drift: fail_on: \"hihg\" is none of low, medium, high, critical, never"},
		{ok + "run: {tcp_idel: 5m}\n", "line 3, column 7: run: run has no key \"tcp_idel\"; did you mean tcp_idle?"},
		{ok + "run: {tcp_idle: soon}\n", "line 3, column 17: run: tcp_idle: "},
		{ok + "run: {out: x}\n", "each night has a folder of its own"},
		{ok + "run: {memory: 1GiB}\n", "it is limits: memory"},
		{ok + "run: {windows: none}\n", "nothing to judge"},
		{ok + "run: {format: csv}\n", "cannot be judged"},
		{ok + "run: {filter: 'tcp port'}\n", "filter"},
		{ok + "baseline: {least: 40}\n", "least is 1 to nights"},
		{ok + "baseline: {fixed: a.bl, path: b.bl}\n", "leave one out"},
		{ok + "baseline: {fixed: a.bl}\n", "baseline: fixed"},
		{ok + "baseline: {max_age: 3 weeks}\n", "is no length of time"},
		{ok + "nights: {by: week}\n", "is none of day, hour"},
		{ok + "nights: {pattern: '(x'}\n", "line 3"},
		{ok + "nights: {pattern: '(x)'}\n", "it has 1 groups"},
		{ok + "nights: {since: yesterday}\n", "is no day"},
		{ok + "nights: {by: hour, pattern: '(x)(y)(z)'}\n", "pattern has no group of the hour"},
		{"inputs: {captures: [a, caps/]}\noutput: caps\n", "output: is the folder of the captures"},
		{"inputs: {segments: out}\noutput: ./out\n", "output: is the folder of the captures"},
		{ok + "retention: {tables: {age: 1h}}\n", "less than a day"},
		{ok + "retention: {captures: 3d}\n", "want a mapping"},
		{ok + "rules: {}\n", "neither files nor shipped"},
		{ok + "rules: {files: [none.yaml]}\n", "none.yaml"},
		{ok + "rules: {shipped: true, only: [no_such]}\n", "no rule is called no_such"},
		{ok + "drift: {suppress: none.yaml}\n", "none.yaml"},
		{ok + "reports: {formats: [pdf]}\n", "\"pdf\" is none of"},
		{ok + "limits: {memory: lots}\n", "is no amount"},
		{ok + "limits: {memory: 1MiB}\n", "memory"},
		{ok + "on_failure: {tries: 0}\n", "tries is 1 to 100"},
		{ok + "inputs: {captures: caps}\n", "line 3"},
		{ok + "drift: &x {}\n", "anchors"},
	} {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "caps"), 0o700); err != nil {
			t.Fatal(err)
		}
		r := run(t, "nightly", writeFile(t, dir, "n.yaml", []byte(c.config)))
		if r.code != job.ExitUsage || !strings.Contains(r.err, c.says) {
			t.Errorf("%s: exit code %d: %s", c.config, r.code, r.err)
		}
		if _, err := os.Stat(filepath.Join(dir, "out")); err == nil {
			t.Errorf("%s: something was written", c.config)
		}
	}
	for _, args := range [][]string{{}, {"x.yaml"}, {"x.yaml", "--accept", "a", "--date", "b"}, {"x.yaml", "--why", "a"}, {"x.yaml", "--dry-run", "--accept", "a"}} {
		run(t, append([]string{"nightly"}, args...)...).want(t, job.ExitUsage)
	}
}
