package ledger

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// readBytes is about how much of a file one Read returns at most.
const readBytes = 4 << 20

var (
	errEnough  = errors.New("enough") // ends a Scan that has read enough
	errTooLong = fmt.Errorf("it has more than %d bytes", MaxLine)
)

// Read returns the whole records from a position on, at most about 4 MiB of them, and the
// position behind them. No records and no error: there is nothing new. A file that is not
// there yet has no records. An incomplete last line, which its writer may be writing, is
// left for later.
func Read(path string, from Position) ([]Record, Position, error) {
	var records []Record
	held := int64(0)
	next, err := Scan(path, from, func(r Record) error {
		records = append(records, r)
		if held += int64(len(r.Body)) + 200; held >= readBytes {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return records, next, err
}

// Scan calls visit with every whole record from a position on, and returns the position
// behind the last one visited; an error of visit ends it and is returned. Damage is a
// *Damage, with all records before it visited. Memory is one line.
func Scan(path string, from Position, visit func(Record) error) (Position, error) {
	file, err := openFile(path, os.O_RDONLY)
	if errors.Is(err, os.ErrNotExist) && from.Offset == 0 {
		return from, nil
	}
	if err != nil {
		return from, err
	}
	defer file.Close()
	next, _, err := scan(file, path, from, visit)
	return next, err
}

// scan is Scan of an open file. torn is how many bytes follow the last whole line.
func scan(file *os.File, path string, from Position, visit func(Record) error) (next Position, torn int64, err error) {
	if err := reaches(file, path, from); err != nil {
		return from, 0, err
	}
	lines := lineReader{in: bufio.NewReaderSize(io.NewSectionReader(file, from.Offset, 1<<62), 64<<10)}
	for next = from; ; {
		line, err := lines.next()
		switch {
		case err == io.EOF:
			return next, int64(len(line)), nil
		case err == errTooLong:
			return next, 0, &Damage{path, next.Seq + 1, next.Offset, err}
		case err != nil:
			return next, 0, fmt.Errorf("read ledger: %w", err)
		}
		record, err := next.parse(line)
		if err != nil {
			return lines.ending(next, path, line, err)
		}
		next = next.after(line)
		if err := visit(record); err != nil {
			return next, 0, err
		}
	}
}

// reaches reports a file that ends before a position: what was read there before is gone.
func reaches(file *os.File, path string, from Position) error {
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("examine %w", err)
	}
	if info.Size() >= from.Offset {
		return nil
	}
	return &Damage{path, from.Seq + 1, from.Offset, fmt.Errorf("the file has only %d bytes: records that were there are gone", info.Size())}
}

// lineReader reads lines of at most MaxLine bytes.
type lineReader struct {
	in  *bufio.Reader
	buf []byte
}

// next returns a line without its newline, valid until the next call, or io.EOF and what
// follows the last newline.
func (l *lineReader) next() ([]byte, error) {
	l.buf = l.buf[:0]
	for {
		piece, err := l.in.ReadSlice('\n')
		l.buf = append(l.buf, piece...)
		switch {
		case len(l.buf) > MaxLine:
			return l.buf, errTooLong
		case err == nil:
			return l.buf[:len(l.buf)-1], nil
		case err != bufio.ErrBufferFull:
			return l.buf, err
		}
	}
}

// ending judges a bad line: torn, where it is the last and holds bytes that never became
// data; else damage.
func (l *lineReader) ending(at Position, path string, line []byte, why error) (Position, int64, error) {
	if bytes.IndexByte(line, 0) >= 0 {
		torn := int64(len(line)) + 1
		if _, err := l.in.ReadByte(); err == io.EOF {
			return at, torn, nil
		}
	}
	return at, 0, &Damage{path, at.Seq + 1, at.Offset, why}
}

// openFile opens a regular file below its own folder, so that no link leads elsewhere.
// With os.O_CREATE it is made where it is absent, mode 0600.
func openFile(path string, flag int) (*os.File, error) {
	dir, base := filepath.Split(filepath.Clean(path))
	if info, err := os.Stat(filepath.Clean(dir)); err == nil && !info.IsDir() { // a pipe would make us wait
		return nil, &os.PathError{Op: "open", Path: filepath.Clean(dir), Err: syscall.ENOTDIR}
	}
	root, err := os.OpenRoot(filepath.Clean(dir))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := root.Lstat(base)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return nil, &os.PathError{Op: "open", Path: path, Err: errors.New("it is no regular file")}
	case err != nil && (flag&os.O_CREATE == 0 || !errors.Is(err, os.ErrNotExist)):
		return nil, err
	}
	return root.OpenFile(base, flag, 0o600)
}
