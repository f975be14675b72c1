package source

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
)

// maxLine is far above the longest alerts, which quote what packets had in them.
const maxLine = 4 << 20

// line is a line of a text file, without its end.
type line struct {
	place
	text []byte // valid until the next line
}

// eachLine hands over the lines that have something in them, in their order, until do returns an
// error. Lines longer than maxLine are refused.
func (r *reading) eachLine(do func(line) error) error {
	var l line
	buf := make([]byte, 0, 4096)
	for next := int64(0); ; {
		l.line, l.offset = l.line+1, next
		text, size, err := readLine(r.in, buf[:0])
		next += size
		buf = text
		if err != nil && err != io.EOF {
			return r.at(place{l.line, next}, fmt.Errorf("%w: %w", ErrOpen, unwrapPath(err)))
		}
		last := err == io.EOF
		if l.line == 1 {
			text = bytes.TrimPrefix(text, []byte("\ufeff")) // as editors of Windows begin a file
		}
		l.text = bytes.TrimRight(text, "\r\n")
		if size > maxLine {
			err = r.refuse(l.place, fmt.Errorf("a line of %d bytes, and %d are the most", size, maxLine))
		} else if err = nil; len(bytes.TrimSpace(l.text)) > 0 {
			err = do(l)
		}
		if err != nil || last {
			return err
		}
	}
}

// readLine appends the next line with its end to buf, maxLine at most, and returns how long it is.
func readLine(in *bufio.Reader, buf []byte) (text []byte, size int64, err error) {
	for {
		part, err := in.ReadSlice('\n')
		size += int64(len(part))
		if size <= maxLine {
			buf = append(buf, part...)
		}
		if err != bufio.ErrBufferFull {
			return buf, size, err
		}
	}
}

// whole returns all of a file that is read at once, of a number of bytes at most.
func (r *reading) whole(most int) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r.in, int64(most)+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrOpen, unwrapPath(err))
	case len(data) > most:
		return nil, fmt.Errorf("%w: more than %d bytes", ErrLimit, most)
	}
	return data, nil
}
