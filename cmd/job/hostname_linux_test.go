package job_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"pcapmill/cmd/job"
)

// TestHostNameOfAnyBytes: the system lets a machine have a name that is no UTF-8, which ends no run.
func TestHostNameOfAnyBytes(t *testing.T) {
	o := options(t, map[string][]byte{"a": demo(t)}, "a")
	var renamed, err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with its name
		if renamed = unix.Unshare(unix.CLONE_NEWUTS); renamed == nil {
			renamed = unix.Sethostname([]byte("a\xffb\x1b"))
		}
		if renamed == nil {
			_, err = job.Run(context.Background(), o, job.IO{})
		}
	}()
	<-done
	if renamed != nil {
		t.Skip(renamed)
	}
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(o.Out, "execution.json"))
	if want := `"host": "a\\xffb\\x1b"`; err != nil || !strings.Contains(string(data), want) {
		t.Errorf("%v, not %s in %s", err, want, data)
	}
}
