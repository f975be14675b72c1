package checkpoint_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pcapmill/stages/checkpoint"
)

func open(t testing.TB, dir string) *checkpoint.Store {
	t.Helper()
	s, err := checkpoint.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// parts writes stretches, with a cut before each.
func parts(list ...[]byte) func(io.Writer) error {
	return func(w io.Writer) error {
		for _, p := range list {
			w.(interface{ Cut() }).Cut()
			if _, err := w.Write(p); err != nil {
				return err
			}
		}
		return nil
	}
}

func write(t testing.TB, s *checkpoint.Store, number int64, list ...[]byte) checkpoint.Ref {
	t.Helper()
	ref, err := s.Write(number, parts(list...))
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func read(t testing.TB, s *checkpoint.Store, ref checkpoint.Ref) []byte {
	t.Helper()
	data, err := readAll(s, ref)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func readAll(s *checkpoint.Store, ref checkpoint.Ref) ([]byte, error) {
	r, err := s.Read(ref)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(r)
	return data, errors.Join(err, r.Close())
}

func noise(seed uint64, n int) []byte {
	r, b := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)}), make([]byte, n)
	_, _ = r.Read(b)
	return b
}

// TestOnlyWhatIsNew: of a state that differs in a stretch, that stretch is written.
func TestOnlyWhatIsNew(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	big, more := noise(1, 3<<20), noise(2, 2<<20)
	first := write(t, s, 1, []byte("short"), big, more)
	if first.Written < 5<<20 || first.Bytes != int64(5+len(big)+len(more)) {
		t.Fatalf("%+v", first)
	}
	same := write(t, s, 2, []byte("short"), big, more)
	if same.Written > 32<<10 {
		t.Errorf("%d bytes are written of what did not change", same.Written)
	}
	big[1<<20]++
	ref := write(t, s, 3, []byte("one that is longer"), big, more)
	if ref.Written > 64<<10 {
		t.Errorf("%d bytes are written of a changed byte and a longer text", ref.Written)
	}
	want := slicesOf([]byte("one that is longer"), big, more)
	if !bytes.Equal(read(t, s, ref), want) || !bytes.Equal(read(t, open(t, dir), ref), want) {
		t.Error("the state is another one")
	}
	file, err := os.ReadFile(filepath.Join(dir, ref.Name))
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(file); hex.EncodeToString(sum[:]) != ref.SHA256 || int64(len(file)) != ref.Written {
		t.Errorf("the file is not that of %+v", ref)
	}
	if info, _ := os.Stat(filepath.Join(dir, ref.Name)); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func slicesOf(list ...[]byte) []byte { return bytes.Join(list, nil) }

func names(t testing.TB, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return strings.Join(list, " ")
}

// TestPrune: what a state needs stays, all else goes, and the next state refers to
// nothing that has gone.
func TestPrune(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	big := noise(1, 1<<20)
	write(t, s, 1, noise(9, 1<<20))
	write(t, s, 2, big, noise(9, 1<<20)) // not worn: 1 is needed
	kept := write(t, s, 3, big)
	lost := write(t, s, 4, big, noise(4, 1<<20))
	if err := os.WriteFile(filepath.Join(dir, ".checkpoint-0000000007.ckpt.tmp"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "notes"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Prune(kept); err != nil { // 4 was not committed
		t.Fatal(err)
	}
	if got := names(t, dir); got != "checkpoint-0000000002.ckpt checkpoint-0000000003.ckpt notes" {
		t.Errorf("left are %s", got)
	}
	if _, err := s.Read(lost); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the state removed: %v", err)
	}
	again := write(t, s, 4, big, noise(4, 1<<20))
	if !bytes.Equal(read(t, open(t, dir), again), slicesOf(big, noise(4, 1<<20))) {
		t.Error("the state after is another one")
	}
	if _, err := s.Write(4, parts(big)); err == nil {
		t.Error("a number came twice")
	}
	if err := s.Prune(checkpoint.Ref{}); err != nil || names(t, dir) != "notes" {
		t.Errorf("left are %s, %v", names(t, dir), err)
	}
}

// TestWorn: files that are mostly of dead chunks are not kept for ever.
func TestWorn(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	state := make([][]byte, 64)
	for i := range state {
		state[i] = noise(uint64(i), 32<<10)
	}
	size := int64(len(state)) * 32 << 10
	for n := range 120 {
		state[n%len(state)] = noise(uint64(1000+n), 32<<10)
		ref := write(t, s, int64(n), state...)
		if err := s.Prune(ref); err != nil {
			t.Fatal(err)
		}
		disk := int64(0)
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			info, _ := e.Info()
			disk += info.Size()
		}
		if disk > 3*size || len(entries) > 34 {
			t.Fatalf("%d: %d files of %d bytes for a state of %d", n, len(entries), disk, size)
		}
	}
}

// TestDamage: whatever byte of whatever file is another one, there is an error and no
// other state; and so with what is missing.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	write(t, s, 1, noise(1, 50_000), noise(3, 9000))
	ref := write(t, s, 2, noise(1, 50_000), noise(2, 50_000))
	want := slicesOf(noise(1, 50_000), noise(2, 50_000))
	for _, name := range []string{"checkpoint-0000000001.ckpt", ref.Name} {
		path := filepath.Join(dir, name)
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		attempt := func(data []byte) error {
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := readAll(open(t, dir), ref)
			if err == nil && !bytes.Equal(got, want) {
				t.Fatalf("%s: damage is not found", name)
			}
			return err
		}
		for at := 0; at < len(good); at += 97 {
			bad := bytes.Clone(good)
			bad[at] ^= 4
			if err := attempt(bad); name == ref.Name && (!errors.Is(err, checkpoint.ErrDamaged) || !strings.Contains(err.Error(), path)) {
				t.Fatalf("byte %d: %v", at, err)
			}
		}
		for _, n := range []int{0, 1, 60, len(good) / 2, len(good) - 1} {
			if err := attempt(good[:n]); !errors.Is(err, checkpoint.ErrDamaged) {
				t.Fatalf("%s cut to %d: %v", name, n, err)
			}
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if _, err := readAll(open(t, dir), ref); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), name) {
			t.Fatalf("%s is missing: %v", name, err)
		}
		if err := attempt(good); err != nil {
			t.Fatal(err)
		}
	}
	for _, bad := range []checkpoint.Ref{{Name: "../x"}, {Name: "checkpoint-1.ckpt"}, {Name: ref.Name, SHA256: ref.SHA256}} {
		if _, err := s.Read(bad); err == nil {
			t.Errorf("%+v is read", bad)
		}
	}
}

// TestFailedSave: what fails leaves nothing, and the next state is whole.
func TestFailedSave(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	full := errors.New("no")
	_, err := s.Write(1, func(w io.Writer) error {
		_, _ = w.Write(noise(1, 5<<20))
		return full
	})
	if !errors.Is(err, full) || names(t, dir) != "" {
		t.Errorf("%v; left are %s", err, names(t, dir))
	}
	if ref := write(t, s, 1, noise(1, 5<<20)); !bytes.Equal(read(t, s, ref), noise(1, 5<<20)) {
		t.Error("the state after is another one")
	}
}

// TestAnySequence writes, reads, prunes, starts anew and forgets states at random.
func TestAnySequence(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			r.Fatal(err)
		}
		s := open(t, dir)
		state := [][]byte{}
		for n := range rapid.IntRange(1, 12).Draw(r, "states") {
			for range rapid.IntRange(0, 4).Draw(r, "changes") {
				part := noise(rapid.Uint64Range(0, 9).Draw(r, "part"), rapid.IntRange(0, 70_000).Draw(r, "bytes"))
				if at := rapid.IntRange(0, len(state)).Draw(r, "at"); at < len(state) {
					state[at] = part
				} else {
					state = append(state, part)
				}
			}
			ref := write(t, s, int64(n), state...)
			if rapid.Bool().Draw(r, "prune") {
				if err := s.Prune(ref); err != nil {
					r.Fatal(err)
				}
			}
			if rapid.Bool().Draw(r, "anew") {
				s = open(t, dir)
			}
			if rapid.Bool().Draw(r, "read") {
				if !bytes.Equal(read(t, s, ref), slicesOf(state...)) {
					r.Fatal("the state is another one")
				}
			}
		}
	})
}

// FuzzRead: no file makes it panic, or take memory that the file does not come to.
func FuzzRead(f *testing.F) {
	dir := f.TempDir()
	s := open(f, dir)
	write(f, s, 1, noise(1, 20_000), []byte("one"))
	ref := write(f, s, 2, noise(1, 20_000), []byte("two"))
	data, err := os.ReadFile(filepath.Join(dir, ref.Name))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, ref.Name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		_, _ = readAll(open(t, dir), checkpoint.Ref{Name: ref.Name, SHA256: hex.EncodeToString(sum[:]), Bytes: 20_003, Written: int64(len(data))})
	})
}
