package stages

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"sync"

	"pcapmill/features/record"
	"pcapmill/stages/snapshot"
)

// stateCodec knows how all of a Session is saved. What is no state is tagged where it is
// declared: settings, what connects goroutines, where rows go to, memory that is kept to be
// used again.
var stateCodec = sync.OnceValues(func() (*snapshot.Codec, error) {
	return snapshot.New(reflect.TypeFor[Session](), record.States()...)
})

// errStreams is a Session whose streams go to files, which are open: they cannot be saved.
var errStreams = errors.New("a session that saves streams cannot be saved itself")

// Save writes all that the Session knows: RestoreSession makes one of it that goes on as
// this one would, with the same rows. It must not be over. Where w is a snapshot.Cutter,
// what did not change since an earlier Save is mostly the same bytes between two cuts.
func (s *Session) Save(w io.Writer) error {
	switch {
	case s.over != nil:
		return s.over
	case s.cfg.Save != nil:
		return errStreams
	}
	codec, err := stateCodec()
	if err != nil {
		return err
	}
	return codec.Save(w, labelOf(&s.cfg), s)
}

// RestoreSession returns the Session that Save wrote. The settings must be those that it
// had. What is damaged, or of another build of the program, is an error.
func RestoreSession(cfg Config, r io.Reader) (*Session, error) {
	if cfg.Save != nil {
		return nil, errStreams
	}
	codec, err := stateCodec()
	if err != nil {
		return nil, err
	}
	s, err := NewSession(cfg)
	if err != nil {
		return nil, err
	}
	if err := codec.Load(r, labelOf(&s.cfg), s); err != nil {
		return nil, err
	}
	s.pool.without(s.feeder.window.blocks())
	return s, nil
}

// labelOf tells settings apart under which a state means something else.
func labelOf(cfg *Config) string {
	c := *cfg
	c.Save = nil
	return fmt.Sprintf("%+v", c)
}
