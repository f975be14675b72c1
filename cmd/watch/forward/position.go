package forward

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

var (
	// ErrPosition says that a position file is none.
	ErrPosition = errors.New("not a position file")
	// ErrUnsaved says that the position cannot be written. What was sent is sent again.
	ErrUnsaved = errors.New("what is delivered is not noted")
)

// position is a place in the alerts: behind so many bytes of the file that begins so.
type position struct {
	Version int    `json:"version"`
	First   string `json:"first"`  // SHA-256 of the file's first line, hex; "" at the begin of whatever is first
	Offset  int64  `json:"offset"` // bytes of whole lines
}

const positionVersion = 1

// mostPosition bounds the file.
const mostPosition = 4096

// readPosition returns the begin where there is no file.
func readPosition(path string) (position, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return position{Version: positionVersion}, nil
	}
	if err != nil {
		return position{}, err
	}
	defer f.Close() //nolint:errcheck // only read
	data, err := io.ReadAll(io.LimitReader(f, mostPosition+1))
	if err != nil {
		return position{}, err
	}
	p, err := parsePosition(data)
	if err != nil {
		return p, fmt.Errorf("%s: %w; remove it, and all alerts are sent again", text.Escape(path), err)
	}
	return p, nil
}

func parsePosition(data []byte) (p position, err error) {
	if len(data) > mostPosition {
		return p, fmt.Errorf("%w: more than %d bytes", ErrPosition, mostPosition)
	}
	if err := json.Unmarshal(data, &p); err != nil {
		return p, fmt.Errorf("%w: %w", ErrPosition, err)
	}
	sum, err := hex.DecodeString(p.First)
	if err != nil || len(sum) != 0 && len(sum) != sha256.Size || p.Version != positionVersion || p.Offset < 0 || len(sum) == 0 && p.Offset > 0 {
		return p, fmt.Errorf("%w: it says no place", ErrPosition)
	}
	return p, nil
}

// save replaces the position file: 0600, synced, renamed.
func (p position) save(path string) error {
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = publish.Replace(path, func(w io.Writer) error {
		_, err := w.Write(append(data, '\n'))
		return err
	}, nil)
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrUnsaved, err)
	}
	return err
}

// firstLine returns the hash of a file's first line, "" where it has no whole one. Of a line
// longer than mostLine, so much is hashed.
func firstLine(f io.ReaderAt) (string, error) {
	buf := make([]byte, 4096)
	h := sha256.New()
	for at := int64(0); at < mostLine; {
		n, err := f.ReadAt(buf, at)
		if end := bytes.IndexByte(buf[:n], '\n'); end >= 0 {
			h.Write(buf[:end])
			return hex.EncodeToString(h.Sum(nil)), nil
		}
		h.Write(buf[:n])
		at += int64(n)
		if errors.Is(err, io.EOF) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
