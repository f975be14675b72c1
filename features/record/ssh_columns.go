package record

import (
	"bytes"

	"pcapmill/features/column"
	"pcapmill/features/record/printable"
	"pcapmill/features/record/ssh"
)

const (
	rfc4253    = "RFC 4253"
	hasshPaper = "Salesforce HASSH"
	noExchange = "in a banner"
	notThis    = "in a banner, a malformed message, or of the other side"
)

// sshColumns are the message's columns.
func sshColumns() []Def[sshMessage] {
	defs := []Def[sshMessage]{
		word("kind", "banner or key_exchange.", func(m *sshMessage) string { return pick(m.exchange, "key_exchange", "banner") }),
		word("sender", "client or server: by port 22 where one side alone has it, else by the flow's direction.", func(m *sshMessage) string { return pick(m.client, "client", "server") }),
		text("banner", column.String, "Line with which the sender names its software, without its end; in a key exchange again."+inASCII, "", func(m *sshMessage, dst []byte) ([]byte, bool) {
			return printable.AppendASCII(dst, m.line), true
		}).from(rfc4253),
		sshPart("protocol_version", "Version in it: 2.0; 1.99 of servers that speak version 1 too.", func(m *sshMessage) []byte { return m.banner.Version }),
		sshPart("software", "Software and its version in it.", func(m *sshMessage) []byte { return m.banner.Software }),
		sshPart("comments", "Comments in it, behind the first space.", func(m *sshMessage) []byte { return m.banner.Comments }),
		whole("lines_before", "Lines that the sender sent before its banner.", func(m *sshMessage) int32 { return int32(m.lines) }).in(column.Count).from(rfc4253),
		sshHash("hassh", "HASSH of a client: MD5 of hassh_text.", true),
		sshHash("hassh_server", "HASSH of a server: MD5 of hassh_text.", false),
		text("hassh_text", column.String, "The sender's algorithms for key exchange, and those for encryption, MAC and compression of what it sends itself, as HASSH joins them."+inASCII, "in a banner or a malformed message", func(m *sshMessage, dst []byte) ([]byte, bool) {
			return printable.AppendASCII(dst, m.text), len(m.hash) > 0
		}).from(hasshPaper),
		text("cookie", column.Binary, "Random bytes of the key exchange.", noExchange, func(m *sshMessage, dst []byte) ([]byte, bool) {
			return append(dst, m.lists.Cookie...), m.lists.Cookie != nil
		}).as(column.LeakProne).from(rfc4253),
	}
	for _, l := range []struct {
		list      int
		name, doc string
	}{
		{ssh.Kex, "kex_algorithms", "Key exchange"},
		{ssh.HostKey, "host_key_algorithms", "Host key"},
		{ssh.CipherToServer, "ciphers_to_server", "Encryption from client to server"},
		{ssh.CipherToClient, "ciphers_to_client", "Encryption from server to client"},
		{ssh.MACToServer, "macs_to_server", "Authentication (MAC) from client to server"},
		{ssh.MACToClient, "macs_to_client", "Authentication (MAC) from server to client"},
		{ssh.CompressionToServer, "compressions_to_server", "Compression from client to server"},
		{ssh.CompressionToClient, "compressions_to_client", "Compression from server to client"},
		{ssh.LanguageToServer, "languages_to_server", "Languages from client to server"},
		{ssh.LanguageToClient, "languages_to_client", "Languages from server to client"},
	} {
		defs = append(defs, sshList(l.list, l.name, l.doc+": the sender's names, most wanted first."+inASCII))
	}
	return append(defs,
		number("first_kex_packet_follows", "1 where a guessed packet of the key exchange comes next.", noExchange, func(m *sshMessage) (int32, bool) { return flag(m.lists.Follows), m.exchange }).from(rfc4253),
		messageBytes("Bytes of the line or packet, its end or padding included.", func(m *sshMessage) int { return m.bytes }),
		malformed("the banner is longer than 255 bytes, or the key exchange ends inside a list", counted, func(m *sshMessage) bool { return m.malformed }),
	)
}

func pick(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// sshHash declares the fingerprint of one side.
func sshHash(name, doc string, client bool) Def[sshMessage] {
	return field(name, doc, notThis, func(m *sshMessage) []byte {
		if m.client != client {
			return nil
		}
		return m.hash
	}).from(hasshPaper)
}

// sshPart declares a part of the banner.
func sshPart(name, doc string, part func(*sshMessage) []byte) Def[sshMessage] {
	return text(name, column.String, doc+inASCII, "without it", func(m *sshMessage, dst []byte) ([]byte, bool) {
		return printable.AppendASCII(dst, part(m)), len(part(m)) > 0
	}).from(rfc4253)
}

// sshList declares the names of one of a key exchange's lists.
func sshList(list int, name, doc string) Def[sshMessage] {
	return words(name, doc, func(m *sshMessage, add func([]byte)) {
		name, rest, more := []byte(nil), m.lists.Lists[list], len(m.lists.Lists[list]) > 0
		for more {
			name, rest, more = bytes.Cut(rest, []byte{','})
			add(name)
		}
	}).printed(printable.AppendASCII).from(rfc4253)
}
