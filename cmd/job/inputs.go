package job

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"pcapmill/ingest/input"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// source is one input of the run, in reading order.
type source struct {
	path  string // to open; input.Stdin for standard input
	name  string // to show and to store
	bytes int64  // stored size before the run; 0 where unknown
	modNs int64  // modification time before the run
	exact bool   // bytes and modNs are known
	link  any    // what all names of a file with several have in common, else nil
}

// Planned is an input that a run would read.
type Planned struct {
	Name  string // as given; escape it
	Bytes int64  // stored size, 0 where unknown
}

// Inputs lists what a run with these options would read, in order.
func Inputs(o *Options) ([]Planned, error) {
	sources, left, err := expand(o)
	if err != nil {
		return nil, err
	}
	if len(sources) == 0 {
		return nil, fmt.Errorf("%w: %s", errNoInput, whyNone(left))
	}
	planned := make([]Planned, len(sources))
	for i, s := range sources {
		planned[i] = Planned{s.name, s.bytes}
	}
	return planned, nil
}

// errNoInput says that the arguments name nothing that could be read.
var errNoInput = errors.New("no capture to read")

// expand turns the arguments into inputs. An argument that does not exist or
// cannot be examined stays in the list, so that the run goes on with the others
// and says what came of it.
func expand(o *Options) ([]source, []input.Left, error) {
	var sources []source
	for _, n := range o.Named {
		s := newSource(n.Path)
		s.name = n.Name
		sources = append(sources, s)
	}
	var left []input.Left
	missing := 0
	var first error
	for _, arg := range o.Args {
		list, err := input.Expand([]string{arg}, o.Filter, o.Input)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			if missing++; first == nil {
				first = fmt.Errorf("%s: %s", text.Escape(arg), cause(err, arg))
			}
			list.Paths = []string{arg}
		} else if err != nil {
			return nil, nil, err
		}
		for _, path := range list.Paths {
			sources = append(sources, newSource(path))
		}
		left = append(left, list.Left...)
	}
	if missing > 0 && missing == len(sources) {
		return nil, left, first
	}
	return sources, left, nil
}

// distinct fails where two inputs are one file: its packets would be counted
// twice, which nobody asks for on purpose. One that has a name of its own is asked for.
func distinct(sources []source) error {
	seen := make(map[any]string, len(sources))
	for _, s := range sources {
		if s.path != s.name {
			continue
		}
		where := s.path
		if s.path != input.Stdin {
			where = realPath(s.path)
		}
		for _, file := range []any{where, s.link} {
			if other, twice := seen[file]; twice {
				return fmt.Errorf("%s and %s are the same input: name it once", text.Escape(other), text.Escape(s.path))
			}
			if file != nil {
				seen[file] = s.path
			}
		}
	}
	return nil
}

// realPath returns the absolute path behind symbolic links, as far as it can be
// found.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return path
}

// inputBytes is about what the manifest has of an ordinary input, besides its name.
const inputBytes = 1 << 10

// listable fails where there are more inputs than a manifest can list, which is written last.
func listable(sources []source) error {
	all := 0
	for i := range sources {
		all += inputBytes + len(sources[i].name)
	}
	if all > manifest.MaxBytes {
		return fmt.Errorf("%d captures are more than a manifest can list: read them in several runs, or join some first", len(sources))
	}
	return nil
}

func newSource(path string) source {
	s := source{path: path, name: path}
	if path == input.Stdin {
		return s
	}
	if info, err := os.Stat(path); err == nil {
		s.bytes, s.modNs, s.exact = info.Size(), info.ModTime().UnixNano(), true
		s.link = linked(info)
	}
	return s
}

// stamps returns the inputs' stamps, nil where one of them has none.
func stamps(sources []source) []manifest.Stamp {
	out := make([]manifest.Stamp, len(sources))
	for i, s := range sources {
		if !s.exact {
			return nil
		}
		out[i] = manifest.NewStamp(s.name, s.bytes, s.modNs)
	}
	return out
}

func runKey(planID string, sources []source) string {
	st := stamps(sources)
	if st == nil {
		return ""
	}
	return manifest.RunKey(planID, st)
}

// sameInputs reports whether the inputs are those of a manifest, by size first
// and by SHA-256 then. Standard input can never be compared.
func sameInputs(ctx context.Context, sources []source, m *manifest.Manifest) (bool, error) {
	if len(sources) != len(m.Inputs) {
		return false, nil
	}
	for i, s := range sources {
		if !s.exact || m.Inputs[i].SHA256 == "" || m.Inputs[i].Bytes != s.bytes {
			return false, nil
		}
	}
	for i, s := range sources {
		sum, _, err := manifest.HashFile(ctx, s.path)
		if err != nil || sum != m.Inputs[i].SHA256 {
			return false, err
		}
	}
	return true, nil
}
