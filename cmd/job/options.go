package job

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"pcapmill/features/column"
	"pcapmill/features/flow"
	"pcapmill/ingest/input"
	"pcapmill/outputs/ipc"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/parquetfile"
	"pcapmill/outputs/sqlite"
	"pcapmill/stages"
)

// Options say what a run reads, makes of it, and writes. Start from DefaultOptions.
type Options struct {
	Args        []string     // captures, directories, "-" for standard input
	Named       []Named      // captures under other names than their paths, instead of Args
	Demo        bool         // run on a generated capture instead of Args
	Filter      input.Filter // which files of Args are read
	Input       input.Config
	Stages      stages.Config
	Out         string // output folder
	Force       bool   // replace a complete run of other inputs, options or build
	Format      string // one of Formats
	Parquet     parquetfile.Config
	SaveStreams string // new folder for what TCP connections carried; empty: it is not written
	Memory      int64  // bytes that the run may take; 0: no limit

	UnknownLimit int64 // bytes that unknown.pcapng may have

	Tool    manifest.Tool
	Again   []string          // for manifest.json: the command that does the same, without inputs and outputs
	Command []string          // for execution.json, as typed
	Origins map[string]string // for execution.json: where each option came from
}

// Named is a capture that the manifest names as it was called elsewhere: where a run is done
// again, rules and tables must see what they saw the first time.
type Named struct{ Path, Name string }

// DefaultOptions returns the defaults of the packages that Options fill.
func DefaultOptions() Options {
	return Options{
		Input:   input.DefaultConfig(),
		Stages:  stages.DefaultConfig(),
		Format:  FormatParquet,
		Parquet: parquetfile.DefaultConfig(),
		Memory:  1 << 30,

		UnknownLimit: 64 << 20,
	}
}

// Validate reports the first option that cannot be used. It looks at no file.
func (o *Options) Validate() error {
	switch {
	case o.Out == "":
		return errors.New("no output folder: give one with --out")
	case o.Demo && len(o.Args)+len(o.Named) > 0:
		return errors.New("--demo brings its own capture: leave out the others")
	case len(o.Named) > 0 && len(o.Args) > 0:
		return errors.New("captures are named by path or otherwise, not both")
	case !o.Demo && len(o.Args)+len(o.Named) == 0:
		return errors.New("nothing to read: name captures or folders, - for standard input, or use --demo")
	case o.SaveStreams != "" && within(o.SaveStreams, o.Out):
		return fmt.Errorf("streams cannot be written into the output folder: %s is in %s", o.SaveStreams, o.Out)
	case countStdin(o.Args) > 1:
		return errors.New("standard input can be read only once")
	case o.Stages.Unknown && o.UnknownLimit < leastUnknown:
		return fmt.Errorf("unknown.pcapng must be limited to at least %d bytes, not %d", leastUnknown, o.UnknownLimit)
	}
	return o.validateTables()
}

// validateTables reports the first option that cannot be used and is not about the inputs.
func (o *Options) validateTables() error {
	if !slices.Contains(Formats(), o.Format) {
		return fmt.Errorf("unknown format %q; known are %s", o.Format, strings.Join(Formats(), ", "))
	}
	if _, err := o.PlanMemory(); err != nil {
		return err
	}
	return errors.Join(o.Filter.Validate(), o.Input.Validate(), o.Stages.Validate(), o.Parquet.Validate())
}

// PlanMemory divides the memory over the run's terms.
func (o *Options) PlanMemory() (stages.MemoryPlan, error) {
	table, err := flow.NewTable(o.Stages.Features, o.Stages.Addresses)
	if err != nil || o.Memory == 0 {
		return stages.MemoryPlan{}, err
	}
	c := o.Stages
	if o.SaveStreams != "" {
		c.Save = new(streamStore) // that there will be one counts
	}
	return stages.PlanMemory(o.Memory, o.tableBytes(table.Schema), &c, table.Extras)
}

// tableBytes is the memory of what is gathered for the table: the columns of a few
// batches with what encodes them, and the row group or record batch that is open.
func (o *Options) tableBytes(schema *column.Schema) int64 {
	const batches, packed, list, width = 16 << 20, 2, 24, 20
	const tables = 16 // flows, records, errors, windows
	row := int64(0)
	switch o.Format {
	case FormatParquet: // pages of a few bytes a value, and of more a list
		for i := range schema.Columns {
			if row += packed; schema.Columns[i].Type >= column.ListInt64 {
				row += list
			}
		}
		return batches + row*int64(o.Parquet.RowGroupRows)
	case FormatArrow: // values as they are, and once more compressed
		return batches + int64(len(schema.Columns))*width*int64(ipc.DefaultConfig().RecordRows)
	case FormatSQLite: // each table has pages of its own in memory
		return batches + tables*sqlite.CacheBytes
	}
	return batches
}

func countStdin(args []string) int {
	n := 0
	for _, a := range args {
		if a == input.Stdin {
			n++
		}
	}
	return n
}
