package decompress

import (
	"bufio"
	"io"

	"github.com/klauspost/compress/gzip"
)

// gzipReader reads gzip members one after another (RFC 1952). It steps from
// member to member itself to tell padding and garbage from a damaged member.
type gzipReader struct {
	in     *bufio.Reader
	member *gzip.Reader // nil before the first
	inside bool         // a member is being read
}

func newGzip(in *bufio.Reader) *gzipReader { return &gzipReader{in: in} }

func (g *gzipReader) Read(p []byte) (int, error) {
	for {
		if !g.inside {
			if err := g.next(); err != nil {
				return 0, err
			}
		}
		n, err := g.member.Read(p)
		if err == io.EOF {
			g.inside = false
			err = nil
		}
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
}

// next starts the next member, or returns io.EOF where there is none.
func (g *gzipReader) next() error {
	first := g.member == nil
	if !first {
		if err := skipPadding(g.in); err != nil {
			return err
		}
		if magic, err := g.in.Peek(2); err != nil || magic[0] != 0x1f || magic[1] != 0x8b {
			return ErrTrailing
		}
	}
	var err error
	if first {
		g.member, err = gzip.NewReader(g.in)
	} else {
		err = g.member.Reset(g.in)
	}
	if err != nil {
		return noEOF(err)
	}
	g.member.Multistream(false)
	g.inside = true
	return nil
}

func (g *gzipReader) close() {
	if g.member != nil {
		g.member.Close()
	}
}
