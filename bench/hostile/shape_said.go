package hostile

import (
	"bytes"
	"slices"
	"strings"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// streamShapes are TCP conversations that cost whoever puts streams together, or reads
// messages out of them, as much as they can. Each flow says the same again.
func streamShapes() []Shape {
	const most = 64 << 10 // bytes of a direction that are read by default
	get, reply := "GET / HTTP/1.1\r\nHost: a\r\n", "HTTP/1.1 200 OK\r\n"
	filled := func(front, with string) []byte {
		return []byte(front + strings.Repeat(with, (most-len(front))/len(with)))
	}
	return []Shape{
		{"tcp_comb", "T23", "every second segment, then those between", said{port: 80, size: 16, client: bytesOf(most, 'x'), order: comb}.frames()},
		{"tcp_bytes_backward", "T23", "a stream from its end to its beginning, a byte a segment", said{port: 80, size: 1, client: bytesOf(16<<10, 'x'), order: backward}.frames()},
		{"tcp_bytes_shuffled", "T23", "a stream in no order, seven bytes a segment", said{port: 80, size: 7, client: bytesOf(most, 'x'), order: shuffled}.frames()},
		{"tcp_overlaps", "T23", "segments of which each repeats all but a byte of the one before, last first", said{port: 80, size: 1400, step: 1, client: bytesOf(4<<10, 'x'), order: backward}.frames()},
		{"tcp_middles", "T23", "flows of one byte, of whose beginning nothing was seen", frames(func(i int, b []byte) []byte {
			return tcpData(b, i, uint32(mix(uint64(i))), 0, []byte{'G'})
		})},
		{"tcp_returns", "T23", "a thousand flows in turn, each from its end to its beginning", frames(func(i int, b []byte) []byte {
			return tcpData(b, i%1000, uint32(1<<31-i/1000*100), 100, nil)
		})},
		{"interleaved", "T23", "flows in turn, a quarter as many as packets, each of a request or hello out of order, every second one with a hole for good", interleaved},
		{"dns_many_answers", "T25", "64 KiB of answers to one query over TCP", said{port: 53, size: 1400, client: counted(dnsMessage(0, 1, repeated(5900, 0, 0xff, 1, 0, 1, 0, 0, 0, 0, 0, 0)))}.frames()},
		{"dns_many_questions", "T25", "64 KiB of questions in one query over TCP", said{port: 53, size: 1400, client: counted(dnsMessage(13000, 0, repeated(13000, 0, 0, 1, 0, 1)))}.frames()},
		{"dns_bytes", "T25", "a DNS message of 64 KiB over TCP, a byte a segment", said{port: 53, size: 1, client: counted(dnsMessage(13000, 0, repeated(13000, 0, 0, 1, 0, 1)))}.frames()},
		{"tls_extensions", "T26", "hellos of 15,000 extensions", said{port: 443, size: 1400, client: inRecords(16<<10, clientHello(repeated(15_000, 0xfa, 0xfa, 0, 0)))}.frames()},
		{"tls_tiny_records", "T26", "a hello in records of one byte", said{port: 443, size: 1400, client: inRecords(1, clientHello(repeated(2500, 0xfa, 0xfa, 0, 0)))}.frames()},
		{"tls_bytes", "T26", "a hello of 60 KiB, a byte a segment", said{port: 443, size: 1, client: inRecords(16<<10, clientHello(repeated(15_000, 0xfa, 0xfa, 0, 0)))}.frames()},
		{"tls_long_claim", "T26", "a hello that claims 16 MiB", said{port: 443, size: 1400, client: filled("\x16\x03\x01\x40\x00\x01\xff\xff\xff\x03\x03", "x")}.frames()},
		{"tls_certificates", "T26", "thousands of certificates of a byte for a server of a long name", said{port: 443, size: 1400, client: inRecords(16<<10, longName()), server: manyCertificates(most)}.frames()},
		{"tls_server_hellos", "T26", "a hello of a long server name, and a thousand answers to it", said{port: 443, size: 1400, client: inRecords(16<<10, longName()), server: inRecords(16<<10, repeatedBytes(1400, serverHello()))}.frames()},
		{"http_folded", "T26", "a head of folded lines", said{port: 80, size: 1400, client: filled(get+"A: b", "\r\n c")}.frames()},
		{"http_bytes", "T26", "a head of 64 KiB, a byte a segment", said{port: 80, size: 1, client: filled(get, "a:b\r\n")}.frames()},
		{"http_returns", "T26", "a request and carriage returns without end, a byte a segment", said{port: 80, size: 1, client: filled(get+"\r\n", "\r")}.frames()},
		{"http_chunk_bytes", "T26", "a body in chunks of a byte", said{port: 80, size: 1400, client: filled("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n")}.frames()},
		{"http_pipelined", "T26", "thousands of requests that wait for their answers, and these", said{port: 80, size: 1400, client: filled("", "GET / HTTP/1.1\n\n"), server: filled("", "HTTP/1.1 204 N\n\n")}.frames()},
		{"http_interim", "T26", "a request for a long target, and interim answers without end", said{port: 80, size: 1400, client: []byte("GET /" + strings.Repeat("\xff", 60_000) + " HTTP/1.1\r\n\r\n"), server: filled("", "HTTP/1.1 100 C\n\n")}.frames()},
		{"http_parameters", "T26", "a target of thousands of parameters", said{port: 80, size: 1400, client: filled("GET /?", "a=b&")}.frames()},
		{"http_many_fields", "T26", "answers of a thousand fields", said{port: 80, size: 1400, server: filled("", reply+strings.Repeat("Via:b\n", 998)+"Content-Length: 0\n\n")}.frames()},
		{"hpack_bomb", "T26", "frames of a few bytes that stand for 64 KiB of fields", said{port: 80, size: 1400, client: hpackBomb(most)}.frames()},
		{"ssh_lines", "T26", "lines before a banner without end", said{port: 22, size: 1400, server: filled("", "x\n")}.frames()},
		{"ssh_bytes", "T26", "a key exchange of 30 KiB, a byte a segment", said{port: 22, size: 1, client: []byte("SSH-2.0-x\r\n\x00\x00\x75\x30\x04\x14" + strings.Repeat(",", 30_000))}.frames()},
	}
}

// said is one conversation, that each flow of a shape has.
type said struct {
	port           uint16
	size, step     int // bytes of a segment, and from one to the next; 0: size
	client, server []byte
	order          func(i, n int) int // segment that the client sends at turn i; nil: in order
}

// part is a segment of a conversation.
type part struct {
	flags uint16
	back  bool
	seq   uint32
	data  []byte
}

// frames begins each flow with both SYNs.
func (s said) frames() func(*shapeWriter, int) error {
	parts := []part{{flags: packet.SYN}, {flags: packet.SYN | packet.ACK, back: true}}
	parts = append(parts, s.parts(s.client, false)...)
	parts = append(parts, s.parts(s.server, true)...)
	return frames(func(i int, b []byte) []byte {
		flow, p := i/len(parts), &parts[i%len(parts)]
		from, to := port(source(flow), 41000), port(host(1), s.port)
		if p.back {
			from, to = to, from
		}
		frame := traffic.NewTCP(from, to, p.flags, p.seq, 1, 65535, p.data)
		return frame.Append(b)
	})
}

// parts cuts what one side says.
func (s said) parts(data []byte, back bool) []part {
	step := s.step
	if step == 0 {
		step = s.size
	}
	var list []part
	for at := 0; at < len(data); at += step {
		list = append(list, part{packet.ACK | packet.PSH, back, uint32(1 + at), data[at:min(at+s.size, len(data))]})
	}
	if s.order == nil || back {
		return list
	}
	ordered := make([]part, len(list))
	for i := range list {
		ordered[i] = list[s.order(i, len(list))]
	}
	return ordered
}

func backward(i, n int) int { return n - 1 - i }

// comb is the odd ones, then the even ones.
func comb(i, n int) int {
	if odd := n / 2; i < odd {
		return 2*i + 1
	} else {
		return 2 * (i - odd)
	}
}

// shuffled is a permutation: n is no multiple of the prime.
func shuffled(i, n int) int { return i * 7919 % n }

// counted puts a DNS message behind its length.
func counted(message []byte) []byte { return append(u16(uint16(len(message))), message...) }

// dnsMessage is a response with a header and what follows.
func dnsMessage(questions, answers int, rest []byte) []byte {
	if answers > 0 {
		answers = len(rest) / 11
	}
	return join([]byte{0, 1, 0x84, 0}, u16(uint16(questions)), u16(uint16(answers)), make([]byte, 4), rest)
}

func repeatedBytes(n int, b []byte) []byte { return bytes.Repeat(b, n) }

// inRecords puts handshake messages into TLS records of size bytes at most.
func inRecords(size int, messages []byte) []byte {
	var b []byte
	for fragment := range slices.Chunk(messages, size) {
		b = append(b, 0x16, 3, 3, byte(len(fragment)>>8), byte(len(fragment)))
		b = append(b, fragment...)
	}
	return b
}

// handshake is a TLS handshake message.
func handshake(kind byte, body []byte) []byte {
	return append([]byte{kind, byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}, body...)
}

func clientHello(extensions []byte) []byte {
	return handshake(1, join([]byte{3, 3}, make([]byte, 32), []byte{0, 0, 2, 0x13, 1, 1, 0}, u16(uint16(len(extensions))), extensions))
}

func serverHello() []byte {
	return handshake(2, join([]byte{3, 3}, make([]byte, 32), []byte{0, 0x13, 1, 0}))
}

// longName is a client's hello with a server name of 60,000 bytes that do not print.
func longName() []byte {
	const n = 60_000
	return clientHello(join([]byte{0, 0}, u16(n+5), u16(n+3), []byte{0}, u16(n), bytesOf(n, 0xff)))
}

// manyCertificates is a server's hello and messages of 64 certificates of a byte.
func manyCertificates(most int) []byte {
	list := repeated(64, 0, 0, 1, '0')
	message := handshake(11, join([]byte{0, 0, byte(len(list))}, list))
	message[5], message[6] = byte(len(list)>>8), byte(len(list))
	return inRecords(16<<10, join(serverHello(), repeatedBytes((most-100)/len(message), message)))
}

// hpackBomb is a preface, a frame that fills a table's entry, and frames that name it.
func hpackBomb(most int) []byte {
	frame := func(block []byte) []byte {
		return join([]byte{0, byte(len(block) >> 8), byte(len(block)), 1, 4, 0, 0, 0, 1}, block)
	}
	method, path := byte(0x82), byte(0x84)
	first := frame(join([]byte{method, path, 0x7a, 0x7f, 0xa1, 0x1e}, bytesOf(4000, 'u'))) // user-agent, index 58
	again := frame(append([]byte{method, path}, repeated(15, 0xbe)...))
	b := append([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), first...)
	return append(b, repeatedBytes((most-len(b))/len(again), again)...)
}

// interleaved is n/4 flows, all of which are open at once: first the SYN of each, then
// the second third of what it says, the last, and the first. Every second flow lacks its
// first third, and says the last again. Where n is no multiple of 4 some end early.
func interleaved(w *shapeWriter, n int) error {
	const turns, third = 4, 300
	flows := (n + turns - 1) / turns
	name := join([]byte{0, 0}, u16(20), u16(18), []byte{0}, u16(15), []byte("www.example.org"), []byte{0, 21}, u16(3*third-80), make([]byte, 3*third-80))
	said := [2][]byte{[]byte("GET /index.html HTTP/1.1\r\nHost: www.example.org\r\n"), inRecords(16<<10, clientHello(name))}
	said[0] = append(said[0], strings.Repeat("a", 3*third-len(said[0])-6)+"\r\n\r\n\r\n"...)
	return frames(func(i int, b []byte) []byte {
		flow := i % flows
		data, from := said[flow/2%2], port(source(flow), 41000)
		to := port(host(1), []uint16{80, 443}[flow/2%2])
		at := []int{0, third, 2 * third, 0}[i/flows]
		frame := traffic.NewTCP(from, to, packet.ACK|packet.PSH, uint32(1+at), 1, 65535, data[at:at+third])
		switch {
		case i < flows:
			frame = traffic.NewTCP(from, to, packet.SYN, 0, 0, 65535, nil)
		case i >= 3*flows && flow%2 == 1:
			frame = traffic.NewTCP(from, to, packet.ACK|packet.PSH, 1+2*third, 1, 65535, data[2*third:])
		}
		return frame.Append(b)
	})(w, n)
}
