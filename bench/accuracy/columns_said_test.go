package accuracy_test

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/traffic"
)

// unsaid are the columns of a flow that says nothing of itself.
var unsaid = row{
	"server_name": nil, "alpn": nil, "tls_version": nil, "ja3": nil, "ja3s": nil, "ja4": nil, "hassh": nil, "hassh_server": nil,
	"dns_name": nil, "http_host": nil, "user_agent": nil, "http_status_first": nil,
}

// streams are the columns of both directions' streams: bytes, gap bytes, gaps, held,
// overlap and conflict bytes. nil is for null.
func streams(fwd, rev []int) row {
	r := row{}
	for i, name := range []string{"bytes", "gap_bytes", "gaps", "held_bytes", "overlap_bytes", "conflict_bytes"} {
		for side, counts := range map[string][]int{"fwd_stream_": fwd, "rev_stream_": rev} {
			if r[side+name] = nil; counts != nil {
				r[side+name] = counts[i]
			}
		}
	}
	return r
}

// plain is a stream of n bytes in order.
func plain(n int) []int { return []int{n, 0, 0, 0, 0, 0} }

// also joins expectations; of a column the last counts.
func also(rows ...row) row {
	all := row{}
	for _, r := range rows {
		for name, value := range r {
			all[name] = value
		}
	}
	return all
}

// sum16 is a number in two bytes, sum24 in three, before the bytes that it counts.
func sum16(s string) string { return string([]byte{byte(len(s) >> 8), byte(len(s))}) + s }
func sum24(s string) string { return "\x00" + sum16(s) }

// tlsRecord is a handshake message (RFC 8446, 4) in a record of its own (5.1).
func tlsRecord(kind byte, message string) string {
	return "\x16\x03\x01" + sum16(string(kind)+sum24(message))
}

// extension is one of TLS.
func extension(number int, data string) string {
	return string([]byte{byte(number >> 8), byte(number)}) + sum16(data)
}

const tlsRandom = "0123456789abcdef0123456789abcdef"

// clientHello offers TLS 1.3 and 1.2, two cipher suites, two groups, two protocols,
// and a value of GREASE (RFC 8701) in each list.
func clientHello(name string) string {
	return tlsRecord(1, "\x03\x03"+tlsRandom+"\x00"+
		sum16("\x0a\x0a\x13\x01\xc0\x2f")+"\x01\x00"+sum16(
		extension(0x1a1a, "")+
			extension(0, sum16("\x00"+sum16(name)))+
			extension(10, sum16("\x2a\x2a\x00\x1d\x00\x17"))+
			extension(11, "\x01\x00")+
			extension(16, sum16("\x02h2\x08http/1.1"))+
			extension(13, sum16("\x04\x03\x08\x04"))+
			extension(43, "\x06\x3a\x3a\x03\x04\x03\x03")))
}

// serverHello chooses a cipher suite and has an extension.
func serverHello(cipher, extension string) string {
	return tlsRecord(2, "\x03\x03"+tlsRandom+"\x00"+cipher+"\x00"+sum16(extension))
}

func hexMD5(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// hex12 is the hash of JA4's parts.
func hex12(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:6])
}

// keyExchange is the SSH packet (RFC 4253, 6) of the message with ten lists (7.1).
func keyExchange(lists ...string) string {
	message := "\x14" + tlsRandom[:16]
	for _, l := range lists {
		message += "\x00\x00" + sum16(l)
	}
	message += "\x00\x00\x00\x00\x00"
	padding := 4 // at least, and all of the packet is a multiple of 8
	for (5+len(message)+padding)%8 != 0 {
		padding++
	}
	return "\x00\x00" + sum16(string(byte(padding))+message+tlsRandom[:padding])
}

// resolved is the answer of a DNS server on UDP that a name has an address.
func resolved(d time.Duration, to netip.AddrPort, name string, addr netip.Addr, ttl uint32) accuracy.Packet {
	return at(d, traffic.UDP(resolver, to, dnsAnswer(name, dnsRecord{name: name, addr: addr, ttl: ttl})))
}

var resolver = netip.MustParseAddrPort("192.0.2.53:53")

const (
	webRequest  = "GET /a HTTP/1.1\r\nHost: www.example.com:8080\r\nUser-Agent: tester/1.0\r\n\r\n" // 71 bytes
	webContinue = "HTTP/1.1 100 Continue\r\n\r\n"                                                   // 25
	webResponse = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"                           // 47
)

// saidCases are flows whose messages say what they are.
func saidCases() []columnCase {
	web := wire{client, server, [2]uint32{1000, 5000}}
	tls := wire{client, netip.MustParseAddrPort("198.51.100.20:8443"), [2]uint32{1000, 5000}}
	ssh := wire{client, netip.MustParseAddrPort("198.51.100.20:2222"), [2]uint32{1000, 5000}}
	hello := clientHello("www.example.com")
	first := len(hello)
	hello13, hello12 := serverHello("\x13\x01", extension(43, "\x03\x04")), serverHello("\xc0\x2f", extension(16, sum16("\x02h2")))
	said := row{
		"app_protocol": "tls", "app_protocol_source": "content", "server_name": "www.example.com",
		"ja3": hexMD5("771,4865-49199,0-10-11-16-13-43,29-23,0"),
		"ja4": "t13d0206h2_" + hex12("1301,c02f") + "_" + hex12("000a,000b,000d,002b_0403,0804"),
	}
	kex := []string{keyExchange("k1,k2", "h", "c1,c2", "s1", "mc", "ms", "zc", "zs", "", ""), keyExchange("k2", "h", "c1", "s1,s2", "mc", "ms", "zc", "zs", "", "")}
	banner := "SSH-2.0-tester\r\n" // 16 bytes
	return []columnCase{
		{name: "HTTP", list: web.packets(then(opened, []step{
			up(40, webRequest[40:]), up(0, webRequest[:40]), up(0, webRequest[:9]), down(0, webContinue).acks(71), down(27, webResponse[2:20]),
			down(27, "??"), down(25, webResponse), up(71, "").acks(25 + 47),
		})...), want: []row{also(unsaid, streams([]int{71, 0, 0, 31, 9, 0}, []int{25 + 47, 0, 0, 18, 18, 2}), row{
			"app_protocol": "http", "app_protocol_source": "content", "server_name": "www.example.com", "http_host": "www.example.com:8080",
			"user_agent": "tester/1.0", "http_status_first": 404,
		})}},
		{name: "a response without its head, which the capture lost", list: web.packets(then(opened, []step{
			up(0, webRequest), down(30, "data"), up(71, "").acks(34),
		})...), want: []row{also(streams(plain(71), []int{4, 30, 1, 4, 0, 0}), row{"http_status_first": nil})}},
		{name: "TLS 1.3", list: tls.packets(then(opened, []step{up(0, hello), down(0, hello13).acks(int64(first))})...), want: []row{also(unsaid, said, streams(plain(first), plain(len(hello13))), row{
			"alpn": "h2,http/1.1", "tls_version": "TLSv1.3", "ja3s": hexMD5("771,4865,43"),
		})}},
		{name: "TLS 1.2", list: tls.packets(then(opened, []step{up(0, hello), down(0, hello12).acks(int64(first))})...), want: []row{also(unsaid, said, streams(plain(first), plain(len(hello12))), row{
			"alpn": "h2", "tls_version": "TLSv1.2", "ja3s": hexMD5("771,49199,16"),
		})}},
		{name: "SSH", list: ssh.packets(then(opened, []step{down(0, banner+kex[1]), up(0, banner+kex[0])})...), want: []row{also(unsaid, streams(plain(16+len(kex[0])), plain(16+len(kex[1]))), row{
			"app_protocol": "ssh", "app_protocol_source": "content", "hassh": hexMD5("k1,k2;c1,c2;mc;zc"), "hassh_server": hexMD5("k2;s1,s2;ms;zs"),
		})}},
		{name: "a name by DNS", list: append([]accuracy.Packet{resolved(-time.Second, client, "www.example.com", server.Addr(), 60)}, web.packets(opened...)...), want: []row{
			also(unsaid, streams(nil, nil), row{"app_protocol": "dns", "app_protocol_source": "content"}),
			also(unsaid, streams(nil, nil), row{"app_protocol": "http", "app_protocol_source": "port", "dns_name": "www.example.com"}),
		}},
	}
}

// dnsRecord is an answer that gives a name an address or, without one, an alias.
type dnsRecord struct {
	name, alias string
	addr        netip.Addr
	ttl         uint32
}

// dnsName is a name without compression (RFC 1035, 3.1).
func dnsName(name string) (b []byte) {
	for from := 0; from < len(name); {
		to := from
		for to < len(name) && name[to] != '.' {
			to++
		}
		b = append(append(b, byte(to-from)), name[from:to]...)
		from = to + 1
	}
	return append(b, 0)
}

// dnsAnswer is a response to a question about a name (4.1).
func dnsAnswer(name string, records ...dnsRecord) []byte {
	b := append([]byte{0, 7, 0x81, 0x80, 0, 1, 0, byte(len(records)), 0, 0, 0, 0}, dnsName(name)...)
	b = append(b, 0, 1, 0, 1) // A, of the internet: what is asked for does not matter here
	for _, r := range records {
		data, kind := dnsName(r.alias), byte(5)
		switch {
		case r.addr.Is4():
			data, kind = r.addr.AsSlice(), 1
		case r.addr.Is6():
			data, kind = r.addr.AsSlice(), 28
		}
		b = append(append(b, dnsName(r.name)...), 0, kind, 0, 1, byte(r.ttl>>24), byte(r.ttl>>16), byte(r.ttl>>8), byte(r.ttl), 0, byte(len(data)))
		b = append(b, data...)
	}
	return b
}
