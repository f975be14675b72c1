package record

import (
	"bytes"
	"strings"
	"testing"

	"pcapmill/features/flow"
)

// expanding are conversations whose rows could say much more than their bytes do.
var expanding = map[string][2]string{
	"certificates of a long server name": {longHello(60_000), tlsRecord("\x02\x00\x00\x26\x03\x03"+strings.Repeat("r", 32)+"\x00\x13\x01\x00") +
		strings.Repeat(tlsRecord("\x0b\x00\x01\x03\x00\x01\x00"+strings.Repeat("\x00\x00\x01c", 64)), 200)},
	"interim answers to a long target": {"GET /" + strings.Repeat("\xff", 60_000) + " HTTP/1.1\r\n\r\n", strings.Repeat("HTTP/1.1 100 C\n\n", 4000)},
	"indexed fields of HTTP/2": {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + http2Head("\x82\x84\x7a\x7f\xa1\x1e"+strings.Repeat("u", 4000)) +
		strings.Repeat(http2Head("\x82\x84"+strings.Repeat("\xbe", 15)), 2000), ""},
}

func tlsRecord(fragment string) string {
	return "\x16\x03\x03" + string([]byte{byte(len(fragment) >> 8), byte(len(fragment))}) + fragment
}

// longHello is a client's hello in five records, with a server name of n bytes.
func longHello(n int) string {
	two := func(n int) string { return string([]byte{byte(n >> 8), byte(n)}) }
	hello := "\x03\x03" + strings.Repeat("r", 32) + "\x00\x00\x02\x13\x01\x01\x00" + two(n+9) + "\x00\x00" + two(n+5) + two(n+3) + "\x00" + two(n) + strings.Repeat("\xff", n)
	hello, records := "\x01\x00"+two(len(hello))+hello, ""
	for len(hello) > 0 {
		cut := min(len(hello), 1<<14)
		records, hello = records+tlsRecord(hello[:cut]), hello[cut:]
	}
	return records
}

func http2Head(block string) string {
	return string([]byte{0, byte(len(block) >> 8), byte(len(block)), 1, 4, 0, 0, 0, 1}) + block
}

// TestRowsAreBoundedByBytes holds what the rows of a flow come to, and that who reads
// it is told.
func TestRowsAreBoundedByBytes(t *testing.T) {
	for name, sides := range expanding {
		set, err := Open(Options{Addresses: flow.AddrText})
		if err != nil {
			t.Fatal(err)
		}
		c, rows := new(Conversation), new(Rows)
		rows.At(0, c)
		read := 0
		for side, text := range sides {
			data := []byte(text)
			for _, parser := range set.Parsers {
				p, ok := parser.(StreamParser)
				if !ok || len(data) == 0 || p.Begins(data[:min(len(data), MaxHead)], 0, 0) == 0 {
					continue
				}
				c.Read(len(data))
				read += len(data) + packetBytes
				_, _, _ = p.Stream(c, &Packet{Flow: new(flow.Row), Version: 4, Side: uint8(side)}, data, rows)
				break
			}
		}
		if !c.Spent() {
			t.Errorf("%s: %d bytes of rows for %d", name, costs(rows), read)
		}
		if most := rowsByNothing + rowsPerByte*read; costs(rows) > most || rows.Len() == 0 {
			t.Errorf("%s: %d bytes in %d rows for %d, want at most %d", name, costs(rows), rows.Len(), read, most)
		}
		if most := int64(16 << 20); int64(cap(rows.bytes)) > most {
			t.Errorf("%s: %d bytes of memory", name, cap(rows.bytes))
		}
	}
}

// TestOrdinaryRowsAreNotRefused are the messages that say most with the fewest bytes.
func TestOrdinaryRowsAreNotRefused(t *testing.T) {
	set, err := Open(Options{Addresses: flow.AddrBoth})
	if err != nil {
		t.Fatal(err)
	}
	first := "\x82\x84\x41\x8f" + "www.example.org" + "\x7a\x78" + strings.Repeat("u", 120)
	first = strings.Replace(first, "\x8f", "\x0f", 1)
	for name, text := range map[string]string{
		"the smallest requests":          strings.Repeat("GET / HTTP/1.1\n\n", 4000),
		"requests that are the same":     "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + http2Head(first) + strings.Repeat(http2Head("\x82\x84\xbf\xbe"), 4000),
		"the smallest queries of DNS":    strings.Repeat("\x00\x0c\x00\x07\x01\x00"+strings.Repeat("\x00", 8), 4000),
		"the smallest questions of DNS":  strings.Repeat("\x00\x11\x00\x07\x01\x00\x00\x01"+strings.Repeat("\x00", 6)+"\x00\x00\x02\x00\x01", 3000),
		"the smallest hellos of servers": tlsRecord(strings.Repeat("\x02\x00\x00\x26\x03\x03"+strings.Repeat("r", 32)+"\x00\x13\x01\x00", 300)),
	} {
		pkt := &Packet{Flow: new(flow.Row), Version: 6, SrcPort: 53, DstPort: 4000}
		data := []byte(text)
		if bytes.HasPrefix(data, []byte("GET")) || bytes.HasPrefix(data, []byte("PRI")) {
			pkt.SrcPort = 80
		}
		c, rows := new(Conversation), new(Rows)
		rows.At(0, c)
		for _, parser := range set.Parsers {
			p, ok := parser.(StreamParser)
			if !ok || p.Begins(data[:MaxHead], pkt.SrcPort, pkt.DstPort) == 0 {
				continue
			}
			c.Read(len(data))
			_, _, _ = p.Stream(c, pkt, data, rows)
			break
		}
		if c.Spent() || rows.Len() < 250 {
			t.Errorf("%s: %d rows, %d bytes of rows for %d", name, rows.Len(), c.wrote, len(data))
		}
	}
}

// TestErrorsAreOfNoFlow: a flow that has said too much keeps no error from being a row.
func TestErrorsAreOfNoFlow(t *testing.T) {
	c, rows, errs := &Conversation{wrote: refused}, new(Rows), NewErrors(0)
	rows.At(0, c)
	errs.Add(rows, 1, &Problem{Layer: LayerLink})
	if rows.Len() != 1 || costs(rows) == 0 || c.wrote != refused {
		t.Errorf("%d rows, %d bytes counted", rows.Len(), c.wrote)
	}
	if rows.Reset(); rows.of != nil {
		t.Error("emptied rows are still of a flow")
	}
}

// TestCorrectedTextsCountOnce: however often a text is said anew, the latest is what it
// takes.
func TestCorrectedTextsCountOnce(t *testing.T) {
	c := new(Conversation)
	c.Say(flow.ServerName, []byte("a.example"))
	for _, value := range []string{"http/1.1,h2", "h2", "http/1.1"} {
		c.Correct(flow.ALPN, []byte(value))
	}
	if got, want := c.Bytes(), int64(len("a.examplehttp/1.1")); got != want || c.Says(flow.ALPN) != "http/1.1" {
		t.Errorf("%d bytes are counted, want %d; ALPN %q", got, want, c.Says(flow.ALPN))
	}
}
