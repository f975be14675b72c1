package live

import (
	"io"

	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/publish"
)

// capturing reports whether a capture is writing a folder of segments.
func capturing(folder string) bool { return publish.Held(folder) }

// keeper keeps the states of sessions.
type keeper interface {
	write(number int64, save func(io.Writer) error) (*livefolder.Checkpoint, error)
	read(c *livefolder.Checkpoint) (io.ReadCloser, error)
	prune(oldest *livefolder.Checkpoint) error // removes what only those before it need
}
