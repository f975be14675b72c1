package http

import "bytes"

// Kind is what a head is of.
type Kind uint8

// The kinds.
const (
	Request Kind = iota
	Response
	Push // a request of HTTP/2 that the server makes for the client
)

var kindNames = [...]string{"request", "response", "push"}

// String returns the kind's name.
func (k Kind) String() string { return kindNames[k] }

// Head is the head of a message. Its texts are those of the data and the Reader that it
// was read with, until the next call.
type Head struct {
	Kind         Kind
	Major, Minor uint8  // of the version
	Method       []byte // of a request
	Target       []byte // of a request, as it is written
	Authority    []byte // of HTTP/2, :authority
	Status       int    // of a response; 0 where it has none
	Reason       []byte // of a response
	Fields       []Field
	first        [names]uint16 // of each name, its place among Fields plus one; 0: there is none
	Stream       uint32        // of HTTP/2
	Bytes        int           // with the empty line; in HTTP/2 its frames
	Malformed    bool
}

// is compares without case; lower is in lower case.
func is(text []byte, lower string) bool {
	if len(text) != len(lower) {
		return false
	}
	for i, c := range text {
		if c|caseBit(c) != lower[i] {
			return false
		}
	}
	return true
}

// caseBit is what makes a letter a small one.
func caseBit(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return 0x20
	}
	return 0
}

// host returns the host that a request names, without what a user may have put in front
// of it and without a query behind it: its Host field, else the authority of HTTP/2 or the target.
func (h *Head) host() []byte {
	if host, _ := h.Get(HostName); len(host) > 0 {
		return bareHost(host)
	}
	if len(h.Authority) > 0 {
		return bareHost(h.Authority)
	}
	if isConnect(h.Method) {
		return bareHost(h.Target)
	}
	if _, rest, ok := bytes.Cut(h.Target, []byte("://")); ok && !bytes.HasPrefix(h.Target, []byte("/")) {
		if end := bytes.IndexAny(rest, "/?#"); end >= 0 {
			rest = rest[:end]
		}
		return withoutUser(rest)
	}
	return nil
}

// headEnd finds the empty line that ends a head and returns the offset behind it; -1
// where it is not there yet, with the offset to look from once there is more.
func headEnd(b []byte, from int) (end, seen int) {
	for {
		i := bytes.IndexByte(b[from:], '\n')
		if i < 0 {
			return -1, len(b)
		}
		from += i
		switch rest := b[from+1:]; {
		case len(rest) == 0, len(rest) == 1 && rest[0] == '\r':
			return -1, from
		case rest[0] == '\n':
			return from + 2, 0
		case rest[0] == '\r' && rest[1] == '\n':
			return from + 3, 0
		}
		from++
	}
}

// takeLine takes a line, without its end, off b.
func takeLine(b []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(b, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), rest
}

// parse reads a head of HTTP/1 and reports whether its first line is one. ErrTooLarge
// says that it has too many fields, of which the first are there.
func (r *Reader) parse(b []byte) (ok bool, err error) {
	h := &r.Head
	r.reset()
	r.work += len(b)
	h.Bytes = len(b)
	line, rest := takeLine(b)
	if !h.startLine(line) {
		return false, nil
	}
	for len(rest) > 0 && err == nil {
		err = r.field(&rest)
	}
	return true, err
}

// reset makes the message an empty one.
func (r *Reader) reset() {
	r.Message = Message{Head: Head{Fields: r.Fields[:0]}}
	r.texts = r.texts[:0]
}

// field takes a field with its folded lines off b. Lines that are no field's are passed
// over: what they hold may be anything.
func (r *Reader) field(b *[]byte) error {
	line, rest := takeLine(*b)
	whole := len(line)
	lines := *b
	for len(rest) > 0 && isSpace(rest[0]) {
		folded, behind := takeLine(rest)
		whole = len(lines) - len(rest) + len(folded)
		rest = behind
	}
	*b = rest
	if len(line) == 0 && whole == 0 {
		return nil
	}
	name, value, ok := r.cutName(line)
	if !ok {
		return nil
	}
	if len(r.Fields) >= maxFields {
		r.Malformed = true
		return ErrTooLarge
	}
	if whole > len(line) {
		value = r.unfold(lines[len(line)-len(value) : whole])
	}
	r.add(name, value)
	return nil
}

// cutName cuts a line behind a field's name, false where it has none.
func (r *Reader) cutName(line []byte) (name, value []byte, ok bool) {
	n := 0
	for n < len(line) && tokenBytes[line[n]] {
		n++
	}
	name, rest := line[:n], line[n:]
	for len(rest) > 0 && isSpace(rest[0]) {
		rest = rest[1:]
	}
	if n == 0 || len(rest) == 0 || rest[0] != ':' {
		r.Malformed = true
		return nil, nil, false
	}
	r.Malformed = r.Malformed || len(rest) < len(line)-n // blanks in front of the colon
	return name, rest[1:], true
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

// unfold makes a value of one line (RFC 9112 §5.2).
func (r *Reader) unfold(lines []byte) []byte {
	start := len(r.texts)
	for len(lines) > 0 {
		line, rest := takeLine(lines)
		if line = trim(line); len(line) > 0 {
			if len(r.texts) > start {
				r.texts = append(r.texts, ' ')
			}
			r.texts = append(r.texts, line...)
		}
		lines = rest
	}
	return r.texts[start:]
}

// isToken reports a token of RFC 9110 §5.6.2.
func isToken(b []byte) bool {
	for _, c := range b {
		if !tokenBytes[c] {
			return false
		}
	}
	return len(b) > 0
}

var tokenBytes = func() (set [256]bool) {
	for _, c := range []byte("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		set[c] = true
	}
	return set
}()
