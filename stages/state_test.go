//go:build !nounsafe

package stages_test

import (
	"context"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/sharedtest"
	"pcapmill/stages"
)

// torn are slices that share memory with something, and why it does not matter that they
// no longer do when they come back.
var torn = map[string]string{
	"[]packet.Interface in []packet.Interface": "nobody changes those of blocks and inputs that have been read",
	"[]record.query in record.dnsTalk":         "its own room is used through the slice alone",
	"[]uint8 in record.tlsTalk":                "its own room is used through the slice alone, and anew with each name",
}

// TestNothingSharesMemory walks sessions in the middle of captures for slices of the same
// memory, which come back apart: each must be known not to matter.
func TestNothingSharesMemory(t *testing.T) {
	n := 0
	err := filepath.WalkDir(filepath.Join(sharedtest.Dir(t), "captures"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if n++; n%5 != 0 && !sharedtest.Accept() {
			return nil
		}
		p, _ := accuracy.Load(path)
		if p != nil && len(p.List) > 1 {
			sharesNothing(t, path, p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sharesNothing feeds a capture in parts.
func sharesNothing(t *testing.T, path string, p *accuracy.Packets) {
	cfg := stages.DefaultConfig()
	cfg.Features, cfg.Workers = []string{"all"}, 1+len(p.List)%2
	s, err := stages.NewSession(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for part := range slices.Chunk(p.List, len(p.List)/4+1) {
		in := &accuracy.Packets{List: part, Interfaces: p.Interfaces}
		if _, err := s.Feed(context.Background(), []stages.Input{in}, accuracy.Tables{}, new(stages.Progress)); err != nil {
			t.Fatal(err)
		}
		list, err := s.Aliases()
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range list {
			if torn[name] == "" {
				t.Errorf("%s: %s", path, name)
			}
		}
	}
}
