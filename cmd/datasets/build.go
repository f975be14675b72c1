package datasets

import (
	"context"
	"slices"

	"pcapmill/datasets/build"
	"pcapmill/datasets/folder"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/parquetfile"
)

// RoleMap is the role of a map of labels among the sources of a dataset.
const RoleMap = "map"

// Build says what a dataset is made of.
type Build struct {
	Tables  []string // folders of runs
	Labels  []string // folders of labels, in any order
	Map     string   // file; empty: none
	Out     string
	Config  build.Config
	Force   bool
	Tool    manifest.Tool
	Command []string // for execution.json
	Again   []string // for manifest.json: the command that does the same, without inputs and folder
}

// Run makes the dataset; nil is for one that is there already. Errors are those of
// datasets/build, folder.ErrFolder, tables.ErrTable and those of publishing.
func (b *Build) Run(ctx context.Context) (*build.Summary, error) {
	var sources []folder.Source
	if b.Map != "" {
		m, sum, size, err := build.LoadMap(b.Map)
		if err != nil {
			return nil, err
		}
		b.Config.Map = m
		sources = append(sources, folder.FileSource(RoleMap, b.Map, "label_map", sum, size))
	}
	if err := b.Config.Validate(); err != nil {
		return nil, err
	}
	pairs, err := build.OpenPairs(b.Tables, b.Labels)
	if err != nil {
		return nil, err
	}
	f, err := folder.Create(b.Out, folder.Spec{
		Kind: build.Kind, Options: b.Config.Options(), Sources: append(build.Sources(pairs), sources...), Tool: b.Tool, Reads: slices.Concat(b.Tables, b.Labels, []string{b.Map}),
		Force: b.Force, Command: b.Command, Again: b.Again, Parquet: parquetfile.DefaultConfig(),
	})
	if err != nil || f == nil {
		return nil, err
	}
	defer f.Abort() //nolint:errcheck // what went wrong is said already
	done, err := build.Run(ctx, b.Config, pairs, f)
	if err != nil {
		return nil, err
	}
	return done, f.Finish(done.Notes)
}
