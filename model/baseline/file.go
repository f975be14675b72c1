package baseline

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// DefaultFileBytes is a limit for Load that fits the target of 2 KiB a host for a million
// hosts, twice.
const DefaultFileBytes = 4 << 30

// Save writes the file of that name, mode 0600, in place of an older baseline: under
// another name first, synced and read again, so that no reader sees half of it. Where
// there is another file than a baseline, it is ErrForeign.
func (b *Baseline) Save(name string) error {
	if err := mayReplace(name); err != nil {
		return err
	}
	_, err := publish.Replace(name, b.Encode, whole)
	return err
}

// mayReplace refuses a file that is no baseline.
func mayReplace(name string) error {
	f, err := openRegular(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(f, head); err != nil || string(head) != magic {
		return fmt.Errorf("%s: %w", text.Escape(name), ErrForeign)
	}
	return nil
}

// whole checks that a file ends with the hash of what is before.
func whole(r io.ReaderAt, size int64) error {
	sum, end := sha256.New(), make([]byte, sha256.Size)
	body := size - sha256.Size
	if body < 0 {
		return ErrTampered
	}
	if _, err := io.Copy(sum, io.NewSectionReader(r, 0, body)); err != nil {
		return err
	}
	if _, err := io.ReadFull(io.NewSectionReader(r, body, sha256.Size), end); err != nil {
		return err
	}
	if !bytes.Equal(sum.Sum(nil), end) {
		return ErrTampered
	}
	return nil
}

// Load reads a file of at most so many bytes, which it holds in memory, to add to it.
// Open is for reading. Errors are those
// of Decode, ErrTooLarge, and the system's; all name the file.
func Load(name string, most int64) (*Baseline, error) {
	f, size, err := openWithin(name, most)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data := make([]byte, size)
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, fmt.Errorf("%s: %w", text.Escape(name), err)
	}
	b, err := Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text.Escape(name), err)
	}
	return b, nil
}

// openRegular opens a file, but waits for no pipe.
func openRegular(name string) (*os.File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w: no regular file", text.Escape(name), ErrForeign)
	}
	return os.Open(name)
}
