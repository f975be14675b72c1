package record

import (
	"bytes"
	"encoding/hex"

	"pcapmill/features/column"
	"pcapmill/features/flow"
	"pcapmill/features/record/begin"
	"pcapmill/features/record/fingerprint"
	"pcapmill/features/record/printable"
	"pcapmill/features/record/ssh"
)

var sshProtocol = Protocol{
	Name: "ssh",
	Doc:  "banners and key exchanges of SSH, one row a message, with HASSH",
	new:  newSSHParser,
}

// sshMessage is a banner or a key exchange of one side.
type sshMessage struct {
	exchange  bool // it is a key exchange; before it came the banner
	client    bool
	line      []byte // the banner
	banner    ssh.Banner
	lines     int // before the banner
	lists     ssh.KeyExchange
	text      []byte // what HASSH is the MD5 of
	hash      []byte // HASSH
	bytes     int
	malformed bool
	word      []byte // of a list, while it is added
}

// sshTalk is what is known of a connection.
type sshTalk struct {
	sides [2]ssh.Side
	old   bool // a side speaks version 1, whose packets are others
}

// sshTalkBytes is about what an sshTalk takes, its banners apart.
const sshTalkBytes = 128

type sshParser struct {
	*table[sshMessage]
	message sshMessage
}

func newSSHParser(ts *Tables) (Parser, error) {
	p := &sshParser{}
	t, err := newTable(ts, "ssh", sshColumns())
	p.table = t
	return p, err
}

// Hinted implements Parser.
func (p *sshParser) Hinted(src, dst uint16) bool { return ssh.Hint(src, dst) }

// Begins implements StreamParser.
func (p *sshParser) Begins(head []byte, pkt *Packet) begin.Answer {
	return ssh.Begins(head, pkt.SrcPort, MaxHead)
}

// Stream implements StreamParser.
func (p *sshParser) Stream(c *Conversation, pkt *Packet, data []byte, out *Rows) (used, need int, err error) {
	talk := stateOf[sshTalk](c, sshTalkBytes)
	side := &talk.sides[pkt.Side]
	for used < len(data) {
		if talk.old && side.Banner != nil {
			return used, 0, ErrDone
		}
		step, err := side.Next(data[used:])
		if step.Found != ssh.Nothing {
			err = p.found(c, pkt, side, step, err, out)
		}
		if err != nil || step.Used == 0 {
			return used, step.Need, err
		}
		used += step.Used
		if step.Found == ssh.ABanner {
			c.Reserve(len(side.Banner))
			talk.old = talk.old || p.message.banner.Old()
		}
	}
	return used, 0, nil
}

// found makes a record of a message; failed is what was wrong with it so far.
func (p *sshParser) found(c *Conversation, pkt *Packet, side *ssh.Side, step ssh.Step, failed error, out *Rows) error {
	m := &p.message
	*m = sshMessage{
		exchange: step.Found == ssh.AKeyExchange, client: ssh.Client(pkt.SrcPort, pkt.DstPort, pkt.Forward),
		line: side.Banner, banner: ssh.ParseBanner(side.Banner), lines: side.Lines, bytes: step.Used,
		text: m.text[:0], hash: m.hash[:0], word: m.word,
	}
	if m.exchange {
		failed = m.lists.Parse(step.Payload)
	}
	m.malformed = failed != nil
	if m.exchange && failed == nil {
		m.text = m.lists.AppendHASSH(m.text, m.client)
		m.hash = fingerprint.AppendMD5(m.hash, m.text)
		c.Say(m.column(), m.hash)
		failed = ErrDone
	}
	p.add(out, pkt, m)
	return failed
}

// column returns the flow's column for the side's fingerprint.
func (m *sshMessage) column() flow.AppText {
	if m.client {
		return flow.HASSH
	}
	return flow.HASSHServer
}

// Gap implements StreamParser: behind a gap, packets begin anywhere.
func (p *sshParser) Gap(*Conversation, *Packet, int64) bool { return false }

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
		text("banner", column.String, "Line with which the sender names its software, without its end; in a key exchange again. Bytes that do not print as \\DDD, here and in all texts.", "", func(m *sshMessage, dst []byte) ([]byte, bool) {
			return printable.AppendASCII(dst, m.line), true
		}).from(rfc4253),
		sshPart("protocol_version", "Version in it: 2.0; 1.99 of servers that speak version 1 too.", func(m *sshMessage) []byte { return m.banner.Version }),
		sshPart("software", "Software and its version in it.", func(m *sshMessage) []byte { return m.banner.Software }),
		sshPart("comments", "Comments in it, behind the first space.", func(m *sshMessage) []byte { return m.banner.Comments }),
		whole("lines_before", "Lines that the sender sent before its banner.", func(m *sshMessage) int32 { return int32(m.lines) }).in(column.Count).from(rfc4253),
		text("hassh", column.String, "HASSH of a client: MD5 of hassh_text.", notThis, func(m *sshMessage, dst []byte) ([]byte, bool) {
			return append(dst, m.hash...), m.client && len(m.hash) > 0
		}).from(hasshPaper),
		text("hassh_server", column.String, "HASSH of a server: MD5 of hassh_text.", notThis, func(m *sshMessage, dst []byte) ([]byte, bool) {
			return append(dst, m.hash...), !m.client && len(m.hash) > 0
		}).from(hasshPaper),
		text("hassh_text", column.String, "The sender's algorithms for key exchange, and those for encryption, MAC and compression of what it sends itself, as HASSH joins them.", "in a banner or a malformed message", func(m *sshMessage, dst []byte) ([]byte, bool) {
			return printable.AppendASCII(dst, m.text), len(m.hash) > 0
		}).from(hasshPaper),
		text("cookie", column.Text, "Random bytes of the key exchange, in hexadecimal.", noExchange, func(m *sshMessage, dst []byte) ([]byte, bool) {
			return hex.AppendEncode(dst, m.lists.Cookie), m.lists.Cookie != nil
		}).as(column.Identity).from(rfc4253),
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
		defs = append(defs, sshList(l.list, l.name, l.doc+": the sender's names, most wanted first."))
	}
	return append(defs,
		number("first_kex_packet_follows", "1 where a guessed packet of the key exchange comes next.", noExchange, func(m *sshMessage) (int32, bool) { return flag(m.lists.Follows), m.exchange }).from(rfc4253),
		whole("message_bytes", "Bytes of the line or packet, its end or padding included.", func(m *sshMessage) int32 { return int32(m.bytes) }).in(column.Bytes),
		bit("malformed", "1 where the banner is longer than 255 bytes, or the key exchange ends inside a list: what comes before is here. Counted in the manifest.", func(m *sshMessage) bool { return m.malformed }),
	)
}

func pick(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

func sshPart(name, doc string, part func(*sshMessage) []byte) Def[sshMessage] {
	return text(name, column.String, doc, "without it", func(m *sshMessage, dst []byte) ([]byte, bool) {
		return printable.AppendASCII(dst, part(m)), len(part(m)) > 0
	}).from(rfc4253)
}

// sshList declares the names of one of a key exchange's lists.
func sshList(list int, name, doc string) Def[sshMessage] {
	return words(name, doc, func(m *sshMessage, add func([]byte)) {
		name, rest, more := []byte(nil), m.lists.Lists[list], len(m.lists.Lists[list]) > 0
		for more {
			name, rest, more = bytes.Cut(rest, []byte{','})
			m.word = printable.AppendASCII(m.word[:0], name)
			add(m.word)
		}
	}).from(rfc4253)
}
