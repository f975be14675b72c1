package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pcapmill/bench/traffic"
	"pcapmill/cmd/baselines"
	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/drifts"
	"pcapmill/cmd/job"
	"pcapmill/cmd/live"
	"pcapmill/cmd/watch"
	"pcapmill/ingest/packet"
	"pcapmill/model/baseline"
	"pcapmill/model/drift"
	"pcapmill/model/drift/alert"
	"pcapmill/model/rules"
	"pcapmill/model/windows"
	"pcapmill/outputs/manifest"
)

// together is how long a stretch is that is judged as one in these tests, of windows of a minute.
const together = 5 * time.Minute

// What live says is what `drift` and `rules run` say of the tables that it made, whatever the
// segments, the sessions, the reloads, and the places where analysis was stopped or killed; and the
// file of alerts is, byte by byte, that of one process that nothing happened to. A round that fails
// can be done alone with PCAPMILL_ROUND.
func TestRandomAlerts(t *testing.T) {
	first, rounds := roundsToDo(6, 200)
	n, err := neighbours()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	usual, rules := filepath.Join(dir, "usual.baseline"), filepath.Join(dir, "rules.yaml")
	if err := errors.Join(os.WriteFile(usual, n.baseline, 0o600), os.WriteFile(rules, []byte(alertRules), 0o600)); err != nil {
		t.Fatal(err)
	}
	for i := range rounds {
		t.Run(fmt.Sprint(first+i), func(t *testing.T) {
			newAlarm(t, rand.New(rand.NewPCG(15, uint64(first+i))), n, usual, rules).run()
		})
	}
}

// alertRules have no period in which they do not repeat themselves, so that each event is an alert
// offline as well.
const alertRules = `
version: 1
rules:
  - id: names
    title: Names
    severity: medium
    table: dns
    window: 5m
    group_by: [src_ip]
    aggregate: distinct(query_name)
    threshold: ">= 3"
    dedup: {period: 0s}
  - id: hello
    title: A hello
    severity: medium
    table: tls
    where: dst_port = 443
    dedup: {by: [src_ip, dst_ip], period: 0s}
  - id: flows
    title: Flows of a host
    severity: medium
    table: flows
    window: 10m
    group_by: [src_ip]
    aggregate: count
    threshold: "> 5"
    dedup: {period: 0s}
  - id: talk
    title: Much talk in a minute
    severity: medium
    table: hosts
    window: 5m
    group_by: [host]
    aggregate: sum(out_flows)
    threshold: "> 10"
    dedup: {period: 0s}
`

// neighbourhood is a network that has a usual hour, and hours that are not.
type neighbourhood struct {
	baseline []byte
	hours    []seen
}

var neighbours = sync.OnceValues(func() (*neighbourhood, error) {
	dir, err := os.MkdirTemp("", "pcapmill-alerts-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	config := traffic.DefaultNetworkConfig()
	config.Clients = 4
	network, err := traffic.NewNetwork(config)
	if err != nil {
		return nil, err
	}
	n := &neighbourhood{}
	for i, change := range []string{"none", "service", "hosts", "rate:4"} {
		path := filepath.Join(dir, "hour.pcap")
		if err := writeHour(path, network, 9+i, change); err != nil {
			return nil, err
		}
		if i > 0 {
			n.hours = append(n.hours, readRecord(path, math.MaxInt))
			continue
		}
		if n.baseline, err = learn(path, filepath.Join(dir, "usual")); err != nil {
			return nil, err
		}
	}
	return n, nil
})

func writeHour(path string, n *traffic.Network, index int, change string) error {
	c, err := traffic.ParseChange(change)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	to, err := traffic.NewCapture(&out, "pcap")
	if err != nil {
		return err
	}
	if _, err = n.Hour(to, 1, index, c); err == nil {
		err = to.Close()
	}
	return errors.Join(err, os.WriteFile(path, out.Bytes(), 0o600))
}

// learn makes a baseline of a capture.
func learn(capture, out string) ([]byte, error) {
	o := alertOptions()
	o.Args, o.Out = []string{capture}, out
	if _, err := job.Run(context.Background(), o, job.IO{}); err != nil {
		return nil, err
	}
	build := baselines.Build{Out: out + ".baseline", Tables: []string{out}, Keys: -1, Covered: 0.9}
	if _, err := build.Run(context.Background()); err != nil {
		return nil, err
	}
	return os.ReadFile(build.Out)
}

// alertOptions make windows of a minute, whose rows are all there soon after.
func alertOptions() job.Options {
	o := job.DefaultOptions()
	o.Tool = manifest.Tool{Name: "pcapmill", Version: "test"}
	o.Stages.Workers, o.Stages.Window, o.Stages.Records, o.Stages.Windows = 1, time.Minute, []string{"dns", "tls"}, []string{"hosts", "pairs"}
	o.Stages.Timeouts.Active, o.Stages.Timeouts.TCPIdle = 90*time.Second, 40*time.Second
	o.Stages.Timeouts.UDPIdle, o.Stages.Timeouts.OtherIdle = 20*time.Second, 20*time.Second
	return o
}

// alarm is a trial whose alerts are looked at.
type alarm struct {
	*trial
	rules, baseline string
	first, last     packet.Nanos   // of the packets
	cuts            []packet.Nanos // where a session ended and another one began
}

func newAlarm(t *testing.T, rng *rand.Rand, n *neighbourhood, usual, rules string) *alarm {
	t.Helper()
	a := &alarm{trial: emptyTrial(t, rng), baseline: usual, rules: rules}
	a.opts.Job = alertOptions()
	if rng.IntN(2) == 0 {
		a.opts.Every = 1
	}
	a.open()
	hour := n.hours[rng.IntN(len(n.hours))]
	list := hour.list[:len(hour.list)*(1+rng.IntN(3))/3]
	a.first, a.last = list[0].at, list[len(list)-1].at
	now, cut := packet.Nanos(0), cutting{}
	for sessions := 1 + rng.IntN(4)*rng.IntN(2); sessions > 0 && len(list) > 0; sessions-- {
		n := len(list)
		if sessions > 1 {
			n = 1 + rng.IntN(len(list))
		}
		cut.size = 1 + rng.IntN(n/2+1)
		var files []file
		for one := list[:n]; len(one) > 0; {
			k := min(len(one), max(n/mostSegments, 1+rng.IntN(2*cut.size)))
			files = append(files, cut.segment(t, rng, hour.faces, one[:k], &now))
			one = one[k:]
		}
		a.sessions = append(a.sessions, files)
		if list = list[n:]; len(list) > 0 { // nobody captures for a while, sometimes
			a.cuts = append(a.cuts, list[0].at)
			list = list[min(len(list)-1, rng.IntN(200)*rng.IntN(2)):]
			a.cuts = append(a.cuts, list[0].at)
		}
	}
	return a
}

// run publishes segment by segment, analyses now and then, and compares.
func (a *alarm) run() {
	a.t.Helper()
	restarts := among(a.rng, 0, 0.2, 0.6)
	for n, files := range a.sessions {
		a.paths = append(a.paths, nil)
		a.record(event.SessionEvent, event.Session{ID: fmt.Sprint(n), StartNs: eras[0]})
		for _, f := range files {
			a.publish(n, f)
			if a.rng.Float64() < restarts {
				a.look(a.out)
			}
		}
		a.record(event.EndEvent, event.End{Session: fmt.Sprint(n), Why: "duration"})
	}
	for range 6 {
		a.look(a.out)
	}
	whole := filepath.Join(a.dir, "whole")
	a.rng = nil // nothing happens to this one
	a.look(whole)
	got, want := alertLines(a.t, a.out), alertLines(a.t, whole)
	if !slices.Equal(got, want) {
		at := 0
		for at < min(len(got), len(want)) && got[at] == want[at] {
			at++
		}
		a.t.Errorf("%d alerts and not %d: the first that differs is %d", len(got), len(want), at)
	}
	a.asRules(want)
	a.asDrift(want)
}

// look analyses what is there, and may be killed on the way: then the folder of a moment before
// goes on. It may be told to read its rules again, too.
func (a *alarm) look(out string) {
	a.t.Helper()
	o, calls, kill, copied := a.opts, 0, -1, ""
	o.Job.Out = out
	reload := make(chan struct{}, 1)
	o.Reload = reload
	if a.rng != nil {
		kill = a.rng.IntN(40)
		o.State = func(*live.State) {
			calls++
			if a.rng.IntN(8) == 0 {
				select {
				case reload <- struct{}{}:
				default:
				}
			}
			if calls == kill {
				a.cases++
				copied = filepath.Join(a.dir, fmt.Sprint("out", a.cases))
				copyFolder(a.t, out, copied)
			}
		}
	}
	c := watch.DefaultConfig()
	c.Out, c.Baseline, c.Rules, c.Covered, c.From, c.Period = out, a.baseline, []string{a.rules}, 0.9, drift.Medium, 0
	c.Window, c.Life, c.Together = o.Job.Stages.Window, o.Job.Stages.Timeouts.Life(), together
	w, err := watch.New(a.t.Context(), c)
	if err != nil {
		a.t.Fatal(err)
	}
	o.Watch = w
	_, err = live.Analyse(a.t.Context(), o)
	if err = errors.Join(err, w.Close()); err != nil {
		a.t.Fatal(err)
	}
	if copied != "" {
		a.out = copied
	}
}

// alertLines are those of the file. None is there twice, and each is JSON.
func alertLines(t *testing.T, out string) (lines []string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(out, watch.AlertsName))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for line := range strings.Lines(string(data)) {
		l := lineOf(t, line)
		if known[l.Event.ID] {
			t.Errorf("%s is there twice", l.Event.ID)
		}
		known[l.Event.ID] = true
		lines = append(lines, line)
	}
	return lines
}

// alertLine is what these tests look at.
type alertLine struct {
	Event struct {
		ID, Dataset string
		Start, End  time.Time
	}
}

func lineOf(t *testing.T, line string) (l alertLine) {
	t.Helper()
	if err := json.Unmarshal([]byte(line), &l); err != nil || l.Event.ID == "" {
		t.Fatalf("%v: %s", err, line)
	}
	return l
}

// asRules compares the alerts of rules with those of `rules run`.
func (a *alarm) asRules(lines []string) {
	a.t.Helper()
	all, err := rules.Load(a.rules)
	if err != nil {
		a.t.Fatal(err)
	}
	r, err := rules.Run(a.t.Context(), all, nil, rules.DefaultConfig(), []string{a.out})
	if err != nil {
		a.t.Fatal(err)
	}
	want := map[string]string{}
	for i := range r.Alerts {
		want[r.Alerts[i].ID] = string(r.Alerts[i].AppendJSON(nil))
	}
	n := 0
	for _, line := range lines {
		l := lineOf(a.t, line)
		if l.Event.Dataset != "pcapmill.rules" {
			continue
		}
		n++
		if want[l.Event.ID] == "" {
			a.t.Errorf("rules run does not say %s", line)
		}
		delete(want, l.Event.ID)
	}
	for _, line := range want {
		a.t.Errorf("only rules run says %s", line)
	}
	a.t.Logf("%d alerts of rules, %d sessions, %d processes killed", n, len(a.sessions), a.cases)
}

// asDrift compares the alerts of drift with those of `drift` over each stretch. Where a session
// ends within a stretch, what it has of it is judged then, and all of it when it is over.
func (a *alarm) asDrift(lines []string) {
	a.t.Helper()
	got := map[string]string{}
	for _, line := range lines {
		if l := lineOf(a.t, line); l.Event.Dataset == "pcapmill.drift" {
			got[l.Event.ID] = line
		}
	}
	n := len(got)
	for start := a.first - a.first%int64(together); start <= a.last; start += int64(together) {
		for _, e := range a.verdict(start) {
			if got[e.ID] == "" {
				a.t.Errorf("only drift says %s", e.Line)
			}
			delete(got, e.ID)
		}
	}
	for _, line := range got {
		l := lineOf(a.t, line)
		begin := l.Event.Start.Truncate(together)
		if !slices.ContainsFunc(a.cuts, func(at packet.Nanos) bool {
			return at >= begin.UnixNano() && at <= begin.Add(together).UnixNano()+int64(together)
		}) {
			a.t.Errorf("drift does not say %s", line)
		}
	}
	a.t.Logf("%d alerts of drift, sessions cut at %v", n, a.cuts)
}

// verdict is what drift says of a stretch; nothing where it has no whole window.
func (a *alarm) verdict(start int64) []alert.Entry {
	a.t.Helper()
	b, err := baseline.Open(a.baseline, baseline.DefaultFileBytes)
	if err != nil {
		a.t.Fatal(err)
	}
	defer b.Close()
	o, notes, err := drifts.Reading(b, 0.9, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	o.From, o.To = start, start+int64(together)
	now, err := windows.Open(a.t.Context(), []string{a.out}, o)
	if err != nil {
		a.t.Fatal(err)
	}
	r, err := drifts.Judge(a.t.Context(), b, now, drift.DefaultConfig(), notes)
	if errors.Is(err, windows.ErrTable) {
		return nil
	}
	if err != nil {
		a.t.Fatal(err)
	}
	all, err := alert.Entries(alert.Of(r, drift.Medium), 0)
	if err != nil {
		a.t.Fatal(err)
	}
	return all
}
