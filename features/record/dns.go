package record

import (
	"pcapmill/features/column"
	"pcapmill/features/record/dns"
)

var dnsProtocol = Protocol{
	Name: "dns",
	Doc:  "messages of DNS, mDNS, LLMNR and the NetBIOS name service over UDP and TCP, questions and answers as lists",
	new:  newDNSParser,
}

// dnsMessage is a message with what its packet adds.
type dnsMessage struct {
	dns.Message
	bytes     int
	truncated bool // the capture lacks its end
	malformed bool
	in        transaction
}

type dnsParser struct {
	*table[dnsMessage]
	tables  *Tables
	message dnsMessage
}

func newDNSParser(ts *Tables) (Parser, error) {
	t, err := newTable(ts, "dns", dnsColumns())
	return &dnsParser{table: t, tables: ts}, err
}

// Hinted implements Parser.
func (p *dnsParser) Hinted(src, dst uint16) bool {
	_, known := dns.Hint(src, dst)
	return known
}

// Recognise implements DatagramParser.
func (p *dnsParser) Recognise(pkt *Packet) bool {
	_, ok := p.message.Recognise(pkt.Payload, pkt.SrcPort, pkt.DstPort, pkt.Cut)
	return ok
}

// Datagram implements DatagramParser.
func (p *dnsParser) Datagram(c *Conversation, pkt *Packet, out *Rows) error {
	return p.one(c, pkt, pkt.Payload, pkt.Cut, out)
}

// one adds the record of a message, of which the capture may lack the end.
func (p *dnsParser) one(c *Conversation, pkt *Packet, message []byte, cut bool, out *Rows) error {
	m := &p.message
	kind, _ := dns.Hint(pkt.SrcPort, pkt.DstPort)
	err := m.Parse(message, kind)
	m.bytes, m.truncated = len(message), cut
	m.malformed = err != nil && !cut
	m.in = transaction{}
	if kind != dns.MDNS && len(message) >= dns.HeaderBytes {
		m.in = transact(c, pkt, &m.Message)
	}
	if kind == dns.DNS || kind == dns.LLMNR {
		p.tables.names(pkt, &m.Message)
	}
	p.add(out, pkt, m)
	if !m.malformed {
		return nil
	}
	return err
}

const (
	rfc1035     = "RFC 1035"
	noQuestion  = "without a question"
	noEDNS      = "without an OPT record"
	noClientNet = "without the option"
)

// dnsColumns are the message's columns. Lists of one section have one element a record.
func dnsColumns() []Def[dnsMessage] {
	defs := []Def[dnsMessage]{
		word("kind", "dns, mdns, llmnr or nbns, by the port; dns on any other.", func(m *dnsMessage) string { return m.Kind.String() }),
		whole("id", "Transaction number.", func(m *dnsMessage) int32 { return int32(m.ID) }).from(rfc1035),
		bit("response", "1 for a response, 0 for a query.", (*dnsMessage).Response).from(rfc1035),
		whole("opcode", "0 query, 4 notify, 5 update, …", func(m *dnsMessage) int32 { return int32(m.Opcode()) }).from("IANA DNS OpCodes"),
		flagBit("authoritative", "AA: from a server that is responsible for the name.", dns.AA),
		flagBit("truncated", "TC: the message did not fit.", dns.TC),
		flagBit("recursion_desired", "RD.", dns.RD),
		flagBit("recursion_available", "RA.", dns.RA),
		flagBit("authentic_data", "AD: the resolver has verified it.", dns.AD),
		flagBit("checking_disabled", "CD.", dns.CD),
		whole("rcode", "Response code, with the upper bits of EDNS.", func(m *dnsMessage) int32 { return int32(m.Rcode) }).from("RFC 6895"),
		word("rcode_name", "NOERROR, NXDOMAIN, …; RCODE and the number where it has no name.", func(m *dnsMessage) string { return dns.RcodeName(m.Rcode) }),
		text("query_name", column.String, "Name of the first question, as it is written, without the last dot; bytes that do not print as \\DDD. NetBIOS names are decoded, their suffix in angle brackets.", noQuestion, func(m *dnsMessage, dst []byte) ([]byte, bool) {
			if len(m.Questions) == 0 {
				return dst, false
			}
			return append(dst, m.Bytes(m.Questions[0].Name)...), true
		}).from("RFC 4343, RFC 1001"),
		number("query_type", "Type of the first question.", noQuestion, firstQuestion(func(q *dns.Question) int32 { return int32(q.Type) })),
		text("query_type_name", column.String, "A, AAAA, HTTPS, …; TYPE and the number where it has no name.", noQuestion, func(m *dnsMessage, dst []byte) ([]byte, bool) {
			if len(m.Questions) == 0 {
				return dst, false
			}
			return dns.AppendTypeName(dst, m.Kind, m.Questions[0].Type), true
		}).from("IANA DNS types, RFC 3597"),
		number("query_class", "Class of the first question, in mDNS without its top bit.", noQuestion, firstQuestion(func(q *dns.Question) int32 { return int32(q.Class) })),
		count("question_count", "questions", 0), count("answer_count", "answers", 1), count("authority_count", "authority records", 2), count("additional_count", "additional records", 3),
		words("question_names", "Names of all questions.", func(m *dnsMessage, add func([]byte)) {
			for i := range m.Questions {
				add(m.Bytes(m.Questions[i].Name))
			}
		}),
		numbers("question_types", "Types of all questions.", func(m *dnsMessage, add func(int32)) {
			for i := range m.Questions {
				add(int32(m.Questions[i].Type))
			}
		}),
	}
	for s, name := range []string{"answer", "authority", "additional"} {
		defs = append(defs, sectionColumns(name, s)...)
	}
	return append(defs,
		number("edns_version", "Version of EDNS.", noEDNS, edns(func(e *dns.EDNS) int32 { return int32(e.Version) })).from("RFC 6891"),
		number("edns_udp_bytes", "Largest UDP message that the sender takes.", noEDNS, edns(func(e *dns.EDNS) int32 { return int32(e.UDPSize) })).in(column.Bytes).from("RFC 6891"),
		number("edns_dnssec_ok", "DO: 1 where the sender wants signatures.", noEDNS, edns(func(e *dns.EDNS) int32 { return flag(e.DO) })).from("RFC 3225"),
		numbers("edns_options", "Codes of the EDNS options.", func(m *dnsMessage, add func(int32)) {
			for _, code := range m.EDNS.Options {
				add(int32(code))
			}
		}).from("RFC 6891"),
		text("client_subnet", column.String, "Client subnet as address/prefix length.", noClientNet, func(m *dnsMessage, dst []byte) ([]byte, bool) {
			t := m.Bytes(m.EDNS.Subnet)
			return append(dst, t...), len(t) > 0
		}).as(column.LeakProne).from("RFC 7871"),
		long("transaction", column.Int64, "Joins queries and responses of a flow: a query's number, from 1; of a response that of the query it answers, the latest from the other side with its id and type, among the last 64 without a response.", "a response whose query was not seen; mDNS", func(m *dnsMessage) (int64, bool) { return m.in.number, m.in.number > 0 }).as(column.Identity),
		long("latency_ns", column.Int64, "Time from that query to the response.", "a query, or the query was not seen; mDNS", func(m *dnsMessage) (int64, bool) { return m.in.latency, m.in.answers }).in(column.Nanos),
		whole("message_bytes", "Captured bytes of the message.", func(m *dnsMessage) int32 { return int32(m.bytes) }).in(column.Bytes),
		whole("trailing_bytes", "Bytes behind the last record; 0 where the message could not be read to its end.", func(m *dnsMessage) int32 { return int32(m.Trailing) }).in(column.Bytes),
		bit("capture_cut", "1 where the capture lacks the message's end: what comes before it is here.", func(m *dnsMessage) bool { return m.truncated }),
		bit("malformed", "1 where the message cannot be read to its end: what comes before it is here. Counted in the manifest.", func(m *dnsMessage) bool { return m.malformed }),
	)
}

func flagBit(name, doc string, mask uint16) Def[dnsMessage] {
	return bit(name, doc, func(m *dnsMessage) bool { return m.Flags&mask != 0 }).from(rfc1035)
}

func count(name, what string, section int) Def[dnsMessage] {
	return whole(name, "Number of "+what+" that the header claims.", func(m *dnsMessage) int32 { return int32(m.Counts[section]) }).in(column.Count).from(rfc1035)
}

func firstQuestion(value func(*dns.Question) int32) func(*dnsMessage) (int32, bool) {
	return func(m *dnsMessage) (int32, bool) {
		if len(m.Questions) == 0 {
			return 0, false
		}
		return value(&m.Questions[0]), true
	}
}

func edns(value func(*dns.EDNS) int32) func(*dnsMessage) (int32, bool) {
	return func(m *dnsMessage) (int32, bool) { return value(&m.EDNS), m.EDNS.Present }
}

// sectionColumns declares the lists of one section.
func sectionColumns(name string, section int) []Def[dnsMessage] {
	return []Def[dnsMessage]{
		words(name+"_names", "Names of the "+name+" records.", func(m *dnsMessage, add func([]byte)) {
			for i := range m.Sections[section] {
				add(m.Bytes(m.Sections[section][i].Name))
			}
		}),
		numbers(name+"_types", "Types of the "+name+" records.", func(m *dnsMessage, add func(int32)) {
			for i := range m.Sections[section] {
				add(int32(m.Sections[section][i].Type))
			}
		}),
		longs(name+"_ttls_s", "Times to live of the "+name+" records, in seconds; of an OPT record its flags.", func(m *dnsMessage, add func(int64)) {
			for i := range m.Sections[section] {
				add(int64(m.Sections[section][i].TTL))
			}
		}),
		words(name+"_data", "Data of the "+name+" records in presentation form: addresses, names, quoted strings; types without one, and data not of its type's form, as RFC 3597 writes them. Empty for OPT.", func(m *dnsMessage, add func([]byte)) {
			for i := range m.Sections[section] {
				add(m.Bytes(m.Sections[section][i].Data))
			}
		}),
	}
}
