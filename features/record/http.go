package record

import (
	"bytes"
	"errors"
	"reflect"

	"pcapmill/features/flow"
	"pcapmill/features/record/begin"
	"pcapmill/features/record/http"
	"pcapmill/features/record/printable"
)

var httpProtocol = Protocol{
	Name:  "http",
	Doc:   "requests and responses of HTTP/1 and, in the clear, HTTP/2, one row a message, responses with the request that they answer",
	new:   newHTTPParser,
	state: reflect.TypeFor[*httpTalk](),
}

// httpMessage is a message with what its packet adds.
type httpMessage struct {
	*http.Message
	time    int64
	secrets bool
	scratch []byte
}

// httpTalk is what is known of a connection.
type httpTalk struct {
	http.Conn
	reserved int
	begun    bool
}

// httpTalkBytes is about what an httpTalk takes by itself.
const httpTalkBytes = 256

type httpParser struct {
	*table[httpMessage]
	reader  http.Reader
	message httpMessage
}

func newHTTPParser(ts *Tables) (Parser, error) {
	t, err := newTable(ts, "http", httpColumns())
	p := &httpParser{table: t, message: httpMessage{secrets: ts.options.Secrets}}
	p.message.Message = &p.reader.Message
	return p, err
}

// Hinted implements Parser.
func (p *httpParser) Hinted(src, dst uint16) bool {
	for _, port := range [...]uint16{80, 8080, 8000, 3128} {
		if src == port || dst == port {
			return true
		}
	}
	return false
}

// Begins implements StreamParser.
func (p *httpParser) Begins(head []byte, _, _ uint16) begin.Answer { return http.Begins(head) }

// Stream implements StreamParser.
func (p *httpParser) Stream(c *Conversation, pkt *Packet, data []byte, out *Rows) (used, need int, err error) {
	talk := stateOf[httpTalk](c, httpTalkBytes)
	if !talk.begun {
		talk.begun = true
		talk.After(c.Numbered)
	}
	at := http.Mark{Packet: pkt.Index, Time: pkt.Time, Capture: pkt.Capture}
	for more := true; more; {
		var n int
		n, need, more, err = p.reader.Next(&talk.Conn, pkt.Side, data[used:], at)
		used += n
		if more {
			p.found(c, pkt, out)
		}
		more = more && err == nil && used < len(data)
	}
	grown := talk.Bytes() - talk.reserved
	c.Reserve(grown)
	talk.reserved += grown
	return used, need, streamError(err)
}

// streamError says in the terms of a StreamParser why a Reader has ended.
func streamError(err error) error {
	switch {
	case errors.Is(err, http.ErrDone):
		return ErrDone
	case errors.Is(err, http.ErrTunnel):
		return ErrSwitch
	}
	return err
}

// Gap implements StreamParser.
func (p *httpParser) Gap(c *Conversation, pkt *Packet, _ int64) bool {
	return stateOf[httpTalk](c, httpTalkBytes).Gap(pkt.Side)
}

// found adds the row of the message that was read and says what the flow's row takes of it.
func (p *httpParser) found(c *Conversation, pkt *Packet, out *Rows) {
	m := &p.message
	m.time = pkt.Time
	c.Numbered = max(c.Numbered, m.Exchange)
	p.add(out, pkt, m)
	if m.Kind == http.Response {
		if m.Status >= 200 {
			c.SayStatus(int32(m.Status))
		}
		return
	}
	m.say(c, flow.HTTPHost, m.Host)
	m.say(c, flow.ServerName, withoutPort(m.Host))
	agent, _ := m.Get(http.UserAgent)
	m.say(c, flow.UserAgent, agent)
}

// say sets a text of the flow's row, unless an earlier message has.
func (m *httpMessage) say(c *Conversation, text flow.AppText, value []byte) {
	if len(value) > 0 && !c.App.Says(text) {
		c.Say(text, m.printable(value))
	}
}

func withoutPort(host []byte) []byte {
	colon := bytes.LastIndexByte(host, ':')
	if colon >= 0 && bytes.IndexByte(host[colon:], ']') < 0 {
		host = host[:colon]
	}
	return bytes.TrimSuffix(bytes.TrimPrefix(host, []byte("[")), []byte("]"))
}

func (m *httpMessage) printable(text []byte) []byte {
	m.scratch = printable.Append(m.scratch[:0], text)
	return m.scratch
}
