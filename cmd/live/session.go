package live

import (
	"context"
	"io"

	"pcapmill/stages"
)

// session is a run of the stages whose inputs come bit by bit.
type session interface {
	Feed(ctx context.Context, inputs []stages.Input, sinks stages.Sinks, progress *stages.Progress) (*stages.Result, error)
	Finish(ctx context.Context, sinks stages.Sinks, progress *stages.Progress) (*stages.Result, error)
	Save(w io.Writer) error
	Trim()
}

// engine begins sessions, and continues those that were saved.
type engine struct {
	begin   func(stages.Config) (session, error)
	restore func(stages.Config, io.Reader) (session, error)
	keeper  func(folder string) (keeper, error)
}

// stagesEngine is the real one.
func stagesEngine() engine {
	return engine{
		begin:   func(cfg stages.Config) (session, error) { return stages.NewSession(cfg) },
		restore: func(cfg stages.Config, r io.Reader) (session, error) { return stages.RestoreSession(cfg, r) },
		keeper:  openStored,
	}
}
