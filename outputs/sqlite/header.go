package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The header of a database, as far as it is looked at here; see sqlite.org/fileformat2.html.
const (
	magic      = "SQLite format 3\x00"
	headerSize = 100

	atPageSize    = 16 // big-endian 16 bits; 1 says 65536
	atPages       = 28 // big-endian 32 bits, of the whole file
	atUserVersion = 60
	atApplication = 68
)

// checkHeader reports a file that is not a whole database of the application, and returns its
// layout's version.
func checkHeader(r io.ReaderAt, size int64, application int32) (version int32, err error) {
	var h [headerSize]byte
	if n, err := r.ReadAt(h[:], 0); n < len(h) {
		if err == nil || errors.Is(err, io.EOF) {
			err = fmt.Errorf("%w: %d bytes", ErrFormat, size)
		}
		return 0, err
	}
	page := int64(binary.BigEndian.Uint16(h[atPageSize:]))
	if page == 1 {
		page = 1 << 16
	}
	pages := int64(binary.BigEndian.Uint32(h[atPages:]))
	switch {
	case string(h[:len(magic)]) != magic:
		return 0, fmt.Errorf("%w: it does not begin as one", ErrFormat)
	case pages*page != size:
		return 0, fmt.Errorf("%w: %d pages of %d bytes in %d bytes", ErrFormat, pages, page, size)
	}
	if got := int32(binary.BigEndian.Uint32(h[atApplication:])); got != application {
		return 0, fmt.Errorf("%w: application_id %#x, not %#x", ErrFormat, uint32(got), uint32(application))
	}
	return int32(binary.BigEndian.Uint32(h[atUserVersion:])), nil
}

// CheckHeader is a publish.Check: whether a database is as long as it says. Of what is in its
// pages SQLite itself has seen to.
func CheckHeader(r io.ReaderAt, size int64) error {
	var h [4]byte
	if size >= headerSize {
		if _, err := r.ReadAt(h[:], atApplication); err != nil {
			return err
		}
	}
	_, err := checkHeader(r, size, int32(binary.BigEndian.Uint32(h[:])))
	return err
}
