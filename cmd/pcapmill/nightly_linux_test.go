package main

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"pcapmill/bench/traffic"
	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/job"
	"pcapmill/cmd/nightly"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
)

// TestNightlyKilled kills nightly at random instants, again and again until one gets to its
// end: what is there then is what an undisturbed one makes, and everything was told.
func TestNightlyKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	h := newHours(t, threeNights+"rules: {shipped: true}\nretention: {tables: {count: 2}}\n")
	for n := range 5 {
		h.night(n, traffic.Unchanged)
	}
	h.night(6, traffic.NewService)
	began := time.Now()
	undisturbed := h.run(6)
	usual := time.Since(began)
	want, told := h.made(), undisturbed.code
	rng := rand.New(rand.NewPCG(3, 4))
	args := []string{"nightly", h.config, "--now", morning(6)}
	killed := 0
	for i := range points(40, 3) {
		if err := os.RemoveAll(h.out()); err != nil {
			t.Fatal(err)
		}
		for range 30 {
			if !killedInTime(t, time.Duration(rng.Int64N(int64(usual)/2)), args) {
				break
			}
			killed++
		}
		r := h.run(6)
		if r.code != told && r.code != job.ExitOK { // 0: the one before came to its end, and told
			t.Fatalf("round %d: exit code %d, want %d: %s", i, r.code, told, r.err)
		}
		h.is(h.run(6), job.ExitOK, "status=idle")
		same(t, fmt.Sprint("round ", i), want, h.made())
		for _, pattern := range []string{".gone-*", ".past.bl", ".pcapmill-*", "*/.gone-*", "*/.pcapmill-*", "*/*/.pcapmill-*"} {
			if left, _ := filepath.Glob(h.out(pattern)); len(left) > 0 {
				t.Errorf("round %d: left over: %v", i, left)
			}
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	t.Logf("killed %d times at random instants of %v", killed, usual)
}

// TestNightlyAgainKilled: a night that is done again, killed on the way, is done by the next
// execution, whether or not it is asked to.
func TestNightlyAgainKilled(t *testing.T) {
	h := newHours(t, threeNights)
	for n := range 3 {
		h.night(n, traffic.Unchanged)
	}
	h.is(h.run(2), job.ExitOK, "nights=3")
	h.hour("late.pcap", 1, 12, traffic.Unchanged)
	h.is(h.run(2), job.ExitOK, "nights=1")
	kept := h.dir + "/kept"
	if err := os.CopyFS(kept, os.DirFS(h.out())); err != nil {
		t.Fatal(err)
	}
	again := []string{"nightly", h.config, "--now", morning(2), "--date", nightName(1)}
	began := time.Now()
	run(t, again...).want(t, job.ExitOK)
	usual, want := time.Since(began), h.made()
	rng, begun := rand.New(rand.NewPCG(5, 6)), 0
	for range points(60, 8) {
		if err := os.RemoveAll(h.out()); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(h.out(), os.DirFS(kept)); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(h.out(), 0o700); err != nil {
			t.Fatal(err)
		}
		killedInTime(t, time.Duration(rng.Int64N(int64(usual))), again)
		h.run(2).want(t, job.ExitOK)
		if len(h.records("again")) == 0 {
			continue // killed before it began
		}
		begun++
		same(t, "killed", want, h.made())
		h.is(h.run(2), job.ExitOK, "status=idle")
		if t.Failed() {
			t.FailNow()
		}
	}
	t.Logf("%d had begun", begun)
}

// killedInTime starts nightly, kills it, and reports whether it had not ended yet.
func killedInTime(t *testing.T, after time.Duration, args []string) bool {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Env = environment()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	_ = cmd.Wait()
	return !cmd.ProcessState.Exited()
}

// TestNightlyStopped: a signal ends it in order, and the next one goes on.
func TestNightlyStopped(t *testing.T) {
	h := newHours(t, threeNights)
	for n := range 4 {
		h.night(n, traffic.Unchanged)
	}
	cmd := exec.Command(binary, "nightly", h.config, "--now", morning(3))
	cmd.Env = environment()
	var out strings.Builder
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if _, err := os.Stat(h.out("nights", nightName(0)+".bl")); err == nil {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != job.ExitOK && (code != 128+15 || !strings.Contains(out.String(), "status=stopped exit=143")) {
		t.Fatalf("exit code %d: %s", code, out.String())
	}
	h.run(3).want(t, job.ExitOK)
	if n := len(h.records("night")); n != 4 {
		t.Errorf("%d nights", n)
	}
}

// TestNightlyFullDisk fills the output's file system: nothing half is left, and with room it
// goes on to the same.
func TestNightlyFullDisk(t *testing.T) {
	h := newHours(t, threeNights)
	for n := range 4 {
		h.night(n, traffic.Unchanged)
	}
	h.run(3).want(t, job.ExitOK)
	want := h.made()
	if err := os.RemoveAll(h.out()); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(h.out(), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", h.out(), "tmpfs", 0, "size=1500k,mode=700"); err != nil {
		t.Skip("cannot mount a small file system: ", err)
	}
	defer syscall.Unmount(h.out(), 0) //nolint:errcheck // of a test
	r := h.run(3)
	h.is(r, job.ExitOutput, "status=error")
	r.says(t, "no space left on device")
	for _, dir := range []string{"runs/date=" + nightName(0)} {
		if _, err := os.Stat(h.out(dir, manifest.Name)); err != nil {
			t.Errorf("the first night, for which there was room: %v", err)
		}
	}
	if err := syscall.Mount("tmpfs", h.out(), "tmpfs", syscall.MS_REMOUNT, "size=64m,mode=700"); err != nil {
		t.Fatal(err)
	}
	h.run(3).want(t, job.ExitOK)
	same(t, "with room", want, h.made())

	h.configure(threeNights + "retention: {reserve: 100TiB}\n")
	h.night(4, traffic.Unchanged)
	r = h.run(4)
	h.is(r, job.ExitOutput, "status=error")
	r.says(t, "reserve")
	if left, _ := filepath.Glob(h.out("runs", "*")); len(left) != 0 {
		t.Errorf("tables were not deleted to make room: %v", left)
	}
}

// TestNightlyUnreadable: a capture that cannot be read is told with its night, and keeps none of
// the next ones from being done.
func TestNightlyUnreadable(t *testing.T) {
	h := newHours(t, threeNights)
	path := h.night(0, traffic.Unchanged)
	h.night(1, traffic.Unchanged)
	mode := func(mode fs.FileMode) {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	mode(0)
	h.is(h.asNobody(), job.ExitRejected, "status=incomplete", "nights=2", "damaged=1", "good_nights=1")
	h.is(h.asNobody(), job.ExitOK, "status=idle", "stale=0")
	mode(0o600)
	h.is(h.asNobody(), job.ExitPartial, "changed=1")
	h.is(h.asNobody("--date", nightName(0)), job.ExitOK, "nights=1", "good_nights=2")
	at := firstNight.AddDate(0, 0, 1)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
	mode(0)
	r := h.asNobody()
	h.is(r, job.ExitOK, "status=idle", "stale=1")
	r.says(t, "cannot be read any more")
}

// asNobody is run on the second morning by a user who may not read everything.
func (h *hours) asNobody(more ...string) result {
	h.t.Helper()
	if os.Geteuid() != 0 {
		return h.run(1, more...)
	}
	const nobody = 65534
	program, err := os.ReadFile(binary) // which is where nobody may not go
	if err != nil {
		h.t.Fatal(err)
	}
	own := filepath.Join(h.dir, "pcapmill")
	if err := os.WriteFile(own, program, 0o700); err != nil { //nolint:gosec // a program
		h.t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(h.dir), 0o711); err != nil { //nolint:gosec // of a test
		h.t.Fatal(err)
	}
	err = filepath.WalkDir(h.dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, nobody, nobody)
	})
	if err != nil {
		h.t.Fatal(err)
	}
	cmd := exec.Command(own, append([]string{"nightly", h.config, "--now", morning(1)}, more...)...)
	cmd.Env, cmd.Dir = environment(), h.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); cmd.ProcessState == nil {
		h.t.Skip("cannot run as another user: ", err)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// TestNightlySegments works through live's segments: those that its ledger says are whole,
// once it has come to the night's end.
func TestNightlySegments(t *testing.T) {
	h := newHours(t, "")
	var log *ledger.Log
	folder := filepath.Join(h.dir, "segments")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	log, err := ledger.Open(filepath.Join(folder, event.LedgerName))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	h.config = writeFile(t, h.dir, "nightly.yaml", []byte("inputs: {segments: segments, settle: 1m}\noutput: out\n"))
	write := func(number int64, n int, drops int64, hash string) {
		data, err := os.ReadFile(h.hour("x.pcap", n, 10, traffic.Unchanged))
		if err != nil {
			t.Fatal(err)
		}
		name := event.SegmentName(number, false)
		path := writeFile(t, folder, name, data)
		if hash == "" {
			if hash, _, err = manifest.HashFile(t.Context(), path); err != nil {
				t.Fatal(err)
			}
		}
		first := firstNight.AddDate(0, 0, n).Add(10 * time.Hour).UnixNano()
		unwanted := int64(5) // by any protocol: they are in the segment
		body := event.Segment{Number: number, Name: name, SHA256: hash, FirstNs: &first, OpenedNs: first, KernelDrops: &drops, InterfaceDrops: &unwanted}
		if err := log.Append(event.SegmentEvent, body); err != nil {
			t.Fatal(err)
		}
	}
	write(1, 0, 0, "")
	writeFile(t, folder, event.TemporaryName(2, false), []byte("half"))
	writeFile(t, folder, event.SegmentName(3, false), []byte("in no ledger"))
	at := func(hours int) string { return firstNight.Add(time.Duration(hours) * time.Hour).Format(time.RFC3339) }
	h.is(run(t, "nightly", h.config, "--now", at(25)), job.ExitOK, "status=idle", "waiting=1")
	write(2, 1, 17, "")
	h.is(run(t, "nightly", h.config, "--now", at(25)), job.ExitOK, "status=ok", "nights=1", "waiting=1", "verdict=learning")
	write(4, 2, 0, strings.Repeat("0", 64))
	h.is(run(t, "nightly", h.config, "--now", at(73)), job.ExitOK, "nights=1", "last="+nightName(1))
	if why := fmt.Sprint(h.records("night")[1]["why"]); !strings.Contains(why, "capture lost 17 packets") {
		t.Error(why)
	}
	if err := log.Append(event.EndEvent, event.End{Why: "signal"}); err != nil {
		t.Fatal(err)
	}
	r := run(t, "nightly", h.config, "--now", at(73))
	h.is(r, job.ExitPartial, "nights=1", "damaged=1")
	r.says(t, "is not what capture wrote")
	if _, err := os.Stat(h.out(nightly.HistoryName)); err != nil {
		t.Error(err)
	}
	write(5, 3, 0, "")
	write(6, 3, 0, "")
	for _, number := range []int64{1, 5} { // live's retention: of a night that is done, and of one that is not
		if err := os.Remove(filepath.Join(folder, event.SegmentName(number, false))); err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Append(event.EndEvent, event.End{Why: "signal"}); err != nil {
		t.Fatal(err)
	}
	r = run(t, "nightly", h.config, "--now", at(97))
	h.is(r, job.ExitPartial, "nights=1", "good_nights=2")
	r.says(t, "1 segment had been deleted before")
}

// TestNightlyTables judges the tables that live made, as they are.
func TestNightlyTables(t *testing.T) {
	h := newHours(t, "")
	live := filepath.Join(h.dir, "live")
	if err := os.MkdirAll(live, 0o700); err != nil {
		t.Fatal(err)
	}
	log, err := ledger.Open(filepath.Join(live, event.LedgerName))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	h.config = writeFile(t, h.dir, "nightly.yaml", []byte("inputs: {tables: live}\noutput: out\n"+threeNights))
	commit := func(n int, change traffic.ChangeKind) {
		t.Helper()
		made := filepath.Join(h.dir, fmt.Sprint("made", n))
		run(t, "run", h.night(n, change), "-o", made, "-q").want(t, job.ExitOK)
		body := livefolder.Commit{Number: int64(n + 1), Input: &manifest.Input{}, Accounting: manifest.Accounting{PacketsRead: 10}}
		for _, table := range []string{"hosts", "pairs", "flows"} {
			name := fmt.Sprintf("%s/date=%s/segment-%010d.parquet", table, nightName(n), n+1)
			to := filepath.Join(live, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(filepath.Join(made, table, "part-00000.parquet"), to); err != nil {
				t.Fatal(err)
			}
			sum, bytes, err := manifest.HashFile(t.Context(), to)
			if err != nil {
				t.Fatal(err)
			}
			body.Tables = append(body.Tables, livefolder.Part{Name: table, Path: name, Bytes: bytes, Rows: 5, SHA256: sum})
		}
		if err := log.Append(livefolder.CommitEvent, body); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 4 {
		commit(n, traffic.Unchanged)
	}
	h.is(run(t, "nightly", h.config, "--now", morning(3)), job.ExitOK, "nights=3", "waiting=1", "good_nights=3", "packets=30", "flows=15")
	commit(4, traffic.NewService)
	h.is(run(t, "nightly", h.config, "--now", morning(4)), job.ExitOK, "nights=1", "verdict=normal")
	if err := log.Append(event.EndEvent, event.End{Why: "signal"}); err != nil {
		t.Fatal(err)
	}
	h.is(run(t, "nightly", h.config, "--now", morning(4)), job.ExitDrift, "nights=1", "verdict=flagged")
	h.is(run(t, "nightly", h.config, "--now", morning(4)), job.ExitOK, "status=idle")
	part := filepath.Join(live, "hosts", "date="+nightName(4), fmt.Sprintf("segment-%010d.parquet", 5))
	data, err := os.ReadFile(part)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(part); err != nil { // the link to it in the night's folder stays as it was
		t.Fatal(err)
	}
	writeFile(t, filepath.Dir(part), filepath.Base(part), append(data, 0))
	r := run(t, "nightly", h.config, "--now", morning(5), "--date", nightName(4))
	h.is(r, job.ExitRejected, "failed=1")
	r.says(t, "is not what analysis wrote")
	if _, err := os.Stat(h.out("runs", "date="+nightName(4), "hosts", filepath.Base(part))); err != nil {
		t.Errorf("what was linked before is gone: %v", err)
	}
}
