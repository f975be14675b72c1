package job_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pcapmill/cmd/job"
	"pcapmill/outputs/manifest/manifesttest"
	"pcapmill/stages"
)

// savedStreams runs the demo and returns what was saved, by name.
func savedStreams(t *testing.T, change func(*job.Options)) map[string][]byte {
	t.Helper()
	o := options(t, map[string][]byte{"a": demo(t)}, "a")
	o.SaveStreams = filepath.Join(filepath.Dir(o.Out), "streams")
	change(&o)
	r, err := job.Run(context.Background(), o, job.IO{})
	if err != nil || r.Exit != job.ExitOK {
		t.Fatalf("exit %d, %v", r.Exit, err)
	}
	there, err := os.ReadDir(o.SaveStreams)
	if err != nil {
		t.Fatal(err)
	}
	files, size := map[string][]byte{}, int64(0)
	for _, e := range there {
		info, err := e.Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", e.Name(), info.Mode(), err)
		}
		if files[e.Name()], err = os.ReadFile(filepath.Join(o.SaveStreams, e.Name())); err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	saved := manifesttest.Read(t, o.Out).SavedStreams
	if sums := files["SHA256SUMS"]; saved == nil || saved.Files != int64(len(there)-1) || saved.Bytes != size-int64(len(sums)) || saved.SumsSHA256 != hash(sums) {
		t.Errorf("manifest says %+v of %d files with %d bytes", saved, len(there)-1, size)
	}
	return files
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// TestSavedStreams holds that what connections carried is there under their names, the
// same whatever else is asked for, and listed.
func TestSavedStreams(t *testing.T) {
	files := savedStreams(t, func(*job.Options) {})
	heads := 0
	for name, data := range files {
		if name == "SHA256SUMS" {
			continue
		}
		if line := fmt.Sprintf("%s  %s\n", hash(data), name); !strings.Contains(string(files["SHA256SUMS"]), line) {
			t.Errorf("not listed: %s", line)
		}
		if bytes.HasPrefix(data, []byte("GET /")) && strings.HasSuffix(name, ".fwd.bin") {
			heads++
		}
	}
	if heads == 0 {
		t.Errorf("no requests in %d files", len(files))
	}
	other := savedStreams(t, func(o *job.Options) {
		o.Stages.Workers, o.Stages.Records, o.Stages.Errors = 3, []string{"none"}, false
	})
	if !bytes.Equal(files["SHA256SUMS"], other["SHA256SUMS"]) {
		t.Error("without records and with more workers other streams are saved")
	}
	short := savedStreams(t, func(o *job.Options) { o.Stages.Streams.Bytes = 10 })
	for name, data := range short {
		if whole := files[name]; name != "SHA256SUMS" && (len(data) > 10 || !bytes.HasPrefix(whole, data)) {
			t.Errorf("%s has %d bytes, or others", name, len(data))
		}
	}
}

// TestSavedStreamsOfIndependentCaptures: a connection that two of them hold has files of both.
func TestSavedStreamsOfIndependentCaptures(t *testing.T) {
	files := savedStreams(t, func(o *job.Options) {
		o.Stages.Inputs = stages.Independent
		o.Args = append(o.Args, o.Args[0]+".again")
		if err := os.WriteFile(o.Args[1], demo(t), 0o600); err != nil {
			t.Fatal(err)
		}
	})
	pairs := 0
	for name, data := range files {
		if first := strings.Replace(name, ".capture-1.", ".capture-0.", 1); first != name {
			pairs++
			if !bytes.Equal(data, files[first]) {
				t.Errorf("%s and %s differ", first, name)
			}
		}
	}
	if pairs == 0 || len(files) != 2*pairs+1 {
		t.Errorf("%d of %d files are of a second capture", pairs, len(files))
	}
}

// TestSavedStreamsNeedANewFolder: nothing that is there is touched.
func TestSavedStreamsNeedANewFolder(t *testing.T) {
	o := options(t, map[string][]byte{"a": demo(t)}, "a")
	dir := filepath.Dir(o.Out)
	for folder, want := range map[string]int{dir: job.ExitOutput, filepath.Join(o.Out, "streams"): job.ExitUsage} {
		o.SaveStreams = folder
		if r, err := job.Run(context.Background(), o, job.IO{}); err == nil || r.Exit != want {
			t.Errorf("%s: exit %d, %v", folder, r.Exit, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "a")); err != nil {
		t.Error(err)
	}

	// Nor does a dataset go that was to be replaced.
	o.SaveStreams = ""
	if _, err := job.Run(context.Background(), o, job.IO{}); err != nil {
		t.Fatal(err)
	}
	before := manifesttest.Read(t, o.Out)
	o.SaveStreams, o.Force = dir, true
	if r, err := job.Run(context.Background(), o, job.IO{}); err == nil || r.Exit != job.ExitOutput {
		t.Errorf("exit %d, %v", r.Exit, err)
	}
	if after := manifesttest.Read(t, o.Out); after.SelfSHA256 != before.SelfSHA256 {
		t.Error("the dataset is another one")
	}
}

// TestSavedStreamsBehindALink: a folder that takes the streams takes their list too.
func TestSavedStreamsBehindALink(t *testing.T) {
	savedStreams(t, func(o *job.Options) {
		behind := o.SaveStreams + "-behind"
		if err := errors.Join(os.Mkdir(behind, 0o700), os.Symlink(behind, o.SaveStreams)); err != nil {
			t.Skip(err)
		}
	})
}

// TestSavedStreamsGoWithTheRun: where it is stopped nothing of them stays, nor the folder that it
// made, so that it can be done again.
func TestSavedStreamsGoWithTheRun(t *testing.T) {
	o := options(t, map[string][]byte{"a": demo(t)}, "a")
	o.Args, o.Stages.Inputs = append(o.Args, "-"), stages.Independent // the flows of the first end with it
	o.SaveStreams = filepath.Join(filepath.Dir(o.Out), "streams")
	ctx, cancel := context.WithCancelCause(context.Background())
	stop := sync.OnceFunc(func() {
		saved := 0
		for end := time.Now().Add(10 * time.Second); saved == 0 && time.Now().Before(end); time.Sleep(time.Millisecond) {
			files, _ := filepath.Glob(filepath.Join(o.SaveStreams, "*.bin"))
			saved = len(files)
		}
		if saved == 0 {
			t.Error("nothing was saved before")
		}
		cancel(cause{})
	})
	in := &slow{nil, stop, make(chan struct{})}
	defer close(in.end)
	if r, err := job.Run(ctx, o, job.IO{Stdin: in}); err == nil || r.Exit != 130 {
		t.Errorf("exit %d, %v", r.Exit, err)
	}
	if _, err := os.Stat(o.SaveStreams); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is there: %v", err)
	}
}

// TestSavedStreamsArePlannedFor: what they may hold is no memory of flows, without records too.
func TestSavedStreamsArePlannedFor(t *testing.T) {
	o := job.DefaultOptions()
	o.Stages.Records = []string{"none"}
	without, err := o.PlanMemory()
	if err != nil {
		t.Fatal(err)
	}
	o.SaveStreams = "streams"
	with, err := o.PlanMemory()
	if err != nil {
		t.Fatal(err)
	}
	flows := func(p stages.MemoryPlan) int64 { return p.Terms[len(p.Terms)-1].Bytes() }
	if less := flows(without) - flows(with); less < o.Stages.Streams.Total {
		t.Errorf("flows have %d bytes less: streams may hold %d", less, o.Stages.Streams.Total)
	}
}
