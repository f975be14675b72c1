package main

import (
	"context"
	"io"
	"log/slog"
	"sync"
)

// newLog returns a logger for messages that read well without their attributes,
// which are for machines: text leaves them out.
func newLog(w io.Writer, format string, level slog.Level) *slog.Logger {
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
	}
	return slog.New(&plainHandler{w: w, level: level})
}

// plainHandler writes one line a message, with the level where it is above info.
type plainHandler struct {
	mu    sync.Mutex
	w     io.Writer
	level slog.Level
}

// Enabled implements slog.Handler.
func (h *plainHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

// Handle implements slog.Handler.
func (h *plainHandler) Handle(_ context.Context, r slog.Record) error {
	line := r.Message + "\n"
	if r.Level > slog.LevelInfo {
		line = prefix(r.Level) + line
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := io.WriteString(h.w, line)
	return err
}

func prefix(l slog.Level) string {
	if l >= slog.LevelError {
		return "pcapmill: "
	}
	return "warning: "
}

// WithAttrs implements slog.Handler; text shows no attributes.
func (h *plainHandler) WithAttrs([]slog.Attr) slog.Handler { return h }

// WithGroup implements slog.Handler; text shows no attributes.
func (h *plainHandler) WithGroup(string) slog.Handler { return h }
