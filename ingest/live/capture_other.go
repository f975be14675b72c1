//go:build !linux || nounsafe

package live

import (
	"context"
	"time"

	"pcapmill/ingest/packet"
)

// Capture is an open capture, of which there is none on this system.
type Capture struct{}

// Open returns ErrUnsupported.
func Open(Config) (*Capture, error) { return nil, ErrUnsupported }

// LinkOf returns ErrUnsupported.
func LinkOf(string) (packet.LinkType, error) { return 0, ErrUnsupported }

// List returns ErrUnsupported.
func List() ([]Interface, error) { return nil, ErrUnsupported }

// Next returns ErrUnsupported.
func (c *Capture) Next(context.Context, time.Duration) (*Batch, error) { return nil, ErrUnsupported }

// Stats returns ErrUnsupported.
func (c *Capture) Stats() (Stats, error) { return Stats{}, ErrUnsupported }

// Info returns nothing.
func (c *Capture) Info() Info { return Info{} }

// Caught returns packet.NoTime.
func (c *Capture) Caught() packet.Nanos { return packet.NoTime }

// Events returns nothing.
func (c *Capture) Events() []Event { return nil }

// Down returns false.
func (c *Capture) Down() (since packet.Nanos, down bool) { return 0, false }

// Stop returns ErrUnsupported.
func (c *Capture) Stop() error { return ErrUnsupported }

// Close returns ErrUnsupported.
func (c *Capture) Close() error { return ErrUnsupported }
