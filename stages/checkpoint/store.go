package checkpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// mostFiles is how many files a state may be spread over before the next one is written
// whole.
const mostFiles = 32

// Ref names a state for good: it belongs into a ledger.
type Ref struct {
	Name    string `json:"name"`    // of the file in the folder
	SHA256  string `json:"sha256"`  // of the file, hex
	Bytes   int64  `json:"bytes"`   // of the state
	Written int64  `json:"written"` // of the file
	New     int64  `json:"new"`     // of the state, in no file before
}

// Store is a folder of states. One goroutine uses it.
type Store struct {
	dir   string
	last  *index // of the state that the next one is compared with; nil: none
	whole bool   // the next one is written whole
}

// Open returns the Store of a folder, which it makes where there is none.
func Open(dir string) (*Store, error) {
	return &Store{dir: dir}, os.MkdirAll(dir, 0o700)
}

func nameOf(number int64) string { return fmt.Sprintf("checkpoint-%010d.ckpt", number) }

// numberOf returns the number in the name of a file; false where it is none of ours.
func numberOf(name string) (int64, bool) {
	digits, ok := strings.CutSuffix(name, ".ckpt")
	digits, begins := strings.CutPrefix(digits, "checkpoint-")
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, ok && begins && err == nil && n >= 0 && nameOf(n) == name
}

func (s *Store) path(number int64) string { return filepath.Join(s.dir, nameOf(number)) }

// Write writes a state, which save writes to what it is given. Numbers rise. What
// it refers to are files of the state that was written or read last.
func (s *Store) Write(number int64, save func(io.Writer) error) (Ref, error) {
	known, held, err := s.known(number)
	if err != nil {
		return Ref{}, err
	}
	f, err := newFile(s.dir, nameOf(number))
	if err != nil {
		return Ref{}, err
	}
	defer f.abandon()
	sum := sha256.New()
	k, err := newKeeper(number, io.MultiWriter(f, sum), known)
	if err != nil {
		return Ref{}, err
	}
	if err := s.fill(k, save); err != nil {
		return Ref{}, err
	}
	if err := k.finish(held); err != nil {
		return Ref{}, err
	}
	if err := f.publish(); err != nil {
		return Ref{}, err
	}
	s.last, s.whole = &k.index, worn(&k.index)
	return Ref{Name: nameOf(number), SHA256: hex.EncodeToString(sum.Sum(nil)), Bytes: k.index.bytes(), Written: k.at, New: k.index.held()}, nil
}

// known returns where the chunks of the last state lie, and how much each of its files holds.
func (s *Store) known(number int64) (map[hash]location, map[int64]int64, error) {
	known, held := map[hash]location{}, map[int64]int64{}
	if s.last == nil {
		return known, held, nil
	}
	if number <= s.last.number {
		return nil, nil, fmt.Errorf("checkpoint %d cannot follow checkpoint %d", number, s.last.number)
	}
	if s.whole {
		return known, held, nil
	}
	for i := range s.last.chunks {
		known[s.last.chunks[i].hash] = s.last.chunks[i].location
	}
	for _, e := range s.last.earlier {
		held[e.number] = e.held
	}
	held[s.last.number] = s.last.held()
	return known, held, nil
}

// worn reports whether the files that a state needs are mostly of chunks that it does not
// need, or too many.
func worn(x *index) bool {
	if len(x.earlier) >= mostFiles {
		return true
	}
	_, alive := x.needs()
	all := x.held()
	for _, e := range x.earlier {
		all += e.held
	}
	return 2*alive < all
}

// fill runs save, and hashes, compresses and writes beside it.
func (s *Store) fill(k *keeper, save func(io.Writer) error) error {
	full, empty := make(chan piece, piecesAhead), make(chan piece, 3*piecesAhead)
	for range 2*piecesAhead + 2 {
		empty <- piece{}
	}
	var done sync.WaitGroup
	out := hashed(full, &done)
	var failed error
	done.Go(func() {
		for p := range out {
			if failed == nil {
				failed = k.take(&p)
			}
			empty <- p.piece
		}
	})
	c := &cutter{full: full, empty: empty}
	err := save(c)
	c.close()
	done.Wait()
	return errors.Join(err, failed)
}

// Prune removes all files that none of some states needs, of which the last is the one that the
// next is compared with. Without any, or without a name, it removes all.
func (s *Store) Prune(keep ...Ref) error {
	needed, last := map[int64]bool{}, (*index)(nil)
	for _, ref := range keep {
		if ref.Name == "" {
			continue
		}
		x, err := s.indexOf(ref)
		if err != nil {
			return err
		}
		files, _ := x.needs()
		for _, number := range append(files, x.number) {
			needed[number] = true
		}
		last = x
	}
	switch {
	case last == nil:
		s.last, s.whole = nil, false
	case s.last == nil || s.last.number != last.number:
		s.last, s.whole = last, worn(last)
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		number, ours := numberOf(e.Name())
		if ours && !needed[number] || isTemporary(e.Name()) {
			err = errors.Join(err, os.Remove(filepath.Join(s.dir, e.Name())))
		}
	}
	return err
}

// indexOf reads the index of a state's file.
func (s *Store) indexOf(ref Ref) (*index, error) {
	number, ok := numberOf(ref.Name)
	if !ok {
		return nil, fmt.Errorf("%q is no name of a checkpoint", ref.Name)
	}
	if s.last != nil && s.last.number == number {
		return s.last, nil
	}
	f, err := openFile(s, number)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.index, nil
}
