package windows

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"pcapmill/model/baseline"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
)

// The names of the tables.
const (
	hostsTable = "hosts"
	pairsTable = "pairs"
)

// input is one table of hosts, and what lies beside it.
type input struct {
	view    *tables.View // by which it is read; nil: all files are known
	hosts   string       // folder or file
	files   []string     // of it
	pairs   string       // folder; empty: there is none
	paired  []string     // instead of a folder, files of it
	cover   *cover       // nil: unknown
	source  baseline.Source
	quality Quality
	broken  map[place]bool // windows in several parts
}

// place is where a window lies.
type place struct {
	capture int32 // number of the input; -1: all inputs are one sequence
	start   int64 // ns since 1970
}

func (p place) before(o place) bool {
	return p.capture < o.capture || p.capture == o.capture && p.start < o.start
}

// find returns the table that a path names.
func find(ctx context.Context, view *tables.View, path string) (*input, error) {
	in := &input{view: view, hosts: path, broken: map[place]bool{}}
	in.quality.Path = path
	root, whole, err := in.locate(path)
	if err != nil {
		return nil, err
	}
	var m *manifest.Manifest
	if root != "" { // it is read first, so that live tables are as the whole of their ledger says
		if m, err = readManifest(view, filepath.Join(root, manifest.Name)); err != nil {
			return nil, err
		}
	}
	files, err := view.Files(in.hosts)
	if err != nil {
		return nil, err
	}
	in.files = files
	if root == "" {
		return in, in.hash(ctx, files, nil)
	}
	if info, err := os.Stat(filepath.Join(root, pairsTable)); err == nil && info.IsDir() {
		in.pairs, in.quality.Keys = filepath.Join(root, pairsTable), true
	}
	if m == nil {
		return in, in.hash(ctx, files, nil)
	}
	if in.cover, err = coverOf(m); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrManifest, text.Escape(root), err)
	}
	in.quality.Recorded = recordedOf(m, in.cover.all)
	if in.source.PlanID = m.PlanID; whole && (m.Live == nil || !m.Live.Open) {
		in.source.RunID = m.RunID
	}
	return in, in.hash(ctx, files, m)
}

// locate sets where the table is. root is the folder of its dataset, empty where that does
// not show; whole says that a path names all of the table.
func (in *input) locate(path string) (root string, whole bool, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", false, missing(path, err)
	}
	if inside := filepath.Join(path, hostsTable); info.IsDir() && folder(inside) {
		in.hosts = inside
		return path, true, nil
	}
	if _, err := os.Stat(filepath.Join(path, manifest.Name)); err == nil {
		if err := tables.Readable(path); err != nil {
			return "", false, err
		}
		return "", false, fmt.Errorf("%w: dataset %s has no table hosts; run makes it with --windows hosts,pairs", ErrTable, text.Escape(path))
	}
	at, err := filepath.Abs(path)
	if err != nil {
		return "", false, err
	}
	if !info.IsDir() {
		at = filepath.Dir(at)
	}
	if filepath.Base(at) == hostsTable {
		root = filepath.Dir(at)
	}
	return root, info.IsDir(), nil
}

// missing leaves what to say of a path to who suggests others.
func missing(path string, err error) error {
	if _, says := tables.Files(path); says != nil {
		return says
	}
	return err
}

func folder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// readManifest returns nil where there is none.
func readManifest(view *tables.View, path string) (*manifest.Manifest, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	m, err := manifest.Read(f)
	if err == nil {
		_, err = view.Whole(filepath.Dir(path), m)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrManifest, text.Escape(path), err)
	}
	return m, nil
}

// hash sets the source's: the SHA-256 of those of the table's files, in their order. They
// are the manifest's where there is one and the files have the sizes that it says.
func (in *input) hash(ctx context.Context, files []string, m *manifest.Manifest) error {
	known := partsOf(m)
	all := sha256.New()
	for _, file := range files {
		sum, err := in.sumOf(ctx, file, known, m != nil)
		if err != nil {
			return err
		}
		all.Write(sum)
	}
	if n := len(known); m != nil && m.Live == nil && in.source.RunID != "" && n != len(files) {
		return fmt.Errorf("%w: %s has %d files, and the manifest says %d; verify finds out more", ErrManifest, text.Escape(in.hosts), len(files), n)
	}
	all.Sum(in.source.Hash[:0])
	return nil
}

// partsOf returns the parts of the hosts table by the names of their files.
func partsOf(m *manifest.Manifest) map[string]*manifest.Part {
	parts := map[string]*manifest.Part{}
	if m == nil {
		return parts
	}
	for i := range m.Tables {
		if m.Tables[i].Name != hostsTable {
			continue
		}
		for j := range m.Tables[i].Parts {
			p := &m.Tables[i].Parts[j]
			parts[filepath.Base(filepath.FromSlash(p.Path))] = p
		}
	}
	return parts
}

func (in *input) sumOf(ctx context.Context, file string, known map[string]*manifest.Part, must bool) ([]byte, error) {
	if !must {
		sum, _, err := manifest.HashFile(ctx, file)
		if err != nil {
			return nil, err
		}
		return hex.DecodeString(sum)
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	p := known[filepath.Base(file)]
	if p == nil || p.Bytes != info.Size() {
		return nil, fmt.Errorf("%w: %s is not as the manifest says; verify finds out more", ErrManifest, text.Escape(file))
	}
	return hex.DecodeString(p.SHA256)
}
