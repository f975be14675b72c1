package datasets

import (
	"context"

	"pcapmill/datasets/build"
	"pcapmill/datasets/folder"
	"pcapmill/datasets/split"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/parquetfile"
)

// Split says how a dataset is divided.
type Split struct {
	Dataset string
	Out     string
	Config  split.Config
	Force   bool
	Tool    manifest.Tool
	Command []string // for execution.json
	Again   []string // for manifest.json: the command that does the same, without inputs and folder
}

// Run divides the dataset; nil is for a result that is there already. Errors are those of
// datasets/split, folder.ErrFolder, tables.ErrTable and those of publishing.
func (s *Split) Run(ctx context.Context) (*split.Summary, error) {
	if err := s.Config.Validate(); err != nil {
		return nil, err
	}
	in, err := folder.Open(s.Dataset)
	if err != nil {
		return nil, err
	}
	if err := split.Check(in); err != nil {
		return nil, err
	}
	f, err := folder.Create(s.Out, folder.Spec{
		Kind: build.Kind, Options: s.Config.Options(), Sources: []folder.Source{in.Source("dataset")}, Tool: s.Tool, Reads: []string{s.Dataset},
		Force: s.Force, Command: s.Command, Again: s.Again, Parquet: parquetfile.DefaultConfig(),
	})
	if err != nil || f == nil {
		return nil, err
	}
	defer f.Abort() //nolint:errcheck // what went wrong is said already
	done, err := split.Run(ctx, s.Config, in, f)
	if err != nil {
		return nil, err
	}
	return done, f.Finish(done.Warnings)
}
