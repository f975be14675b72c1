package match

import (
	"path"
	"slices"
	"strings"

	"pcapmill/datasets/label"
	"pcapmill/outputs/where"
)

// captures are the captures that the flows are of, by capture_id.
type captures struct {
	names        []string
	paths, bases [][]byte
	known        map[string][]bool // what globs and names came to
}

func newCaptures(paths []string) *captures {
	c := &captures{names: paths, known: make(map[string][]bool)}
	for _, p := range paths {
		c.paths = append(c.paths, []byte(p))
		c.bases = append(c.bases, []byte(path.Base(p)))
	}
	return c
}

// globs returns which captures fit one of the patterns; nil: all.
func (c *captures) globs(patterns []string) []bool {
	if len(patterns) == 0 {
		return nil
	}
	return c.once("glob\x00"+strings.Join(patterns, "\x00"), func() []bool {
		all := make([]where.Glob, len(patterns))
		for i, p := range patterns {
			all[i] = where.NewGlob(p)
		}
		return c.which(func(path, base []byte) bool {
			return slices.ContainsFunc(all, func(g where.Glob) bool { return g.Match(path) || g.Match(base) })
		})
	})
}

// named returns which captures a name is of; nil: all.
func (c *captures) named(name string) []bool {
	if name == "" {
		return nil
	}
	return c.once("name\x00"+name, func() []bool {
		return label.Named(name, c.names)
	})
}

func (c *captures) which(fits func(path, base []byte) bool) []bool {
	set := make([]bool, len(c.paths))
	for i := range set {
		set[i] = fits(c.paths[i], c.bases[i])
	}
	return set
}

func (c *captures) once(key string, find func() []bool) []bool {
	set, ok := c.known[key]
	if !ok {
		set = find()
		c.known[key] = set
	}
	return set
}
