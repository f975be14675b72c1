package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"pcapmill/bench/sharedtest"
	"pcapmill/cmd/job"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/livefolder"
	"pcapmill/stages"
)

// childSegments and childOut make this test binary a process that analyses.
const childSegments, childOut = "TEST_SEGMENTS", "TEST_OUT"

func TestMain(m *testing.M) {
	if os.Getenv(childPart) != "" && len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-test.") {
		os.Exit(playPart(os.Args[1:]))
	}
	if segments := os.Getenv(childSegments); segments != "" {
		o := childOptions(segments, os.Getenv(childOut))
		report, err := o.asTold()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(report.Exit)
	}
	os.Exit(m.Run())
}

// asTold is Analyse, with rules and a death where the environment says so.
func (o *Options) asTold() (Report, error) {
	if rules := os.Getenv(childRules); rules != "" {
		w, err := watched(o, rules)
		if err != nil {
			return Report{Exit: 1}, err
		}
		defer w.Close()
	}
	if every, err := time.ParseDuration(os.Getenv(childEvery)); err == nil {
		o.Every = every
	}
	if at, err := strconv.Atoi(os.Getenv(childKill)); err == nil && at > 0 {
		calls := 0
		o.State = func(*State) {
			if calls++; calls == at {
				dieNow()
			}
		}
	}
	return Analyse(context.Background(), *o)
}

// dieNow kills the process.
func dieNow() {
	if p, err := os.FindProcess(os.Getpid()); err == nil {
		_ = p.Kill()
	}
	select {}
}

func childOptions(segments, out string) *Options {
	o := DefaultOptions()
	o.Segments, o.Job.Out = segments, out
	o.Job.Stages.Workers = 2
	o.Every = 20 * time.Millisecond // a checkpoint now and then, though segments wait
	return &o
}

// filesOf returns the hashes of the parts of all tables, by their paths.
func filesOf(t testing.TB, out string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(out, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".parquet" {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(out, path)
		files[rel] = hashOf(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func sameFiles(t testing.TB, got, want map[string]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d parts and not %d", len(got), len(want))
	}
	for path, sum := range want {
		if got[path] != sum {
			t.Errorf("%s is %.12s and not %.12s", path, got[path], sum)
		}
	}
}

// TestKilledAtAnyInstant: a process that is killed again and again leaves the tables that one which
// was not leaves, byte by byte.
func TestKilledAtAnyInstant(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	s := newSeg(t)
	for _, data := range demo(t, 100) {
		s.add(data)
	}
	s.end()
	whole := filepath.Join(t.TempDir(), "whole")
	if report, err := Analyse(context.Background(), *childOptions(s.dir, whole)); err != nil || report.Exit != job.ExitOK {
		t.Fatal(report.Exit, err)
	}
	want := filesOf(t, whole)
	kills := 25
	if sharedtest.Accept() {
		kills = 200
	}
	undisturbed := filepath.Join(t.TempDir(), "undisturbed")
	began := time.Now()
	if run(t, s.dir, undisturbed, time.Minute) {
		t.Fatal("not done in a minute")
	}
	usual := time.Since(began) // on this machine, as busy as it is
	out := filepath.Join(t.TempDir(), "out")
	random := rand.New(rand.NewPCG(7, uint64(kills)))
	done := 0
	for killed := 0; killed < kills; {
		if run(t, s.dir, out, time.Duration(random.Int64N(int64(usual)/2))) {
			killed++
			continue
		}
		sameFiles(t, filesOf(t, out), want)
		verified(t, out)
		done++
		out = filepath.Join(t.TempDir(), fmt.Sprint("out", done))
	}
	if run(t, s.dir, out, time.Minute) {
		t.Fatal("not done in a minute")
	}
	sameFiles(t, filesOf(t, out), want)
	verified(t, out)
	t.Logf("%d kills, %d analyses that came to their end", kills, done+1)
}

// run starts a process and kills it after a while; false says that it ended before, well.
func run(t *testing.T, segments, out string, after time.Duration) (killed bool) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), after)
	defer cancel()
	c := exec.CommandContext(ctx, self)
	c.Env = append(os.Environ(), childSegments+"="+segments, childOut+"="+out)
	said, err := c.CombinedOutput()
	if ctx.Err() != nil && err != nil {
		return true
	}
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return false
}

// TestDamagedCheckpoint: the one before is taken, or the session's first segment.
func TestDamagedCheckpoint(t *testing.T) {
	pieces := demo(t, 200)
	whole := newSeg(t)
	s := newSeg(t)
	o, w := s.options(), whole.options()
	o.Job.Out = filepath.Join(t.TempDir(), "out")
	for i, data := range pieces {
		whole.add(data)
		s.add(data)
		if report := analysed(t, o); report.Exit != job.ExitOK {
			t.Fatalf("%+v", report)
		}
		checkpoints, err := filepath.Glob(filepath.Join(o.Job.Out, livefolder.CheckpointFolder, "*"))
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case i%3 == 1: // the newest
			damage(t, checkpoints[len(checkpoints)-1])
		case i%3 == 2: // all
			for _, c := range checkpoints {
				damage(t, c)
			}
		}
	}
	s.end()
	whole.end()
	analysed(t, o)
	analysed(t, w)
	sameTables(t, o.Job.Out, w.Job.Out)
	verified(t, o.Job.Out)
}

func damage(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		data[i] ^= 0x55
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestStateIsLost: without a state and without the segments, a new session begins, and says so.
func TestStateIsLost(t *testing.T) {
	pieces := demo(t, 400)
	s := newSeg(t)
	o := s.options()
	for _, data := range pieces[:3] {
		s.add(data)
	}
	analysed(t, o)
	if err := os.RemoveAll(filepath.Join(o.Job.Out, livefolder.CheckpointFolder)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(s.path(1)); err != nil {
		t.Fatal(err)
	}
	for _, data := range pieces[3:] {
		s.add(data)
	}
	s.end()
	report := analysed(t, o)
	if report.Rejected != 0 || report.Through != s.number {
		t.Errorf("%+v", report)
	}
	m, spans := wholeOf(t, o.Job.Out)
	if len(spans) != 2 || spans[0].Ended || !spans[1].Ended || len(m.Notes) == 0 {
		t.Errorf("%+v, %v", spans, m.Notes)
	}
	if rows := rowsOf(t, filepath.Join(o.Job.Out, GapsTable)); !strings.Contains(rows, whyBrokeOff) {
		t.Error(rows)
	}
	verified(t, o.Job.Out)
	second, _ := offline(t, o, s.paths()[3:])
	if got, want := rowsOf(t, filepath.Join(o.Job.Out, "hosts")), rowsOf(t, filepath.Join(second, "hosts")); !strings.HasSuffix(got, want) {
		t.Error("the second session is not a run over its segments")
	}
}

// TestChangedCommit: what was committed and is now another is told from what is written again.
func TestChangedCommit(t *testing.T) {
	pieces := demo(t, 400)
	s := newSeg(t)
	o := s.options()
	o.Every = time.Hour // no checkpoint but at the end
	for _, data := range pieces {
		s.add(data)
	}
	analysed(t, o)
	if err := os.RemoveAll(filepath.Join(o.Job.Out, livefolder.CheckpointFolder)); err != nil {
		t.Fatal(err)
	}
	parts := filesOf(t, o.Job.Out)
	for path := range parts { // gone: put in place again
		if err := os.Remove(filepath.Join(o.Job.Out, path)); err != nil {
			t.Fatal(err)
		}
		break
	}
	report := analysed(t, o)
	if report.Redone != s.number {
		t.Errorf("%+v", report)
	}
	sameFiles(t, filesOf(t, o.Job.Out), parts)
	verified(t, o.Job.Out)

	if err := os.RemoveAll(filepath.Join(o.Job.Out, livefolder.CheckpointFolder)); err != nil {
		t.Fatal(err)
	}
	o.Job.Parquet.Codec = "none" // as a build that writes otherwise, which says that it is the same
	a := &analysis{o: o, engine: stagesEngine()}
	if err := a.prepare(); err != nil {
		t.Fatal(err)
	}
	history, err := readHistory(filepath.Join(o.Job.Out, livefolder.LedgerName))
	if err != nil {
		t.Fatal(err)
	}
	a.plan.ID = history.plan
	if err := a.start(context.Background()); err != nil {
		t.Fatal(err)
	}
	err = a.run(context.Background())
	if !errors.Is(err, livefolder.ErrChanged) || a.exit(err) != job.ExitSelfCheck {
		t.Errorf("%d, %v", a.exit(err), err)
	}
	a.folder.Close()
}

// TestRefusedAgain: a segment that was left out stays so where it is done again, in the same words, though
// it was repaired or put back meanwhile.
func TestRefusedAgain(t *testing.T) {
	pieces := demo(t, 400)
	s := newSeg(t)
	o := s.options()
	for _, data := range pieces {
		s.add(data)
	}
	s.add([]byte("what capture recorded, and no capture")) // is rejected by the reader, each time
	put := func(number int64, flip int) {
		t.Helper()
		data := bytes.Clone(pieces[number-1])
		if flip > 0 {
			data[flip] ^= 1
		}
		if err := os.WriteFile(s.path(number), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(2, len(pieces[1])/2)
	if err := os.Remove(s.path(3)); err != nil {
		t.Fatal(err)
	}
	if report := analysed(t, o); report.Exit != job.ExitRejected || report.Rejected != 3 {
		t.Fatalf("%+v", report)
	}
	parts := filesOf(t, o.Job.Out)
	for _, flip := range []int{len(pieces[1]) / 3, 0} {
		put(2, flip)
		put(3, 0)
		if err := os.RemoveAll(filepath.Join(o.Job.Out, livefolder.CheckpointFolder)); err != nil {
			t.Fatal(err)
		}
		if report := analysed(t, o); report.Exit != job.ExitRejected || report.Redone != s.number || report.Rejected != 3 {
			t.Errorf("%+v", report)
		}
		sameFiles(t, filesOf(t, o.Job.Out), parts)
		verified(t, o.Job.Out)
	}
}

// failing is a session of which one input, the third, is on a disk that fails, where it is to.
type failing struct {
	session
	feeds int
	fails *func(stages.Input) stages.Input
}

func (f *failing) Feed(ctx context.Context, inputs []stages.Input, sinks stages.Sinks, progress *stages.Progress) (*stages.Result, error) {
	if f.feeds++; f.feeds == 3 && *f.fails != nil {
		inputs = []stages.Input{(*f.fails)(inputs[0])}
	}
	return f.session.Feed(ctx, inputs, sinks, progress)
}

// shut is an input that cannot be opened.
type shut struct{ stages.Input }

func (shut) Open(context.Context) (stages.Source, error) {
	return nil, &fs.PathError{Op: "open", Path: "it", Err: syscall.EMFILE}
}

// cutOff is one that can be read up to a place.
type cutOff struct{ stages.Input }

func (s cutOff) Open(ctx context.Context) (stages.Source, error) {
	from, err := s.Input.Open(ctx)
	return cutOffSource{from}, err
}

type cutOffSource struct{ stages.Source }

func (s cutOffSource) Fill(b *packet.Block) error {
	if err := s.Source.Fill(b); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return &fs.PathError{Op: "read", Path: "it", Err: syscall.EIO}
}

// TestDiskFailsOnce: a segment whose hash was computed, and which then cannot be read, is not committed as one
// of fewer packets, nor compared with what is committed: the next process takes it.
func TestDiskFailsOnce(t *testing.T) {
	pieces := demo(t, 400)
	for name, trouble := range map[string]func(stages.Input) stages.Input{
		"open": func(in stages.Input) stages.Input { return shut{in} },
		"read": func(in stages.Input) stages.Input { return cutOff{in} },
	} {
		s := newSeg(t)
		o := s.options()
		for _, data := range pieces {
			s.add(data)
		}
		fails := &trouble
		e := stagesEngine()
		begin := e.begin
		e.begin = func(cfg stages.Config) (session, error) {
			from, err := begin(cfg)
			return &failing{session: from, fails: fails}, err
		}
		refused := func(again bool) {
			t.Helper()
			report, err := analyse(t.Context(), o, e)
			if err == nil || report.Exit != job.ExitRejected || report.Rejected != 0 || report.Partial != 0 || again != (report.Redone > 0) {
				t.Errorf("%s: %+v, %v", name, report, err)
			}
		}
		refused(false)
		analysed(t, o)
		if err := os.RemoveAll(filepath.Join(o.Job.Out, livefolder.CheckpointFolder)); err != nil {
			t.Fatal(err)
		}
		refused(true)
		s.end()
		report := analysed(t, o)
		if report.Exit != job.ExitOK || report.Through != s.number {
			t.Errorf("%s: %+v", name, report)
		}
		offline, _ := offline(t, o, s.paths())
		sameTables(t, o.Job.Out, offline)
		verified(t, o.Job.Out)
	}
}

// gone is an input whose file is deleted once it is open.
type gone struct {
	stages.Input
	path string
}

func (g gone) Open(ctx context.Context) (stages.Source, error) {
	from, err := g.Input.Open(ctx)
	return from, errors.Join(err, os.Remove(g.path))
}

// TestDeletedWhileRead: a segment that capture deletes for lack of room while it is read is read completely.
func TestDeletedWhileRead(t *testing.T) {
	s := newSeg(t)
	o := s.options()
	for _, data := range demo(t, 400) {
		s.add(data)
	}
	s.end()
	offline, _ := offline(t, o, s.paths())
	deletes := func(in stages.Input) stages.Input { return gone{in, s.path(3)} }
	e := stagesEngine()
	begin := e.begin
	e.begin = func(cfg stages.Config) (session, error) {
		from, err := begin(cfg)
		return &failing{session: from, fails: &deletes}, err
	}
	report, err := analyse(t.Context(), o, e)
	if err != nil || report.Exit != job.ExitOK || report.Partial != 0 || report.Through != s.number {
		t.Errorf("%+v, %v", report, err)
	}
	sameTables(t, o.Job.Out, offline)
	if rows := rowsOf(t, filepath.Join(o.Job.Out, GapsTable)); rows != "" {
		t.Errorf("missing: %s", rows)
	}
}
