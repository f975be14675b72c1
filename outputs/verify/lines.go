package verify

import (
	"context"
	"errors"
	"io"
)

// lineKind says whether a line feed inside quotes ends a line.
type lineKind uint8

const (
	plainLines  lineKind = iota // JSON lines
	quotedLines                 // CSV and TSV
)

// countLines counts the lines of a text table from its beginning.
func countLines(ctx context.Context, h io.ReadSeeker, kind lineKind) (int64, error) {
	if _, err := h.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	r := &contextReader{ctx, h}
	lines, quoted, last := int64(0), false, byte('\n')
	buf := make([]byte, 64<<10)
	for {
		n, err := r.Read(buf)
		for _, c := range buf[:n] {
			switch {
			case c == '"' && kind == quotedLines:
				quoted = !quoted
			case c == '\n' && !quoted:
				lines++
			}
			last = c
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, err
		}
	}
	if quoted || last != '\n' {
		return 0, errors.New("ends inside a line")
	}
	return lines, nil
}
