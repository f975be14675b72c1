package http

import (
	"strings"
	"testing"
)

// hostile are bytes of about a size, each made to cost more than it should. A client
// sends them.
var hostile = map[string]func(size int) string{
	"folded lines":       func(size int) string { return "GET / HTTP/1.1\r\nA: b" + strings.Repeat("\r\n c", size/4) },
	"empty folded lines": func(size int) string { return "GET / HTTP/1.1\r\nA: b" + strings.Repeat("\n ", size/2) + "\n\n" },
	"fields without a name": func(size int) string {
		return "GET / HTTP/1.1" + strings.Repeat("\n:", min(size, 60000)/2) + "\n\n"
	},
	"a long target":         func(size int) string { return "GET /" + strings.Repeat("x", size) },
	"a target of spaces":    func(size int) string { return "GET /" + strings.Repeat(" ", size) },
	"a word of capitals":    func(size int) string { return strings.Repeat("A", size) },
	"capitals and text":     func(size int) string { return strings.Repeat("A b", size/3) },
	"carriage returns":      func(size int) string { return "GET / HTTP/1.1\r\n\r\n" + strings.Repeat("\r", size) },
	"blank lines":           func(size int) string { return strings.Repeat("\r\n", size/2) },
	"ends that are none":    func(size int) string { return "GET / HTTP/1.1" + strings.Repeat("\n\r", size/2) },
	"the smallest requests": func(size int) string { return strings.Repeat("GET / HTTP/1.1\n\n", size/16) },
	"the smallest chunks": func(size int) string {
		return "POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n" + strings.Repeat("1\nx\n", size/4)
	},
	"a chunk extension": func(size int) string {
		return "POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n1;" + strings.Repeat("x", size)
	},
	"a trailer": func(size int) string {
		return "POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n0\n" + strings.Repeat("a:b\n", size/4)
	},
	"codings": func(size int) string {
		return "POST / HTTP/1.1\nTransfer-Encoding: " + strings.Repeat("a,", min(size, 60000)/2) + "\n\n"
	},
	"lengths": func(size int) string {
		return "POST / HTTP/1.1\nContent-Length: " + strings.Repeat("7,", min(size, 60000)/2) + "7\n\n"
	},
	"continuations": func(size int) string {
		return preface + frame(frameHeaders, 0, 1, "") + strings.Repeat(frame(frameContinuation, 0, 1, ""), size/9)
	},
	"a large field again and again": func(size int) string {
		first := frame(frameHeaders, flagEndHeaders, 1, "\x82\x41\x7f\xa1\x1e"+strings.Repeat("a", 4000))
		return preface + first + strings.Repeat(frame(frameHeaders, flagEndHeaders, 1, "\x82\xbe"), size/11)
	},
	"entries that replace others": func(size int) string {
		return preface + strings.Repeat(frame(frameHeaders, flagEndHeaders, 1, "\x82"+strings.Repeat("\x40\x01a\x00", 500)), size/2010)
	},
	"tables of changing size": func(size int) string {
		return preface + strings.Repeat(frame(frameHeaders, flagEndHeaders, 1, "\x82\x40\x01a\x00\x20\x3f\xe1\x1f"), size/18)
	},
}

// TestHostileWork holds that the bytes looked at, and the memory kept, grow with what
// was sent alone, whole and byte by byte.
func TestHostileWork(t *testing.T) {
	const (
		perByte = 4
		perHead = 4000 // of an entry of HTTP/2's table, that a frame of 11 bytes refers to
	)
	for name, build := range hostile {
		for _, size := range []int{8000, 32000, 128000} {
			data := build(size)
			var whole, single feeder
			whole.feed(client(data))
			for i := range data {
				single.feed(client(data[i : i+1]))
			}
			for _, f := range []*feeder{&whole, &single} {
				if most := perByte*len(data) + perHead*len(f.out) + 10000; f.reader.work > most {
					t.Errorf("%s, %d bytes: %d looked at, want at most %d", name, len(data), f.reader.work, most)
				}
				if n := f.conn.Bytes(); n > 1<<17 {
					t.Errorf("%s: %d bytes kept", name, n)
				}
				if n := cap(f.reader.texts) + cap(f.reader.hpack.texts) + cap(f.reader.block) + 56*cap(f.reader.Fields); n > 1<<19 {
					t.Errorf("%s: the reader takes %d bytes", name, n)
				}
			}
		}
	}
}

// TestHostileWait: blank lines in front of what waits behind a CONNECT are looked at once.
func TestHostileWait(t *testing.T) {
	var f feeder
	f.feed(client("CONNECT b:443 HTTP/1.1\r\n\r\n" + strings.Repeat("\r\n", 6000) + "\x16"))
	for range 2000 {
		f.feed(client("\x16"))
	}
	if most := 5 * 14000; f.reader.work > most {
		t.Errorf("%d bytes looked at, want at most %d", f.reader.work, most)
	}
}

// TestNothingAllocated: neither for HTTP/1 nor, once its table is there, for HTTP/2.
func TestNothingAllocated(t *testing.T) {
	for name, parts := range map[string][2]string{
		"1": {"GET /path?query HTTP/1.1\r\nHost: a\r\nCookie: a=b\r\nX: folded\r\n value\r\n\r\n", ok2},
		"2": {frame(frameHeaders, flagEndHeaders, 1, "\x82\x84\x41\x81\x1f"), frame(frameHeaders, flagEndHeaders, 1, "\x88")},
	} {
		var r Reader
		var c Conn
		if name == "2" {
			for side, b := range []string{preface, frame(frameSettings, 0, 0, "")} {
				if _, _, _, err := r.Next(&c, uint8(side), []byte(b), Mark{}); err != nil {
					t.Fatal(err)
				}
			}
		}
		data := [2][]byte{[]byte(parts[0]), []byte(parts[1])}
		if n := testing.AllocsPerRun(1000, func() {
			for side, b := range data {
				if used, _, found, err := r.Next(&c, uint8(side), b, Mark{}); used != len(b) || !found || err != nil {
					t.Fatal(name, side, used, found, err)
				}
			}
		}); n != 0 {
			t.Errorf("HTTP/%s: %v allocations", name, n)
		}
		if r.Request == nil {
			t.Errorf("HTTP/%s: not joined", name)
		}
	}
}

// FuzzReader reads bytes of both sides, cut into parts by a byte that says whose and how
// long each is.
func FuzzReader(f *testing.F) {
	for _, c := range conversations {
		var data []byte
		for _, p := range c.parts {
			for rest := p.data; len(rest) > 0; {
				n := min(len(rest), 127)
				data = append(append(data, p.side<<7|byte(n)), rest[:n]...)
				rest = rest[n:]
			}
		}
		f.Add(data)
	}
	for _, build := range hostile {
		f.Add(append([]byte{127}, build(300)...))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var f feeder
		for len(data) > 1 {
			side, n := data[0]>>7, min(int(data[0]&127), len(data)-1)
			f.feed(part{side, string(data[1 : 1+n])})
			data = data[1+n:]
		}
		for _, s := range f.sides {
			if s.need < 0 || s.need > MaxHead+frameHeader || s.skip < 0 || s.need > 0 && s.need <= len(s.unused) && !s.done && !f.failed {
				t.Errorf("need %d, skip %d of %d bytes", s.need, s.skip, len(s.unused))
			}
		}
		if n := f.conn.Bytes(); n > 1<<19 {
			t.Errorf("%d bytes kept", n)
		}
	})
}
