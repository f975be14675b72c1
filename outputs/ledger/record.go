package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// MaxLine is the most that a line may have, in bytes with its newline.
const MaxLine = 4 << 20

// Record is one line.
type Record struct {
	Seq    int64           `json:"seq"`     // from 1, without a gap
	TimeNs int64           `json:"time_ns"` // wall clock at writing, ns since 1970 UTC; for people alone
	Event  string          `json:"event"`   // what happened, such as segment
	Body   json.RawMessage `json:"body"`    // of the event's own shape
	Prev   string          `json:"prev"`    // SHA-256 of the line before, hex; "" in the first
}

// Decode reads the body into what v points to. Members that v does not know are ignored.
func (r *Record) Decode(v any) error {
	if err := json.Unmarshal(r.Body, v); err != nil {
		return fmt.Errorf("record %d (%q): %w", r.Seq, r.Event, err)
	}
	return nil
}

// Position is a place between two lines, and what the next one must be. The zero Position
// is the beginning of the file.
type Position struct {
	Offset int64  `json:"offset"` // in bytes
	Seq    int64  `json:"seq"`    // of the last record before; 0: none
	Head   string `json:"head"`   // SHA-256 of that record's line, hex; "" where there is none
}

// after returns the position behind a line that continues p.
func (p Position) after(line []byte) Position {
	return Position{Offset: p.Offset + int64(len(line)) + 1, Seq: p.Seq + 1, Head: HashOf(line)}
}

// HashOf returns the SHA-256 of a line without its newline, as the next one carries it.
func HashOf(line []byte) string {
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:])
}

// parse reads the line, without its newline, that must continue p.
func (p Position) parse(line []byte) (Record, error) {
	var r Record
	if err := json.Unmarshal(line, &r); err != nil {
		return r, fmt.Errorf("it is no record: %w", err)
	}
	switch {
	case r.Seq != p.Seq+1:
		return r, fmt.Errorf("its number is %d where %d was due", r.Seq, p.Seq+1)
	case r.Prev != p.Head:
		return r, errors.New("it does not carry the hash of the line before")
	case r.Event == "":
		return r, errors.New("it names no event")
	}
	return r, nil
}

// appendLine appends the line of a record, with its newline.
func appendLine(b []byte, r *Record) ([]byte, error) {
	out := bytes.NewBuffer(b)
	if err := json.NewEncoder(out).Encode(r); err != nil {
		return nil, err
	}
	if n := out.Len() - len(b); n > MaxLine {
		return nil, fmt.Errorf("record of %d bytes is above the limit of %d", n, MaxLine)
	}
	return out.Bytes(), nil
}
