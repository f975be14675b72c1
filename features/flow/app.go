package flow

import (
	"slices"
	"unicode/utf8"

	"pcapmill/features/column"
)

// AppText is a text that the messages of a flow say about it.
type AppText uint8

// The texts, in the order of their columns.
const (
	ServerName AppText = iota
	ALPN
	TLSVersion
	JA3
	JA3S
	JA4
	HASSH
	HASSHServer
	DNSName
	HTTPHost
	UserAgent
	appTexts
)

// appColumns are the texts' columns.
var appColumns = [appTexts]struct {
	name, doc, source string
	most              int // bytes; the rest is cut off, in front of a character
	role              column.Role
}{
	ServerName:  {"server_name", "Name of the server that the client asked for: in the TLS or QUIC hello (of ECH the outer one), else the HTTP host without its port.", "RFC 6066, RFC 9110", 255, column.LeakProne},
	ALPN:        {"alpn", "Application protocol that the TLS server chose; the client's offers, separated by commas, where the server's answer does not say or was not seen.", "RFC 7301", 255, column.Feature},
	TLSVersion:  {"tls_version", "Version that the TLS server chose: SSLv3, TLSv1.0, …, TLSv1.3; of QUIC too.", "RFC 8446", 16, column.Feature},
	JA3:         {"ja3", "JA3 of the TLS client hello: MD5 of its version, ciphers, extensions, groups, point formats.", "Salesforce JA3", 32, column.Feature},
	JA3S:        {"ja3s", "JA3S of the TLS server hello: MD5 of its version, cipher, extensions.", "Salesforce JA3", 32, column.Feature},
	JA4:         {"ja4", "JA4 of the TLS or QUIC client hello. The rest of its family is under a licence that does not allow it here.", "FoxIO JA4", 36, column.Feature},
	HASSH:       {"hassh", "HASSH of the SSH client: MD5 of its key exchange, cipher, MAC and compression lists.", "Salesforce HASSH", 32, column.Feature},
	HASSHServer: {"hassh_server", "HASSH of the SSH server.", "Salesforce HASSH", 32, column.Feature},
	DNSName:     {"dns_name", "Name for which DNS gave the initiator the responder's address: of the answers seen before the flow's first packet and valid then, the latest; through CNAMEs the name that was asked for.", "", 255, column.LeakProne},
	HTTPHost:    {"http_host", "Host of the first HTTP request, as it is written.", "RFC 9110", 255, column.LeakProne},
	UserAgent:   {"user_agent", "User agent of the first HTTP request that has one; at most 512 bytes.", "RFC 9110", 512, column.Feature},
}

// App is what the streams and messages of a flow say about it.
type App struct {
	texts   [appTexts]stretch
	status  int32     // first HTTP status; 0: none
	bytes   []byte    // of the texts
	Streams [2]Stream // by direction
	lookups *Lookups  // nil: nobody asked
}

// stretch is where a text lies in an App's bytes; empty: nothing has said it. All that
// are as long as they may be come to less than 1 << 16.
type stretch struct{ from, to uint16 }

// textsKept is how much of an App's memory is used again, in bytes.
const textsKept = 512

// ordinaryTexts has room for what most flows say.
const ordinaryTexts = 96

// Stream is how the bytes of one TCP direction came, as far as they were looked at.
type Stream struct {
	Bytes         int64 // in order or brought into it
	GapBytes      int64 // missing for good
	HeldBytes     int64 // came before bytes that belong before them
	OverlapBytes  int64 // came again: alike, or for a place read already
	ConflictBytes int64 // came again and differ from what waited
	Gaps          int64
	StartKnown    bool // by a SYN of either side
	Seen          bool // anything was looked at
}

// Add adds what a stream of the same direction was like before.
func (s *Stream) Add(before *Stream) {
	s.Bytes, s.GapBytes, s.HeldBytes = s.Bytes+before.Bytes, s.GapBytes+before.GapBytes, s.HeldBytes+before.HeldBytes
	s.OverlapBytes, s.ConflictBytes, s.Gaps = s.OverlapBytes+before.OverlapBytes, s.ConflictBytes+before.ConflictBytes, s.Gaps+before.Gaps
	s.Seen = s.Seen || before.Seen
	if before.Bytes+before.GapBytes > 0 {
		s.StartKnown = before.StartKnown
	}
}

// Set sets a text that is not set yet and returns the bytes that it takes.
func (a *App) Set(text AppText, value []byte) int { return set(a, text, value) }

// SetString does the same of a string.
func (a *App) SetString(text AppText, value string) { set(a, text, value) }

func set[T []byte | string](a *App, text AppText, value T) int {
	at := &a.texts[text]
	if at.to > at.from {
		return 0
	}
	if a.bytes == nil {
		a.bytes = make([]byte, 0, ordinaryTexts)
	}
	value = value[:fitting(value, appColumns[text].most)]
	start := len(a.bytes)
	a.bytes = append(a.bytes, value...)
	*at = stretch{uint16(start), uint16(len(a.bytes))}
	return len(value)
}

// fitting returns how many bytes of a text there is room for. No character is cut: tables hold
// UTF-8 and nothing else, and one that does not would end the run.
func fitting[T []byte | string](s T, room int) int {
	n := min(len(s), room)
	for n > 0 && n < len(s) && !utf8.RuneStart(s[n]) {
		n--
	}
	return n
}

// Reset makes it one that says nothing. It keeps memory of an ordinary size.
func (a *App) Reset() {
	own := a.bytes[:0]
	if cap(own) > textsKept {
		own = nil
	}
	*a = App{bytes: own}
}

// Asked returns what DNS messages of the flow ask for and are told, to be added to.
// Memory for them is of spares; nil: new.
func (a *App) Asked(spares *Apps) *Lookups {
	if a.lookups == nil {
		a.lookups = spares.ask()
	}
	return a.lookups
}

// Lookups returns the same to be read; nil where there are none.
func (a *App) Lookups() *Lookups {
	if a == nil {
		return nil
	}
	return a.lookups
}

// Clear takes a text away and returns the bytes that it took.
func (a *App) Clear(text AppText) int {
	gone := a.texts[text]
	n := gone.to - gone.from
	if n == 0 {
		return 0
	}
	a.bytes = slices.Delete(a.bytes, int(gone.from), int(gone.to))
	a.texts[text] = stretch{}
	for i := range a.texts {
		if at := &a.texts[i]; at.from >= gone.to {
			at.from, at.to = at.from-n, at.to-n
		}
	}
	return int(n)
}

// Says reports whether a text is set.
func (a *App) Says(text AppText) bool { return a != nil && a.texts[text].to > a.texts[text].from }

// Text returns a text; empty where there is none.
func (a *App) Text(text AppText) string {
	if a == nil {
		return ""
	}
	return string(a.text(text))
}

// Value returns a text as the App's own bytes, which must not be changed; empty where
// there is none.
func (a *App) Value(text AppText) []byte {
	if a == nil {
		return nil
	}
	return a.text(text)
}

// text does the same of an App that there is.
func (a *App) text(text AppText) []byte {
	at := a.texts[text]
	return a.bytes[at.from:at.to]
}

// copyFrom makes a say the same as b, with memory of its own. Lookups are not copied:
// they are of one piece alone.
func (a *App) copyFrom(b *App) {
	own := append(a.bytes[:0], b.bytes...)
	*a = *b
	a.bytes, a.lookups = own, nil
}

// TextBytes returns what the texts take; 0 of nil.
func (a *App) TextBytes() int64 {
	if a == nil {
		return 0
	}
	return int64(len(a.bytes))
}

// warm loads a word of every 64 bytes of an App and its texts: see Row.warm.
func (a *App) warm() (sum uint64) {
	if a == nil {
		return 0
	}
	sum = uint64(a.texts[0].to) + uint64(a.Streams[0].Bytes) + uint64(a.Streams[1].Gaps)
	for at := 0; at < len(a.bytes); at += 64 {
		sum += uint64(a.bytes[at])
	}
	return sum
}

// SetStatus sets the first HTTP status, unless there is one.
func (a *App) SetStatus(code int32) {
	if a.status == 0 {
		a.status = code
	}
}

// Apps hands Apps out and takes them back, to be used again. The zero value keeps none.
type Apps struct {
	Most   int        // that are kept and nobody uses
	unused []*App     `snapshot:"-"`
	asked  []*Lookups `snapshot:"-"` // apart: few flows ask, and in time all Apps would have some
}

// Get returns an empty App.
func (s *Apps) Get() *App {
	last := len(s.unused) - 1
	if last < 0 {
		return new(App)
	}
	a := s.unused[last]
	s.unused = s.unused[:last]
	return a
}

// Copy returns a copy that changes no more when a does; nil of nil.
func (s *Apps) Copy(a *App) *App {
	if a == nil {
		return nil
	}
	b := s.Get()
	b.copyFrom(a)
	return b
}

// Put takes an App back.
func (s *Apps) Put(a *App) {
	if len(s.unused) >= s.Most {
		return
	}
	if l := a.lookups; l != nil && len(s.asked) < s.Most {
		l.reset()
		s.asked = append(s.asked, l)
	}
	a.Reset()
	s.unused = append(s.unused, a)
}

// ask returns empty Lookups.
func (s *Apps) ask() *Lookups {
	if s == nil || len(s.asked) == 0 {
		return new(Lookups)
	}
	last := len(s.asked) - 1
	l := s.asked[last]
	s.asked = s.asked[:last]
	return l
}

// Trim gives up those that nobody uses.
func (s *Apps) Trim() { s.unused, s.asked = nil, nil }
