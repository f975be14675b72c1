package capture

import (
	"pcapmill/cmd/capture/event"
	"pcapmill/outputs/publish"
)

// Wrap puts another file system around the folder's.
func (f *Folder) Wrap(wrap func(publish.FS) publish.FS) { f.fsys = wrap(f.fsys) }

// Published replaces who is told of segments.
func (f *Folder) Published(told func(event.Segment)) { f.cfg.Published = told }

// SetSpace replaces what says how much room the disk has.
func (f *Folder) SetSpace(space func(string) (free, size int64, err error)) { f.space = space }

// ErrGivenUp is what Run returns where the disk took nothing any more.
var ErrGivenUp = errGivenUp
