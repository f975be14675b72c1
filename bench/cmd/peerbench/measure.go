package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// sample is one run of a contender.
type sample struct {
	cpu, wall time.Duration
	rss       int64 // peak resident bytes; 0 where the system does not tell
	output    int64 // bytes of the files written
	flows     string
}

// longest is the time after which a run is taken to hang.
const longest = 20 * time.Minute

// measure runs c once on file in a fresh folder, which is removed afterwards.
func measure(c contender, file string) (sample, error) {
	dir, err := os.MkdirTemp("", "peerbench-*")
	if err != nil {
		return sample{}, err
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.program, c.args(file, dir)...)
	var printed bytes.Buffer
	cmd.Stdout, cmd.Stderr = &printed, &printed
	start := time.Now()
	err = cmd.Run()
	wall := time.Since(start)
	if err != nil {
		return sample{}, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, tail(printed.String()))
	}
	s := sample{
		cpu:  cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		wall: wall, rss: peakRSS(cmd.ProcessState), output: folderBytes(dir),
	}
	if c.flows != nil {
		s.flows = c.flows(dir, printed.String())
	}
	return s, nil
}

// tail returns the end of a program's messages.
func tail(text string) string {
	const most = 2000
	if len(text) > most {
		return "…" + text[len(text)-most:]
	}
	return text
}

// folderBytes sums the sizes of all files below dir.
func folderBytes(dir string) int64 {
	var n int64
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil
		}
		if info, err := d.Info(); err == nil {
			n += info.Size()
		}
		return nil
	})
	return n
}
