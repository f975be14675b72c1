package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"pcapmill/cmd/watch"
	"pcapmill/cmd/watch/metrics"
	"pcapmill/stages"
)

func TestWatchFlags(t *testing.T) {
	for _, wrong := range []watchFlags{{Pprof: true}, {MetricsAny: true}, {Baseline: "a", SaveBaseline: "a"}, {Labels: "l"}, {Metrics: "0.0.0.0:0"}, {JudgeEvery: time.Hour}} {
		if err := wrong.check(); err == nil {
			t.Errorf("%+v is taken", wrong)
		}
	}
	base, _ := driftBaseline(t)
	run := stages.DefaultConfig()
	f := watchFlags{Baseline: base, AlertFrom: "low", Covered: 0.9, AlertPeriod: time.Hour, Metrics: "127.0.0.1:0", Pprof: true}
	if err := f.check(); err != nil {
		t.Error(err)
	}
	out := t.TempDir()
	w, err := f.open(t.Context(), out, &run)
	if err != nil {
		t.Fatal(err)
	}
	if text := f.store(w, time.Unix(1, 0)).Exposition(); !strings.Contains(text, `pcapmill_build_info{version="`) {
		t.Error(text)
	}
	l, err := f.listen()
	if err != nil || l == nil || f.profiles() != metrics.WithProfiles {
		t.Error(l, err)
	} else {
		l.Close()
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if f.Metrics = "0.0.0.0:0"; true {
		if _, err := f.listen(); !errors.Is(err, metrics.ErrAddress) {
			t.Error(err)
		}
	}
	run.Window = time.Hour
	if _, err := f.open(t.Context(), out, &run); !errors.Is(err, watch.ErrConfig) || !strings.Contains(err.Error(), "windows of 10m0s") {
		t.Errorf("another window: %v", err)
	}
	f.SaveBaseline = filepath.Join(t.TempDir(), "new.baseline")
	_, learnt := driftBaseline(t)
	stopped, stop := context.WithCancelCause(t.Context())
	stop(signalled{syscall.SIGTERM})
	var said strings.Builder
	if err := f.learn(stopped, learnt, slog.New(slog.NewTextHandler(&said, nil))); err != nil || !strings.Contains(said.String(), "is not written") {
		t.Errorf("stopped: %v, said %s", err, said.String())
	}
	if err := f.learn(t.Context(), learnt, slog.New(slog.DiscardHandler)); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(f.SaveBaseline); err != nil {
		t.Error(err)
	}
}
