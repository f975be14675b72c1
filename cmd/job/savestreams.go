package job

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
	"pcapmill/stages"
)

// sumsName lists the files of saved streams with their SHA-256, as sha256sum -c reads
// it; it is written last.
const sumsName = "SHA256SUMS"

// streamStore writes TCP streams to files of a folder. A stream is open for as long as
// its connection, of which there can be more than files may be: each piece is written
// with an open file of its own.
type streamStore struct {
	dir  string
	made bool // the folder was not there before

	mu    sync.Mutex
	next  int
	bytes int64
	files []savedFile
	temps map[string]bool // not published yet

	listed [sha256.Size]byte // hash of the list, once it is written
	placed bool              // the list is
	kept   bool              // so is the dataset that says what the streams are of
}

type savedFile struct{ name, sum string }

// newStreamStore makes the folder, which must be absent or empty.
func newStreamStore(dir string) (*streamStore, error) {
	_, absent := os.Lstat(dir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fail(ExitOutput, fmt.Errorf("folder for streams: %w", err))
	}
	if err := vacant(dir); err != nil {
		return nil, err
	}
	return &streamStore{dir: dir, made: errors.Is(absent, fs.ErrNotExist), temps: map[string]bool{}}, nil
}

// vacant reports a folder for streams that has something in it.
func vacant(dir string) error {
	switch there, err := os.ReadDir(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fail(ExitOutput, fmt.Errorf("folder for streams: %w", err))
	case len(there) > 0:
		return fail(ExitOutput, fmt.Errorf("folder for streams: %s is not empty: name a new one", dir))
	}
	return nil
}

// Create implements stages.StreamStore.
func (s *streamStore) Create() (stages.SavedStream, error) {
	s.mu.Lock()
	s.next++
	name := filepath.Join(s.dir, fmt.Sprintf(".stream-%d.part", s.next))
	s.temps[name] = true
	s.mu.Unlock()
	return &savedStream{store: s, temp: name, sum: sha256.New()}, nil
}

// savedStream is a stream on its way to its file.
type savedStream struct {
	store *streamStore
	temp  string
	sum   hash.Hash
	bytes int64
}

// Write implements stages.SavedStream.
func (f *savedStream) Write(data []byte) (int, error) {
	file, err := os.OpenFile(f.temp, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return 0, fmt.Errorf("saving a stream: %w", err)
	}
	n, err := file.Write(data)
	f.sum.Write(data[:n])
	f.bytes += int64(n)
	if err = errors.Join(err, file.Close()); err != nil {
		return n, fmt.Errorf("saving a stream: %w", err)
	}
	return n, nil
}

// Publish implements stages.SavedStream. The name is of the flows table: conn_id, capture_id
// where inputs are independent, and the number of the connection where the flow has had several.
func (f *savedStream) Publish(of stages.StreamName) error {
	name := fmt.Sprintf("%d", of.Conn)
	if of.Capture >= 0 {
		name += fmt.Sprintf(".capture-%d", of.Capture)
	}
	if of.Number > 1 {
		name += fmt.Sprintf(".%d", of.Number)
	}
	if of.Reverse {
		name += ".rev.bin"
	} else {
		name += ".fwd.bin"
	}
	if err := place(f.temp, filepath.Join(f.store.dir, name)); err != nil {
		return fmt.Errorf("saving a stream: %w", err)
	}
	f.store.mu.Lock()
	defer f.store.mu.Unlock()
	delete(f.store.temps, f.temp)
	f.store.files = append(f.store.files, savedFile{name, hex.EncodeToString(f.sum.Sum(nil))})
	f.store.bytes += f.bytes
	return nil
}

// place syncs a file and gives it its name, which nothing has yet.
func place(temp, name string) error {
	if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", name, fs.ErrExist)
	}
	if err := syncPath(temp); err != nil {
		return err
	}
	return os.Rename(temp, name)
}

func syncPath(name string) error {
	file, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// close writes the list of the files.
func (s *streamStore) close() error {
	slices.SortFunc(s.files, func(a, b savedFile) int { return strings.Compare(a.name, b.name) })
	sums := s.sums()
	s.listed = sha256.Sum256(sums)
	temp := filepath.Join(s.dir, "."+sumsName+".part")
	s.temps[temp] = true
	err := os.WriteFile(temp, sums, 0o600)
	if err == nil {
		err = place(temp, filepath.Join(s.dir, sumsName))
	}
	if err == nil {
		delete(s.temps, temp)
		s.placed = true
		err = publish.SyncFolder(s.dir)
	}
	if err != nil {
		return fail(ExitOutput, fmt.Errorf("saving streams: %w", err))
	}
	return nil
}

// sums is the content of the list.
func (s *streamStore) sums() []byte {
	var list bytes.Buffer
	for _, f := range s.files {
		fmt.Fprintf(&list, "%s  %s\n", f.sum, f.name)
	}
	return list.Bytes()
}

// keep says that the dataset is published, which has the streams' place in its manifest.
func (s *streamStore) keep() {
	if s != nil {
		s.kept = true
	}
}

// abort removes what was not published, and all else too where the run comes to nothing: done
// again, it needs a new folder.
func (s *streamStore) abort() {
	for name := range s.temps {
		_ = os.Remove(name) // the run has a more important error
	}
	if s.kept {
		return
	}
	for _, f := range s.files {
		_ = os.Remove(filepath.Join(s.dir, f.name))
	}
	if s.placed {
		_ = os.Remove(filepath.Join(s.dir, sumsName))
	}
	if s.made {
		publish.RemoveEmpty(s.dir)
	}
}

// entry is the closed store's place in the manifest.
func (s *streamStore) entry() *manifest.SavedStreams {
	if s == nil {
		return nil
	}
	return &manifest.SavedStreams{Files: int64(len(s.files)), Bytes: s.bytes, SumsSHA256: hex.EncodeToString(s.listed[:])}
}

// within reports whether a path is a folder or in it.
func within(path, folder string) bool {
	a, errA := filepath.Abs(path)
	b, errB := filepath.Abs(folder)
	rel, err := filepath.Rel(b, a)
	return errors.Join(errA, errB, err) == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
