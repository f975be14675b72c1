package http

// Mark is when a message was there: the packet that brought the last byte of its head.
type Mark struct {
	Packet, Time int64
	Capture      int32 // that the packet is of
}

// Asked is a request that waits for its response.
type Asked struct {
	At       Mark
	exchange int64
	stream   uint32
	// text is method, host and URI one behind the other, the first two of these lengths.
	text         []byte
	method, host int
}

// Method returns the request's method.
func (a *Asked) Method() []byte { return a.text[:a.method] }

// Host returns the request's Host.
func (a *Asked) Host() []byte { return a.text[a.method : a.method+a.host] }

// URI returns the request's URI.
func (a *Asked) URI() []byte { return a.text[a.method+a.host:] }

// Bounds of the requests that wait.
const (
	maxAsked      = 64
	maxAskedTexts = 1 << 16 // bytes
)

// Conn is what is to be known of a connection from one call of a Reader to the next. The
// zero Conn is one of which nothing was seen.
type Conn struct {
	sides    [2]side
	http2    bool
	tables   [2]*dynamicTable // of HTTP/2
	exchange int64            // the last number given
	answered int64            // exchange of the last response
	lost     bool             // something was not seen: who answers whom cannot be said any more

	asked   []Asked `snapshot:"cap"` // oldest first; behind them, slots with memory to use again
	texts   int     // bytes of theirs
	refused int     // requests behind them that have no room
}

// After makes the numbers of a Conn of which nothing was seen go on behind those of
// an earlier one.
func (c *Conn) After(number int64) { c.exchange, c.answered = number, number }

// restart makes HTTP/2 begin where another message of HTTP/1 would. Numbers go on. The
// request that asked for it, if it is known, has stream 1 (RFC 7540 §3.2).
func (c *Conn) restart(asked *Asked) {
	last := c.exchange
	*c = Conn{http2: true}
	c.After(last)
	if asked != nil {
		c.asked, c.texts = []Asked{*asked}, len(asked.text)
		c.asked[0].stream = 1
	}
}

// side is where one direction stands.
type side struct {
	state state
	seen  int // bytes of what is not complete that need not be looked at again
	lines int // of the trailer
	bytes int // of the trailer
	heads bool
	waits bool // its last request is a CONNECT
}

type state uint8

const (
	atHead    state = iota // of a message, or lost: before something that may be one
	atChunk                // its length
	atData                 // end of a chunk's data
	atTrailer              // behind the last chunk
	atFrame                // of HTTP/2
	atEnd                  // nothing more is of interest
)

// Bytes returns what memory the Conn holds beside its own.
func (c *Conn) Bytes() int {
	n := cap(c.asked) * askedBytes
	for i := range c.asked[:cap(c.asked)] {
		n += cap(c.asked[:cap(c.asked)][i].text)
	}
	for _, t := range c.tables {
		if t != nil {
			n += t.bytes()
		}
	}
	return n
}

const askedBytes = 80

// ask notes a request, where there is room.
func (c *Conn) ask(m *Message, at Mark) {
	c.exchange++
	m.Exchange = c.exchange
	if c.lost {
		return
	}
	if m.Unqueued = len(c.asked) >= maxAsked || c.refused > 0; !m.Unqueued {
		m.Unqueued = !c.queue(m, at)
	}
	if m.Unqueued && !c.http2 {
		c.refused++
	}
}

func (c *Conn) queue(m *Message, at Mark) bool {
	n := len(c.asked)
	if n < cap(c.asked) {
		c.asked = c.asked[:n+1]
	} else {
		c.asked = append(c.asked, Asked{})
	}
	a := &c.asked[n]
	a.At, a.exchange, a.stream = at, m.Exchange, m.Stream
	a.method, a.host = len(m.Method), len(m.Host)
	a.text = append(append(append(a.text[:0], m.Method...), m.Host...), m.URI...)
	if c.texts+len(a.text) > maxAskedTexts {
		c.asked, a.text = c.asked[:n], nil
		return false
	}
	c.texts += len(a.text)
	return true
}

// answer joins a response with its request. It stays in the queue behind an interim one.
func (c *Conn) answer(m *Message) {
	interim := m.Status >= 100 && m.Status < 200 && m.Status != 101
	if at := c.find(m); at >= 0 {
		m.Request = &c.asked[at]
		m.Exchange = m.Request.exchange
		if !interim {
			m.Request = c.take(at)
		}
	} else if c.refused > 0 && !c.lost {
		m.Exchange = c.answered + 1
		if !interim {
			c.refused--
		}
	} else {
		m.Exchange = c.exchange + 1
		if !interim {
			c.exchange++
		}
	}
	if !interim {
		c.answered = m.Exchange
	}
}

// isConnect reports the method that asks for a tunnel.
func isConnect(method []byte) bool { return string(method) == "CONNECT" }

// waits reports a side whose last request is a CONNECT without an answer: what comes
// behind it is perhaps of another protocol.
func (c *Conn) waits(s *side) bool {
	return s.waits && !c.lost && len(c.asked) > 0 && isConnect(c.asked[len(c.asked)-1].Method())
}

// find returns the place of the request that a response is for, -1 where it is not known.
func (c *Conn) find(m *Message) int {
	if c.http2 {
		return c.findStream(m.Stream)
	}
	if c.lost || len(c.asked) == 0 {
		return -1
	}
	return 0
}

func (c *Conn) findStream(stream uint32) int {
	for i := range c.asked {
		if c.asked[i].stream == stream {
			return i
		}
	}
	return -1
}

// take takes a request out of the queue. It is there until the next is asked.
func (c *Conn) take(at int) *Asked {
	taken, last := c.asked[at], len(c.asked)-1
	copy(c.asked[at:], c.asked[at+1:])
	c.asked[last] = taken
	c.asked = c.asked[:last]
	c.texts -= len(taken.text)
	return &c.asked[:last+1][last]
}

// lose says that something of a side was not seen or understood. Its next head is looked
// for where a packet's bytes begin.
func (c *Conn) lose(s *side) {
	c.lost = c.lost || s.heads
	*s = side{heads: s.heads}
}

// Gap says that bytes of a side are missing, and reports whether heads behind them can be
// found.
func (c *Conn) Gap(number uint8) bool {
	s := &c.sides[number]
	if s.state == atFrame || c.http2 {
		s.state = atEnd // the tables lack what was there, and frames begin anywhere behind it
		return false
	}
	c.lost = c.lost || c.exchange > 0
	c.lose(s)
	return true
}
