package live

import (
	"io"

	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/publish"
	"pcapmill/stages/checkpoint"
)

// capturing reports whether a capture is writing a folder of segments.
func capturing(folder string) bool { return publish.Held(folder) }

// keeper keeps the states of sessions.
type keeper interface {
	write(number int64, save func(io.Writer) error) (*livefolder.Checkpoint, error)
	read(c *livefolder.Checkpoint) (io.ReadCloser, error)
	prune(keep []livefolder.Checkpoint) error // removes what none of these needs; the last is the newest
}

// stored are states in the folder's checkpoints.
type stored struct{ store *checkpoint.Store }

func openStored(folder string) (keeper, error) {
	s, err := checkpoint.Open(folder)
	return stored{s}, err
}

func (s stored) write(number int64, save func(io.Writer) error) (*livefolder.Checkpoint, error) {
	ref, err := s.store.Write(number, save)
	return &livefolder.Checkpoint{File: ref.Name, SHA256: ref.SHA256, Bytes: ref.Bytes, Written: ref.Written}, err
}

func (s stored) read(c *livefolder.Checkpoint) (io.ReadCloser, error) { return s.store.Read(refOf(c)) }

// prune keeps what it is asked to, or where that is damaged the newest alone.
func (s stored) prune(keep []livefolder.Checkpoint) error {
	refs := make([]checkpoint.Ref, len(keep))
	for i := range keep {
		refs[i] = refOf(&keep[i])
	}
	if err := s.store.Prune(refs...); err == nil || len(refs) < 2 {
		return err
	}
	return s.store.Prune(refs[len(refs)-1])
}

func refOf(c *livefolder.Checkpoint) checkpoint.Ref {
	return checkpoint.Ref{Name: c.File, SHA256: c.SHA256, Bytes: c.Bytes, Written: c.Written}
}
