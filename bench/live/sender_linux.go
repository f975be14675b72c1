package live

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net"
	"time"

	"golang.org/x/sys/unix"

	"pcapmill/ingest/packet"
)

// Sender puts frames on an interface. It is for one goroutine.
type Sender struct {
	fd      int
	to      unix.SockaddrLinklayer
	Sent    uint64
	Skipped uint64 // frames that the interface cannot send: too short, too long
}

// Sender opens one for an interface of the namespace. Close ends it.
func (w *World) Sender(name string) (*Sender, error) {
	s := new(Sender)
	err := w.Do(func() error {
		face, err := net.InterfaceByName(name)
		if err != nil {
			return err
		}
		s.to = unix.SockaddrLinklayer{Ifindex: face.Index}
		s.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("a sender on %s: %w", name, err)
	}
	return s, nil
}

// Close closes the socket.
func (s *Sender) Close() error { return unix.Close(s.fd) }

// Send sends a frame, waiting where the queue is full.
func (s *Sender) Send(frame []byte) error {
	for {
		err := unix.Sendto(s.fd, frame, 0, &s.to)
		switch {
		case err == nil:
			s.Sent++
			return nil
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.ENOBUFS):
			continue
		case errors.Is(err, unix.EMSGSIZE), errors.Is(err, unix.EINVAL):
			s.Skipped++
			return nil
		}
		return fmt.Errorf("sending: %w", err)
	}
}

// burst is how many frames are sent between two looks at the clock.
const burst = 16

// Burst sends n frames at a rate in frames a second, 0 as fast as it goes.
func (s *Sender) Burst(ctx context.Context, n int, rate float64, next func() []byte) error {
	begin := time.Now()
	for i := range n {
		if i%burst == 0 {
			if err := pace(ctx, begin, i, rate); err != nil {
				return err
			}
		}
		if err := s.Send(next()); err != nil {
			return err
		}
	}
	return nil
}

// pace waits until the frame of a number is due.
func pace(ctx context.Context, begin time.Time, i int, rate float64) error {
	if rate <= 0 {
		return ctx.Err()
	}
	due := begin.Add(time.Duration(float64(i) / rate * 1e9))
	wait := time.Until(due)
	if wait <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Replay sends the Ethernet frames of a capture at a rate in frames a second, 0 as fast as
// it goes. Its times are not kept. What is behind damage in the capture is not sent, which
// is an error only where nothing is before it.
func (s *Sender) Replay(ctx context.Context, path string, rate float64) error {
	return s.ReplaySome(ctx, path, rate, math.MaxInt)
}

// ReplaySome is Replay of at most so many frames.
func (s *Sender) ReplaySome(ctx context.Context, path string, rate float64, most int) error {
	begin, i := time.Now(), 0
	var failed error
	err := Frames(path, func(frame []byte, link packet.LinkType) error {
		if link != packet.LinkEthernet {
			s.Skipped++
			return nil
		}
		if i == most {
			return fs.SkipAll
		}
		if i%burst == 0 {
			failed = pace(ctx, begin, i, rate)
		}
		if failed == nil {
			failed = s.Send(frame)
		}
		i++
		return failed
	})
	if i == 0 {
		return err
	}
	return failed
}
