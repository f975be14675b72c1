package status

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"time"
)

// Descriptor is that of the pipe in a child.
const Descriptor = 3

// Role says which process it is.
type Role string

// The roles.
const (
	Capture  Role = "capture"
	Analysis Role = "analysis"
)

// Status is what a process has done since it began. What it does not know is 0.
type Status struct {
	Role     Role   `json:"role"`
	Packets  int64  `json:"packets"`    // capture: written to segments; analysis: read from them
	Bytes    int64  `json:"wire_bytes"` // of these
	Drops    int64  `json:"drops"`      // by the kernel; interfaces count also what nobody wanted
	Freezes  int64  `json:"freezes"`    // times that the ring was full
	Segments int64  `json:"segments"`   // capture: closed; analysis: committed
	Waiting  int64  `json:"waiting"`    // segments that are there and not committed
	BehindNs int64  `json:"behind_ns"`  // from the end of the newest segment that is there to that of the last committed
	Flows    int64  `json:"flows"`      // that are open
	Alerts   int64  `json:"alerts"`
	Doing    string `json:"doing,omitempty"` // where that is not the usual: catching up, waiting for the disk
}

// Writer writes a process's Status without ever waiting.
type Writer struct{ pipe *os.File }

// Inherited returns the Writer of a pipe that the process was started with; of descriptor 0,
// which none is, one that writes nothing.
func Inherited(descriptor int) *Writer {
	if descriptor == 0 || unblock(descriptor) != nil {
		return &Writer{}
	}
	return NewWriter(os.NewFile(uintptr(descriptor), "status"))
}

// NewWriter writes to a pipe.
func NewWriter(pipe *os.File) *Writer { return &Writer{pipe: pipe} }

// patience is how long a line waits for room in the pipe. It is some lines behind then, of
// which each says all.
const patience = 10 * time.Millisecond

// Write writes a line. Where the pipe is full, or nobody reads it, the line is dropped.
func (w *Writer) Write(s Status) {
	if w.pipe == nil {
		return
	}
	line, err := json.Marshal(s)
	if err != nil || w.pipe.SetWriteDeadline(time.Now().Add(patience)) != nil {
		return
	}
	if _, err := w.pipe.Write(append(line, '\n')); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		w.pipe = nil // nobody is there any more
	}
}

// mostLine is how long a line may be; ours have 300 bytes.
const mostLine = 4096

// Read hands over each Status of a pipe until it ends. It returns how many lines were none.
func Read(pipe io.Reader, take func(Status)) (strange int64, err error) {
	in := bufio.NewReaderSize(pipe, mostLine)
	for {
		line, err := in.ReadSlice('\n')
		for whole := true; ; whole = false {
			if !errors.Is(err, bufio.ErrBufferFull) {
				if !whole {
					line = nil
				}
				break
			}
			line, err = in.ReadSlice('\n')
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return strange, err
		}
		s, ok := parse(line)
		if !ok {
			strange++
			continue
		}
		take(s)
	}
}

// parse reads a line. Counts below 0 are none.
func parse(line []byte) (s Status, ok bool) {
	if json.Unmarshal(line, &s) != nil || s.Role != Capture && s.Role != Analysis {
		return s, false
	}
	for _, n := range []int64{s.Packets, s.Bytes, s.Drops, s.Freezes, s.Segments, s.Waiting, s.Flows, s.Alerts} {
		if n < 0 {
			return s, false
		}
	}
	return s, true
}
