package http

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pcapmill/features/record/begin"
)

// part is what one side sends at a time.
type part struct {
	side uint8
	data string
}

func client(data string) part { return part{0, data} }
func server(data string) part { return part{1, data} }

// feeder gives a Reader the bytes of a connection as the stream layer does: it keeps what
// is not used, waits for what is needed and skips what is not wanted.
type feeder struct {
	reader Reader
	conn   Conn
	sides  [2]struct {
		unused     []byte
		need, skip int
		done       bool
	}
	out    []string
	calls  int
	failed bool
}

func (f *feeder) feed(p part) {
	s := &f.sides[p.side]
	if s.done || f.failed {
		return
	}
	data := p.data
	skip := min(s.skip, len(data))
	s.skip -= skip
	s.unused = append(s.unused, data[skip:]...)
	for len(s.unused) > 0 && len(s.unused) >= s.need {
		used, need, found, err := f.reader.Next(&f.conn, p.side, s.unused, Mark{})
		f.calls++
		if found {
			f.out = append(f.out, show(&f.reader.Message))
		}
		s.need = need
		if used > len(s.unused) {
			s.skip, used = used-len(s.unused), len(s.unused)
		}
		s.unused = s.unused[used:]
		switch {
		case errors.Is(err, ErrDone):
			s.done = true
			f.out = append(f.out, fmt.Sprintf("%d done", p.side))
		case err != nil:
			f.failed = true
			f.out = append(f.out, err.Error())
		}
		if !found || s.done || f.failed {
			return
		}
	}
}

func show(m *Message) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s %d.%d ", m.Exchange, m.Kind, m.Major, m.Minor)
	if m.Kind == Response {
		fmt.Fprintf(&b, "%d %q", m.Status, m.Reason)
		if m.Request != nil {
			fmt.Fprintf(&b, " to %s %s%s", m.Request.Method(), m.Request.Host(), m.Request.URI())
		}
	} else {
		fmt.Fprintf(&b, "%s %s%s", m.Method, m.Host, m.URI)
	}
	for i := range m.Fields {
		fmt.Fprintf(&b, " [%s=%s]", m.Fields[i].Name, m.Fields[i].Value)
	}
	fmt.Fprintf(&b, " head %d body %d", m.Bytes, m.Body)
	if m.Malformed {
		b.WriteString(" malformed")
	}
	if m.Unqueued {
		b.WriteString(" unqueued")
	}
	return b.String()
}

func read(parts ...part) []string {
	var f feeder
	for _, p := range parts {
		f.feed(p)
	}
	return f.out
}

const (
	get  = "GET / HTTP/1.1\r\nHost: a\r\n\r\n" // 27 bytes
	ok2  = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	auth = "Authorization: Basic dTpw\r\n"
)

// frame writes a frame of HTTP/2.
func frame(kind, flags uint8, stream uint32, payload string) string {
	n := len(payload)
	return string([]byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags, byte(stream >> 24), byte(stream >> 16), byte(stream >> 8), byte(stream)}) + payload
}

// conversations are what was sent and what is read of it.
var conversations = []struct {
	name  string
	parts []part
	want  []string
}{
	{"keep-alive", []part{client(get), server(ok2), client("HEAD /x?q=1 HTTP/1.1\nhost:  b \n\n"), server("HTTP/1.1 200 OK\nContent-Length: 999\n\n"), client(get), server("HTTP/1.1 304 \r\n\r\n")}, []string{
		"1 request 1.1 GET a/ [Host=a] head 27 body 0",
		`1 response 1.1 200 "OK" to GET a/ [Content-Length=2] head 38 body 2`,
		"2 request 1.1 HEAD b/x [host=b] head 32 body 0",
		`2 response 1.1 200 "OK" to HEAD b/x [Content-Length=999] head 37 body 0`,
		"3 request 1.1 GET a/ [Host=a] head 27 body 0",
		`3 response 1.1 304 "" to GET a/ head 17 body 0`,
	}},
	{"pipelined, blank lines in front", []part{client("\r\n\n" + get + "POST /p HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc\r\n" + get), server(ok2 + "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n" + "HTTP/1.0 200\r\n\r\nall the rest")}, []string{
		"1 request 1.1 GET a/ [Host=a] head 27 body 0",
		"2 request 1.0 POST /p [Content-Length=3] head 39 body 3",
		"3 request 1.1 GET a/ [Host=a] head 27 body 0",
		`1 response 1.1 200 "OK" to GET a/ [Content-Length=2] head 38 body 2`,
		`2 response 1.1 100 "Continue" to POST /p head 25 body 0`,
		`2 response 1.1 204 "No Content" to POST /p head 27 body 0`,
		`3 response 1.0 200 "" to GET a/ head 16 body -1`, "1 done",
	}},
	{"chunks with extensions and a trailer", []part{
		client("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\ntransfer-encoding: Chunked\r\n\r\n5;name=\"v\"\r\nHTTP/\r\n00A \r\n0123456789\n0\r\nX: y\r\n\r\n" + get),
		server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 7\r\n\r\n0\r\n\r\n" + ok2),
	}, []string{
		"1 request 1.1 POST / [Transfer-Encoding=gzip] [transfer-encoding=Chunked] head 72 body -1",
		"2 request 1.1 GET a/ [Host=a] head 27 body 0",
		`1 response 1.1 200 "OK" to POST / [Transfer-Encoding=chunked] [Content-Length=7] head 66 body -1`,
		`2 response 1.1 200 "OK" to GET a/ [Content-Length=2] head 38 body 2`,
	}},
	{"folded fields and those that are none", []part{client("GET /a b HTTP/1.1\r\nX-A: one\r\n\ttwo \r\n  three\r\nEmpty:\r\n  \r\nno field\r\n more of it\r\nBad Name: x\r\nSpace : y\r\n: z\r\nDup: 1\r\nDup: 2\r\n\r\n")}, []string{
		"1 request 1.1 GET /a b [X-A=one two three] [Empty=] [Space=y] [Dup=1] [Dup=2] head 127 body 0 malformed",
	}},
	{"lengths", []part{
		client(strings.Repeat(get, 3)),
		server("HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\ncontent-length:2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n" + ok2),
	}, []string{
		"1 request 1.1 GET a/ [Host=a] head 27 body 0", "2 request 1.1 GET a/ [Host=a] head 27 body 0", "3 request 1.1 GET a/ [Host=a] head 27 body 0",
		`1 response 1.1 200 "OK" to GET a/ [Content-Length=2, 2] [content-length=2] head 59 body 2`,
		`2 response 1.1 200 "OK" to GET a/ [Content-Length=2] [Content-Length=3] head 57 body -1 malformed`, "1 done",
	}},
	{"a websocket", []part{client(get), server("HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n\x81\x02hi"), client(get)}, []string{
		"1 request 1.1 GET a/ [Host=a] head 27 body 0",
		`1 response 1.1 101 "Switching" to GET a/ [Upgrade=websocket] head 46 body 0`, ErrTunnel.Error(),
	}},
	{"a tunnel, at the second attempt", []part{
		client("CONNECT u:p@b:443 HTTP/1.1\r\n\r\n"), server("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"),
		client("CONNECT b:443 HTTP/1.1\r\n" + auth + "\r\n"), server("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"), client("\x16\x03\x01"),
	}, []string{
		"1 request 1.1 CONNECT b:443b:443 head 30 body 0",
		`1 response 1.1 407 "No" to CONNECT b:443b:443 [Content-Length=0] head 38 body 0`,
		"2 request 1.1 CONNECT b:443b:443 [Authorization=Basic dTpw] head 53 body 0",
		`2 response 1.1 200 "OK" to CONNECT b:443b:443 [Content-Length=100] head 40 body 0`, ErrTunnel.Error(),
	}},
	{"a tunnel whose answer is not waited for", []part{
		client("CONNECT b:443 HTTP/1.1\r\n\r\n\x16\x03\x01"), client("\x02\x00"), server("HTTP/1.1 200 OK\r\n\r\n\x16"),
	}, []string{
		"1 request 1.1 CONNECT b:443b:443 head 26 body 0", `1 response 1.1 200 "OK" to CONNECT b:443b:443 head 19 body 0`, ErrTunnel.Error(),
	}},
	{"one that is refused", []part{
		client("CONNECT b:443 HTTP/1.1\r\n\r\n\x16\x03\x01"), server("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"), client("\x02"), client(get), server(ok2),
	}, []string{
		"1 request 1.1 CONNECT b:443b:443 head 26 body 0", `1 response 1.1 407 "No" to CONNECT b:443b:443 [Content-Length=0] head 38 body 0`,
		"2 request 1.1 GET a/ [Host=a] head 27 body 0", `3 response 1.1 200 "OK" [Content-Length=2] head 38 body 2`,
	}},
	{"one that is refused, with another request at once", []part{
		client("CONNECT b:443 HTTP/1.1\r\n\r\n\x16"), client("\x03\x01"), server("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"), client(get), server(ok2),
	}, []string{
		"1 request 1.1 CONNECT b:443b:443 head 26 body 0", `1 response 1.1 407 "No" to CONNECT b:443b:443 [Content-Length=0] head 38 body 0`,
		"2 request 1.1 GET a/ [Host=a] head 27 body 0", `3 response 1.1 200 "OK" [Content-Length=2] head 38 body 2`,
	}},
	{"one with more behind it than is kept", []part{
		client("CONNECT b:443 HTTP/1.1\r\n\r\n" + strings.Repeat("\x16", maxEarly)), client(get),
	}, []string{
		"1 request 1.1 CONNECT b:443b:443 head 26 body 0", "2 request 1.1 GET a/ [Host=a] head 27 body 0",
	}},
	{"one whose answer does not come", []part{
		client("CONNECT b:443 HTTP/1.1\r\n\r\n\x16\x03\x01" + strings.Repeat("x", maxEarly)), client(get),
	}, []string{
		"1 request 1.1 CONNECT b:443b:443 head 26 body 0", "2 request 1.1 GET a/ [Host=a] head 27 body 0",
	}},
	{"responses alone", []part{server(ok2 + "HTTP/1.1 100 Continue\r\n\r\n" + ok2), client(get), server(ok2)}, []string{
		`1 response 1.1 200 "OK" [Content-Length=2] head 38 body 2`,
		`2 response 1.1 100 "Continue" head 25 body 0`,
		`2 response 1.1 200 "OK" [Content-Length=2] head 38 body 2`,
		"3 request 1.1 GET a/ [Host=a] head 27 body 0",
		`3 response 1.1 200 "OK" to GET a/ [Content-Length=2] head 38 body 2`,
	}},
	{"absolute targets, methods of no registry, odd status lines", []part{
		client("GET http://u:p@b:80/x//y?z#f HTTP/1.1\r\n\r\nFROB //u@c HTTP/1.1\r\n\r\n" + get), server("HTTP/1.1 2 \r\n\r\n"),
	}, []string{
		"1 request 1.1 GET b:80http://b:80/x//y head 41 body 0", "2 request 1.1 FROB //c head 23 body 0", "3 request 1.1 GET a/ [Host=a] head 27 body 0",
		`1 response 1.1 2 "" to GET b:80http://b:80/x//y head 15 body -1 malformed`, "1 done",
	}},
	{"a Host field that names none", []part{client("GET http://b/x HTTP/1.1\r\nHost: \r\n\r\nCONNECT b:443 HTTP/1.1\r\nHost:\r\n\r\nGET / HTTP/1.1\r\nHost:\r\n\r\n")}, []string{
		"1 request 1.1 GET bhttp://b/x [Host=] head 35 body 0", "2 request 1.1 CONNECT b:443b:443 [Host=] head 33 body 0", "3 request 1.1 GET / [Host=] head 25 body 0",
	}},
	{"a coding that does not end", []part{client("POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n" + get)}, []string{
		"1 request 1.1 POST / [Transfer-Encoding=chunked, gzip] head 53 body -1 malformed", "0 done",
	}},
	// The requests of RFC 7541 C.4 and the responses of C.6, with padding, priority, frames
	// in between, a block in three frames, a trailer, a push and a stream that is reset.
	{"http/2", []part{
		client(preface + frame(frameSettings, 0, 0, "") + frame(frameHeaders, flagEndHeaders|flagPadded|flagPriority, 1, "\x02\x00\x00\x00\x00\x10"+string(unhex("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff"))+"\x00\x00")),
		client(frame(0, flagEndStream, 1, "HTTP/1.1 200 OK")),
		server(frame(frameSettings, 0, 0, "\x00\x03\x00\x00\x00\x64") + frame(4, 1, 0, "")),
		client(frame(frameHeaders, flagEndStream, 3, string(unhex("8286 84be"))) + frame(frameContinuation, 0, 3, "") + frame(frameContinuation, flagEndHeaders, 3, string(unhex("5886 a8eb 1064 9cbf")))),
		server(frame(frameHeaders, flagEndHeaders, 3, "\x88\x5c\x015") + frame(0, 0, 3, "hello") + frame(frameHeaders, flagEndHeaders|flagEndStream, 3, "\x40\x01t\x01v")),
		server(frame(framePush, flagEndHeaders, 1, "\x00\x00\x00\x02\x82\x84\x41\x01p") + frame(frameHeaders, flagEndHeaders, 1, "\x48\x03103") + frame(frameHeaders, flagEndHeaders|flagEndStream, 2, "\x8d") + frame(frameHeaders, flagEndHeaders, 1, "\x89")),
		client(frame(frameHeaders, flagEndHeaders, 5, "\x82\x84") + frame(frameReset, 0, 5, "\x00\x00\x00\x08")), server(frame(frameHeaders, flagEndHeaders, 5, "\x88")),
	}, []string{
		"1 request 2.0 GET www.example.com/ head 34 body -1",
		"2 request 2.0 GET www.example.com/ [cache-control=no-cache] head 39 body 0",
		`2 response 2.0 200 "" to GET www.example.com/ [content-length=5] head 13 body 5`,
		"3 push 2.0 GET p/ head 18 body 0",
		`1 response 2.0 103 "" to GET www.example.com/ head 14 body 0`,
		`3 response 2.0 404 "" to GET p/ head 10 body 0`,
		`1 response 2.0 204 "" to GET www.example.com/ head 10 body 0`,
		"4 request 2.0 GET / head 11 body -1",
		`5 response 2.0 200 "" head 10 body -1`,
	}},
	{"http/2, lengths of bodies that are not sent, the stream ended by a frame without data", []part{
		client(preface + frame(frameHeaders, flagEndHeaders|flagEndStream, 1, "\x42\x04HEAD\x84") + frame(frameHeaders, flagEndHeaders|flagEndStream, 3, "\x82\x84")),
		server(frame(frameSettings, 0, 0, "") + frame(frameHeaders, flagEndHeaders, 1, "\x88\x5c\x0299") + frame(0, flagEndStream, 1, "") + frame(frameHeaders, flagEndHeaders, 3, "\x8b\xbe") + frame(0, flagEndStream, 3, "")),
	}, []string{
		"1 request 2.0 HEAD / head 16 body 0", "2 request 2.0 GET / head 11 body 0",
		`1 response 2.0 200 "" to HEAD / [content-length=99] head 14 body 0`, `2 response 2.0 304 "" to GET / [content-length=99] head 11 body 0`,
	}},
	// The server's first frame has no settings by which it could be told from another protocol's.
	{"an upgrade to http/2", []part{
		client(strings.Replace(get, "Host", "Upgrade: h2c\r\nHost", 1)), server("HTTP/1.1 101 Yes\r\nUpgrade: h2c\r\n\r\n" + frame(frameSettings, 0, 0, "") + frame(frameHeaders, flagEndHeaders|flagEndStream, 1, "\x88\x76\x01s")),
		client(preface + frame(frameSettings, 0, 0, "") + frame(frameHeaders, flagEndHeaders|flagEndStream, 3, "\x82\x84")), server(frame(frameHeaders, flagEndHeaders|flagEndStream, 3, "\x88\xbe")),
	}, []string{
		"1 request 1.1 GET a/ [Upgrade=h2c] [Host=a] head 41 body 0",
		`1 response 1.1 101 "Yes" to GET a/ [Upgrade=h2c] head 34 body 0`,
		`1 response 2.0 200 "" to GET a/ [server=s] head 13 body 0`,
		"2 request 2.0 GET / head 11 body 0",
		`2 response 2.0 200 "" to GET / [server=s] head 11 body 0`,
	}},
	{"an upgrade to http/2 that was not asked for", []part{
		server("HTTP/1.1 101 Yes\r\nUpgrade: h2c\r\n\r\n" + frame(frameSettings, 0, 0, "") + frame(frameHeaders, flagEndHeaders|flagEndStream, 1, "\x88")),
	}, []string{`1 response 1.1 101 "Yes" [Upgrade=h2c] head 34 body 0`, `2 response 2.0 200 "" head 10 body 0`}},
	{"http/2 of which the server's first frames were not seen", []part{
		client(preface + frame(frameHeaders, flagEndHeaders, 1, "\x82\x84") + frame(frameHeaders, flagEndHeaders, 3, "\x82\x84")),
		server(frame(frameHeaders, flagEndHeaders, 3, "\x88")), client(frame(frameHeaders, flagEndHeaders, 5, "\x82\x84")),
	}, []string{"1 request 2.0 GET / head 11 body -1", "2 request 2.0 GET / head 11 body -1", "1 done", "3 request 2.0 GET / head 11 body -1"}},
	{"http/2 refused", []part{client(preface), server("HTTP/1.1 400 No\r\n\r\n")}, []string{`1 response 1.1 400 "No" head 19 body -1`, "1 done"}},
	{"http/2, its server first", []part{server(frame(frameSettings, 0, 0, "\x00\x03\x00\x00\x00\x64")), client(preface + frame(frameHeaders, flagEndHeaders, 1, "\x82\x84")), server(frame(frameHeaders, flagEndHeaders, 1, "\x88"))}, []string{
		"1 request 2.0 GET / head 11 body -1", `1 response 2.0 200 "" to GET / head 10 body -1`,
	}},
}

// TestConversations holds what is read of each.
func TestConversations(t *testing.T) {
	for _, c := range conversations {
		if got := read(c.parts...); strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

// TestCuts holds that it is the same however the bytes are cut: each part in two at every
// place, and all into single bytes.
func TestCuts(t *testing.T) {
	for _, c := range conversations {
		for i, p := range c.parts {
			for at := range p.data {
				var parts []part
				parts = append(parts, c.parts[:i]...)
				parts = append(parts, part{p.side, p.data[:at]}, part{p.side, p.data[at:]})
				parts = append(parts, c.parts[i+1:]...)
				if got := read(parts...); strings.Join(got, "\n") != strings.Join(c.want, "\n") {
					t.Fatalf("%s, part %d cut at %d:\n%s\nwant\n%s", c.name, i, at, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
				}
			}
		}
		var bytes []part
		for _, p := range c.parts {
			for i := range p.data {
				bytes = append(bytes, part{p.side, p.data[i : i+1]})
			}
		}
		if got := read(bytes...); strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Fatalf("%s, byte by byte:\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

// TestLost: what is no head is passed over until one begins where a packet's bytes do,
// and responses are not joined any more.
func TestLost(t *testing.T) {
	orphan := `3 response 1.1 200 "OK" [Content-Length=2] head 38 body 2`
	for name, c := range map[string]struct {
		parts []part
		want  string
	}{
		"the midst of a body":  {[]part{server("of a body\r\n"), client(get), server(ok2)}, `1 response 1.1 200 "OK" to GET a/ [Content-Length=2] head 38 body 2`},
		"a length too short":   {[]part{client(get), server(ok2 + "and more"), client(get), server(ok2)}, orphan},
		"a chunk too short":    {[]part{client(get), server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc"), client(get), server(ok2)}, orphan},
		"a chunk without one":  {[]part{client(get), server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"), client(get), server(ok2)}, orphan},
		"an overflowing chunk": {[]part{client(get), server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n"), client(get), server(ok2)}, orphan},
		"a request of HTTP/0.9": {[]part{client(get), client("GET /" + strings.Repeat("long/", 20) + "\r\n\r\n"), server(ok2)},
			`2 response 1.1 200 "OK" [Content-Length=2] head 38 body 2`},
	} {
		got := read(c.parts...)
		if len(got) == 0 || got[len(got)-1] != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestGap(t *testing.T) {
	var f feeder
	f.feed(client(get + "GET /unfini"))
	if !f.conn.Gap(0) {
		t.Error("no going on behind a gap")
	}
	f.sides[0].unused = nil
	f.feed(client(get))
	f.feed(server(ok2))
	if last := f.out[len(f.out)-1]; last != `3 response 1.1 200 "OK" [Content-Length=2] head 38 body 2` {
		t.Error(f.out)
	}
	for side := range uint8(2) {
		f = feeder{}
		f.feed(client(preface))
		if f.conn.Gap(side) {
			t.Error("going on behind a gap in frames of side", side)
		}
	}
}

// TestQueue holds that requests beyond its bounds are not joined, and those behind them are.
func TestQueue(t *testing.T) {
	for name, request := range map[string]string{
		"many":  get,
		"large": "GET /" + strings.Repeat("x", maxAskedTexts/maxAsked-7) + " HTTP/1.1\r\nHost: ab\r\n\r\n", // 3 + 2 + 1019 bytes, a little too much
	} {
		var f feeder
		for range maxAsked + 2 {
			f.feed(client(request))
		}
		if n := f.conn.Bytes(); n > 3*maxAskedTexts {
			t.Errorf("%s: %d bytes", name, n)
		}
		f.feed(server(strings.Repeat(ok2, maxAsked+2)))
		f.feed(client(get))
		f.feed(server(ok2))
		unqueued, joined := 0, 0
		for i, line := range f.out {
			if strings.HasSuffix(line, "unqueued") {
				unqueued++
			}
			if strings.Contains(line, " to GET ") {
				joined++
			}
			want := i%(maxAsked+2) + 1
			if i >= 2*(maxAsked+2) {
				want = maxAsked + 3
			}
			if !strings.HasPrefix(line, fmt.Sprint(want, " ")) {
				t.Errorf("%s: message %d is %q", name, i, line)
			}
		}
		if unqueued < 2 || unqueued > 4 || joined != maxAsked+3-unqueued {
			t.Errorf("%s: %d unqueued, %d joined", name, unqueued, joined)
		}
	}
}

// TestLimits: a head of 64 KiB and 1,000 fields is read, one byte or field more is an
// error, with what is in front of it, however it comes.
func TestLimits(t *testing.T) {
	start := "GET / HTTP/1.1\r\n"
	fields := start + strings.Repeat("A: b\r\n", maxFields)
	long := start + "A: " + strings.Repeat("x", MaxHead-len(start)-3-4)
	for name, c := range map[string]struct {
		data string
		ok   bool
	}{
		"1000 fields": {fields + "\r\n", true}, "1001 fields": {fields + "B: c\r\n\r\n", false},
		"64 KiB": {long + "\r\n\r\n", true}, "64 KiB and a byte": {long + "x\r\n\r\n", false}, "without end": {long + strings.Repeat("x", 10000), false},
	} {
		for _, size := range []int{1, 1000, len(c.data)} {
			var f feeder
			for data := c.data; len(data) > 0; {
				n := min(size, len(data))
				f.feed(client(data[:n]))
				data = data[n:]
			}
			if want := []string{"", ErrTooLarge.Error()}; c.ok && len(f.out) != 1 || !c.ok && (len(f.out) != 2 || f.out[1] != want[1] || !strings.HasSuffix(f.out[0], "malformed")) {
				t.Errorf("%s, %d bytes at a time: %d messages, failed %v", name, size, len(f.out), f.failed)
			}
		}
	}
}

// TestMalformedHeads: of a head that is not of the grammar what could be read is there, and it is marked.
func TestMalformedHeads(t *testing.T) {
	field := func(name, value string) string { // of HTTP/2, as it is
		return "\x00" + string([]byte{byte(len(name))}) + name + string([]byte{byte(len(value))}) + value
	}
	h2 := func(fields ...string) string {
		return preface + frame(frameHeaders, flagEndHeaders|flagEndStream, 1, strings.Join(fields, ""))
	}
	method, path := field(":method", "GET"), field(":path", "/")
	long := strings.Repeat("M", maxMethod)
	for name, c := range map[string]struct{ data, want string }{
		"http/2":                           {h2(method, path, field(":scheme", "https"), field(":protocol", "x"), field("a-b", "c")), "request 2.0 GET / [a-b=c]"},
		"http/2, capitals":                 {h2(method, path, field("Za", "b")), "request 2.0 GET / [Za=b] malformed"},
		"http/2, the first capital":        {h2(method, path, field("zA", "b")), "request 2.0 GET / [zA=b] malformed"},
		"http/2, the last capital":         {h2(method, path, field("zZ", "b")), "request 2.0 GET / [zZ=b] malformed"},
		"http/2, no name":                  {h2(method, path, field("", "b"), field("c", "d")), "request 2.0 GET / [c=d] malformed"},
		"http/2, a name with a blank":      {h2(method, path, field("a b", "b"), field("c", "d")), "request 2.0 GET / [c=d] malformed"},
		"http/2, a target behind a field":  {h2(method, field("a", "b"), path), "request 2.0 GET / [a=b] malformed"},
		"http/2, a field that is not ours": {h2(method, path, field(":x", "b")), "request 2.0 GET / malformed"},
		"http/2, two methods, one of none": {h2(field(":method", "G T"), method, path), "request 2.0 GET / malformed"},
		"http/2, the longest method":       {h2(field(":method", long), path), "request 2.0 " + long + " /"},
		"http/2, a longer method":          {h2(field(":method", long+"M"), method, path), "request 2.0 GET / malformed"},
		"http/2, a status of two digits":   {h2(field(":status", "20")), `response 2.0 0 "" malformed`},
		"http/2, a status of four digits":  {h2(field(":status", "2000")), `response 2.0 0 "" malformed`},
		"http/2, a status of letters":      {h2(field(":status", "2OO")), `response 2.0 0 "" malformed`},
		"http/2, a status":                 {h2(field(":status", "299")), `response 2.0 299 ""`},
		"http/2, fields":                   {h2(method, path, strings.Repeat(field("a", ""), maxFields-2)), "request 2.0 GET /" + strings.Repeat(" [a=]", maxFields-2)},
		"http/2, a field too many":         {h2(method, path, strings.Repeat(field("a", ""), maxFields-2), field("b", "")), "request 2.0 GET /" + strings.Repeat(" [a=]", maxFields-2) + " [b=] malformed"},
		"the longest method":               {long + " / HTTP/1.1\r\n\r\n", "request 1.1 " + long + " /"},
		"a longer method":                  {long + "M / HTTP/1.1\r\n\r\n", ""},
		"no target":                        {"GET  HTTP/1.1\r\n\r\n", "request 1.1 GET  malformed"},
		"status":                           {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", `response 1.1 200 "" [Content-Length=0]`},
		"status of four digits":            {"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n", `response 1.1 0 "OK" [Content-Length=0] malformed`},
		"status beside its reason":         {"HTTP/1.1 200OK\r\nContent-Length: 0\r\n\r\n", `response 1.1 200 "OK" [Content-Length=0] malformed`},
		"length of letters":                {"HTTP/1.1 200 OK\r\nContent-Length: 2x\r\n\r\n", `response 1.1 200 "OK" [Content-Length=2x] malformed`},
		"no length":                        {"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", `response 1.1 200 "OK" [Content-Length=] malformed`},
		"two lengths":                      {"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n", `response 1.1 200 "OK" [Content-Length=2, 3] malformed`},
		"length beyond all":                {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", `response 1.1 200 "OK" [Content-Length=99999999999999999999] malformed`},
		"chunked twice":                    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", `response 1.1 200 "OK" [Transfer-Encoding=chunked, chunked] malformed`},
		"identity and chunked":             {"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity, , chunked\r\n\r\n", `response 1.1 200 "OK" [Transfer-Encoding=identity, , chunked]`},
	} {
		got := ""
		if out := read(client(c.data)); len(out) > 0 {
			got = regexp.MustCompile(`^1 | head \d+ body -?\d+`).ReplaceAllString(out[0], "")
		}
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

// TestHTTP2Errors ends what is not HTTP/2.
func TestHTTP2Errors(t *testing.T) {
	for name, frames := range map[string]string{
		"a continuation of nothing":         frame(frameContinuation, 0, 1, ""),
		"another stream between":            frame(frameHeaders, 0, 1, "\x82") + frame(frameContinuation, flagEndHeaders, 3, ""),
		"another frame between":             frame(frameHeaders, 0, 1, "\x82") + frame(0, 0, 1, ""),
		"padding longer than the frame":     frame(frameHeaders, flagEndHeaders|flagPadded, 1, "\x05\x82"),
		"a push of no stream":               frame(framePush, flagEndHeaders, 1, "\x00\x00"),
		"continuations without end":         frame(frameHeaders, 0, 1, "\x82") + strings.Repeat(frame(frameContinuation, 0, 1, ""), 100),
		"a block of 64 KiB and more":        frame(frameHeaders, 0, 1, strings.Repeat("\x82", 60000)) + frame(frameContinuation, 0, 1, strings.Repeat("\x82", 6000)),
		"a block that decodes to 64 KiB":    frame(frameHeaders, flagEndHeaders, 1, strings.Repeat("\x82", 9000)),
		"an index that there is not":        frame(frameHeaders, flagEndHeaders, 1, "\x82\xbe"),
		"a frame that would be 16 MiB long": "\xff\xff\xff\x01\x04\x00\x00\x00\x01",
	} {
		var f feeder
		for _, b := range []byte(preface + frames) {
			f.feed(client(string([]byte{b})))
		}
		if !f.failed {
			t.Errorf("%s: %q", name, f.out)
		}
	}
}

// TestBegins says what is recognised, and when.
func TestBegins(t *testing.T) {
	for data, want := range map[string]begin.Answer{
		"": begin.Perhaps, "\r\n": begin.Perhaps, "G": begin.Perhaps, "GET": begin.Perhaps, "GET ": begin.Perhaps, "GET /": begin.Perhaps, "GET / HTTP/1.1\r": begin.Perhaps, "GET / HTTP/1.1\r\n": begin.Yes,
		"\r\nGET / HTTP/1.1\n": begin.Yes, "GET / HTTP/1.": begin.Perhaps, "GET /\r\n": begin.No, "GET / RTSP/1.0\r\n": begin.No, "GETS / HTTP/1.1\r\n": begin.No, "get / HTTP/1.1\r\n": begin.No,
		"GET /\x00": begin.No, "GET /" + strings.Repeat("x", 43): begin.Yes, "GET /" + strings.Repeat("x", 42): begin.Perhaps, "OPTIONS sip:a SIP/2.0\r\n": begin.No,
		"OPTIONS RTSP://a/" + strings.Repeat("x", 99): begin.No, "NOTIFY sip:a@b;" + strings.Repeat("x", 99): begin.No, "GET http://a/" + strings.Repeat("x", 99): begin.Yes,
		"OPTIONS rtsp": begin.Perhaps, "CONNECT tel:443 HTTP/1.1\r\n": begin.Yes, "GET sip/a:" + strings.Repeat("x", 99): begin.Yes,
		"HT": begin.Perhaps, "HTTP/1.1 ": begin.Perhaps, "HTTP/1.1 2": begin.Yes, "HTTP/1.1 x": begin.No, "HTTPS": begin.No, "HTTP/x": begin.No, "HELO a\r\n": begin.No, "USER a\r\n": begin.No,
		preface: begin.Yes, preface[:5]: begin.Perhaps, "SSH-2.0-": begin.No, "\x16\x03": begin.No,
		frame(frameSettings, 0, 0, "\x00\x03\x00\x00\x00\x64"): begin.Yes, frame(frameSettings, 0, 0, ""): begin.No, frame(1, 0, 0, "\x00\x03\x00\x00\x00\x64"): begin.No,
		"\x00": begin.No, "\x00\x5a": begin.No, frame(frameSettings, 0, 0, "\x00\x03\x00\x00\x00\x64")[:10]: begin.Perhaps,
	} {
		if got := Begins([]byte(data)); got != want {
			t.Errorf("%q: %d, want %d", data, got, want)
		}
	}
}
