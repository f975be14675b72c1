package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"pcapmill/outputs/jsonscan"
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

	offset int64 // where a record that was read begins
}

// Begin returns the position before a record that was read.
func (r *Record) Begin() Position { return Position{Offset: r.offset, Seq: r.Seq - 1, Head: r.Prev} }

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

var positionMembers = []string{"offset", "seq", "head"}

// Scan reads a position from JSON; see package jsonscan.
func (p *Position) Scan(c *jsonscan.Cursor) bool {
	return c.Members(positionMembers, func(name string) bool {
		switch name {
		case "offset":
			return c.IntTo(&p.Offset)
		case "seq":
			return c.IntTo(&p.Seq)
		}
		return c.TextTo(&p.Head)
	})
}

// parse reads the line, without its newline, that must continue p.
func (p Position) parse(line []byte) (Record, error) {
	r, ok := scanRecord(line)
	if !ok {
		r = Record{}
		if err := json.Unmarshal(line, &r); err != nil {
			return r, fmt.Errorf("it is no record: %w", err)
		}
	}
	r.offset = p.Offset
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

// scanRecord reads a line as appendLine writes it. Where it is another, encoding/json has to say
// what it is; of what this function takes, that would say the same, in ten times the time.
func scanRecord(line []byte) (r Record, ok bool) {
	c := jsonscan.New(line)
	if !c.Literal(`{"seq":`) {
		return r, false
	}
	if r.Seq, ok = c.Int(); !ok || !c.Literal(`,"time_ns":`) {
		return r, false
	}
	if r.TimeNs, ok = c.Int(); !ok || !c.Literal(`,"event":`) {
		return r, false
	}
	event, ok := c.Text()
	if !ok || !c.Literal(`,"body":`) {
		return r, false
	}
	from := c.At()
	if !c.Skip() {
		return r, false
	}
	body := line[from:c.At()]
	if !c.Literal(`,"prev":`) {
		return r, false
	}
	prev, ok := c.Text()
	if !ok || !c.Literal(`}`) || !c.End() {
		return r, false
	}
	r.Event, r.Body, r.Prev = string(event), bytes.Clone(body), string(prev)
	return r, true
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
