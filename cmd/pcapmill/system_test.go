//go:build linux

package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	ossignal "os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"pcapmill/cmd/job"
	"pcapmill/outputs/text"
)

// smallDisk mounts a file system of a few pages, or skips where that needs
// rights that the test has not.
func smallDisk(t *testing.T, options string, flags uintptr) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", flags, options); err != nil {
		t.Skip("cannot mount a small file system:", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestFullDiskLeavesNothingBehind(t *testing.T) {
	disk := smallDisk(t, "size=100k", 0)
	for _, format := range []string{"parquet", "csv", "arrow"} {
		out := filepath.Join(disk, format)
		r := run(t, "run", "--demo", "-o", out, "--format", format).want(t, job.ExitOutput).says(t, "no space left on device", "flows")
		if lines := strings.Count(r.err, "\n"); lines != 1 {
			t.Errorf("%s: %d lines:\n%s", format, lines, r.err)
		}
		noDataset(t, out)
	}
}

func TestUnwritableFolder(t *testing.T) {
	disk := smallDisk(t, "", unix.MS_RDONLY)
	run(t, "run", "--demo", "-o", filepath.Join(disk, "out")).want(t, job.ExitOutput).says(t, "read-only file system")
	file := writeFile(t, t.TempDir(), "file", nil)
	run(t, "run", "--demo", "-o", file).want(t, job.ExitOutput).says(t, "is not a folder")
	run(t, "run", "--demo", "-o", filepath.Join(file, "out")).want(t, job.ExitOutput)
}

func TestNobodyElseMayRead(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	cmd := exec.Command("sh", "-c", `umask 000; exec "$0" run --demo -q -o "$1"`, binary, out)
	cmd.Env = environment()
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	err := filepath.WalkDir(out, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestSignalPublishesNothing interrupts a run that waits for its standard input.
func TestSignalPublishesNothing(t *testing.T) {
	for signal, code := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 129, syscall.SIGQUIT: 131} {
		if signal == syscall.SIGHUP && ossignal.Ignored(signal) {
			continue // under nohup it stays ignored: the run would wait for ever
		}
		out := filepath.Join(t.TempDir(), "out")
		cmd := exec.Command(binary, "run", "-", "-o", out)
		said, _ := signalAtWork(t, signal, cmd)
		err := cmd.Wait()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != code || !strings.Contains(said.String(), "nothing was published") || strings.Count(said.String(), "\n") != 1 {
			t.Errorf("%v: %v, want exit code %d; stderr: %s", signal, err, code, said)
		}
		if _, err := os.Stat(out); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%v: the output folder is there: %v", signal, err)
		}
	}
}

// TestHangupStaysIgnored, as nohup wants it.
func TestHangupStaysIgnored(t *testing.T) {
	cmd := exec.Command("sh", "-c", `trap "" HUP; exec "$0" run - -q -o "$1"`, binary, filepath.Join(t.TempDir(), "out"))
	said, finish := signalAtWork(t, syscall.SIGHUP, cmd)
	finish()
	if err := cmd.Wait(); err != nil || said.Len() > 0 {
		t.Errorf("%v; stderr: %s", err, said)
	}
}

// signalAtWork starts a run that reads the demo capture from standard input, and
// signals it when it is reading. It returns the run's stderr, to be read when the run
// has ended, and a function that gives it the rest of the capture.
func signalAtWork(t *testing.T, signal syscall.Signal, cmd *exec.Cmd) (stderr *bytes.Buffer, finish func()) {
	t.Helper()
	data := demo(t)
	stderr = new(bytes.Buffer)
	cmd.Env, cmd.Stderr = environment(), stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// More than a pipe holds: once it is written, the run is reading.
	if _, err := stdin.Write(data[:len(data)-100]); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	return stderr, func() {
		stdin.Write(data[len(data)-100:]) //nolint:errcheck // the run's end tells
		stdin.Close()
	}
}

func TestBrokenPipeIsNoError(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	run(t, "run", "--demo", "-o", out).want(t, job.ExitOK)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	cmd := exec.Command(binary, "show", filepath.Join(out, "flows"), "--format", "jsonl")
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.Env = w, &stderr, environment()
	err = cmd.Run()
	w.Close()
	if err != nil || stderr.Len() > 0 {
		t.Errorf("%v, stderr %q", err, stderr.String())
	}
}

// TestProgressIsDrawnOnATerminal gives the program a pseudo-terminal.
func TestProgressIsDrawnOnATerminal(t *testing.T) {
	for _, test := range []struct {
		args []string
		want bool
	}{{nil, true}, {[]string{"--no-progress"}, false}, {[]string{"-q"}, false}, {[]string{"--log-format", "json"}, false}} {
		ours, theirs := terminal(t)
		cmd := exec.Command(binary, append([]string{"run", "--demo", "-o", filepath.Join(t.TempDir(), "out")}, test.args...)...)
		cmd.Stderr, cmd.Env = theirs, environment()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		theirs.Close()
		text, err := io.ReadAll(ours) // ends in EIO when the other side has gone
		if err != nil && !errors.Is(err, syscall.EIO) {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %s", err, text)
		}
		if got := bytes.Contains(text, []byte("\x1b[K")); got != test.want {
			t.Errorf("%v: progress drawn: %v, want %v: %q", test.args, got, test.want, text)
		}
	}
}

// terminal opens a pseudo-terminal.
func terminal(t *testing.T) (ours, theirs *os.File) {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudo-terminals:", err)
	}
	t.Cleanup(func() { ours.Close() })
	if err := unix.IoctlSetPointerInt(int(ours.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Skip("no pseudo-terminals:", err)
	}
	n, err := unix.IoctlGetInt(int(ours.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Skip("no pseudo-terminals:", err)
	}
	theirs, err = os.OpenFile("/dev/pts/"+text.Count(int64(n)), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals:", err)
	}
	return ours, theirs
}

// TestFullStandardOutput is a disk error, whatever the command.
func TestFullStandardOutput(t *testing.T) {
	for _, args := range [][]string{{"schema"}, {"features"}, {"version"}, {"completion", "bash"}, {"run", "--print-config"}, {"run", "--help"}} {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skip(err)
		}
		cmd := exec.Command(binary, args...)
		cmd.Env, cmd.Stdout = environment(), full
		err = cmd.Run()
		full.Close()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != job.ExitOutput {
			t.Errorf("%v: %v, want exit code %d", args, err, job.ExitOutput)
		}
	}
}

// TestBaselineExportWithoutRoom says what cannot be written, and nothing of the baseline.
func TestBaselineExportWithoutRoom(t *testing.T) {
	small, dir := smallDisk(t, "size=64k", 0), t.TempDir()
	base, tables := filepath.Join(dir, "normal.bl"), filepath.Join(dir, "tables")
	run(t, "run", "--demo", "-o", tables, "--window", "10s").want(t, job.ExitOK)
	run(t, "baseline", "build", "-o", base, tables).want(t, job.ExitOK)
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	for out, args := range map[string][]string{
		"/dev/stdout": nil, filepath.Join(small, "x.json"): {"-o", filepath.Join(small, "x.json")},
		filepath.Join(small, "x.db"): {"--format", "sqlite", "-o", filepath.Join(small, "x.db")},
	} {
		var stderr bytes.Buffer
		cmd := exec.Command(binary, append([]string{"baseline", "export", base}, args...)...)
		cmd.Env, cmd.Stdout, cmd.Stderr = environment(), full, &stderr
		err := cmd.Run()
		var exit *exec.ExitError
		said := stderr.String()
		if !errors.As(err, &exit) || exit.ExitCode() != job.ExitOutput || !strings.HasPrefix(said, "pcapmill: write "+out+": ") ||
			!strings.Contains(said, "no space left") || strings.Contains(said, "offset") || strings.Contains(said, base) {
			t.Errorf("%s: %v, %s", out, err, said)
		}
	}
}

// TestClosedStandardOutput is no error: whoever read us has seen enough.
func TestClosedStandardOutput(t *testing.T) {
	for _, args := range [][]string{{"schema"}, {"run", "--help"}} {
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		read.Close()
		var stderr bytes.Buffer
		cmd := exec.Command(binary, args...)
		cmd.Env, cmd.Stdout, cmd.Stderr = environment(), write, &stderr
		err = cmd.Run()
		write.Close()
		if err != nil || stderr.Len() > 0 {
			t.Errorf("%v: %v, stderr %q", args, err, stderr.String())
		}
	}
}
