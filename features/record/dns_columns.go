package record

import (
	"pcapmill/features/column"
	"pcapmill/features/record/dns"
)

const (
	rfc1035    = "RFC 1035"
	rfc6891    = "RFC 6891"
	rfc6895    = "RFC 6895"
	noQuestion = "without a question"
	noEDNS     = "without an OPT record"
)

// dnsColumns are the message's columns. Lists of one section have one element a record.
func dnsColumns() []Def[dnsMessage] {
	defs := []Def[dnsMessage]{
		word("kind", "dns, mdns, llmnr or nbns, by the port; dns on any other.", func(m *dnsMessage) string { return m.Kind.String() }),
		whole("transaction_id", "Transaction number.", func(m *dnsMessage) int32 { return int32(m.ID) }).as(column.Identity).from(rfc1035),
		bit("response", "1 for a response, 0 for a query.", (*dnsMessage).Response).from(rfc1035),
		whole("opcode", "Kind of operation.", func(m *dnsMessage) int32 { return int32(m.Opcode()) }).from(rfc6895),
		word("opcode_name", "QUERY, NOTIFY, UPDATE, …; OPCODE and the number where it has no name. Those of NetBIOS are others: REGISTRATION, REFRESH, …", func(m *dnsMessage) string { return dns.OpcodeName(m.Kind, m.Opcode()) }).from("RFC 6895, RFC 1002"),
		flagBit("authoritative", "AA: from a server that is responsible for the name.", dns.AA, rfc1035),
		flagBit("truncated", "TC: the message did not fit.", dns.TC, rfc1035),
		flagBit("recursion_desired", "RD: the resolver shall ask others where it does not know.", dns.RD, rfc1035),
		flagBit("recursion_available", "RA: the server would ask others.", dns.RA, rfc1035),
		flagBit("authentic_data", "AD: the resolver has verified it.", dns.AD, "RFC 4035"),
		flagBit("checking_disabled", "CD: the resolver shall not verify it.", dns.CD, "RFC 4035"),
		whole("rcode", "Response code, with the upper bits of EDNS.", func(m *dnsMessage) int32 { return int32(m.Rcode) }).from(rfc6895),
		word("rcode_name", "NOERROR, NXDOMAIN, …; RCODE and the number where it has no name. NetBIOS has ACT_ERR for 6 and CFT_ERR for 7.", func(m *dnsMessage) string { return dns.RcodeName(m.Kind, m.Rcode) }).from("RFC 6895, RFC 1002"),
		text("query_name", column.String, "Name of the first question, as it is written, without the last dot. NetBIOS names are decoded, their suffix in angle brackets."+inASCII, noQuestion, func(m *dnsMessage, dst []byte) ([]byte, bool) {
			if len(m.Questions) == 0 {
				return dst, false
			}
			return append(dst, m.Bytes(m.Questions[0].Name)...), true
		}).as(column.LeakProne).from("RFC 4343, RFC 1001"),
		number("query_type", "Type of the first question.", noQuestion, firstQuestion(func(q *dns.Question) int32 { return int32(q.Type) })).from(rfc1035),
		text("query_type_name", column.String, "A, AAAA, HTTPS, …; TYPE and the number where it has no name.", noQuestion, func(m *dnsMessage, dst []byte) ([]byte, bool) {
			if len(m.Questions) == 0 {
				return dst, false
			}
			return dns.AppendTypeName(dst, m.Kind, m.Questions[0].Type), true
		}).from("IANA DNS types, RFC 3597"),
		number("query_class", "Class of the first question, in mDNS without its top bit.", noQuestion, firstQuestion(func(q *dns.Question) int32 { return int32(q.Class) })).from("RFC 1035, RFC 6762"),
		count("question_count", "questions", 0), count("answer_count", "answers", 1), count("authority_count", "authority records", 2), count("additional_count", "additional records", 3),
		words("question_names", "Names of all questions, as in query_name.", func(m *dnsMessage, add func([]byte)) {
			for i := range m.Questions {
				add(m.Bytes(m.Questions[i].Name))
			}
		}).as(column.LeakProne).from(rfc1035),
		numbers("question_types", "Types of all questions.", func(m *dnsMessage, add func(int32)) {
			for i := range m.Questions {
				add(int32(m.Questions[i].Type))
			}
		}).from(rfc1035),
	}
	for s, name := range []string{"answer", "authority", "additional"} {
		defs = append(defs, sectionColumns(name, s)...)
	}
	return append(defs,
		number("edns_version", "Version of EDNS.", noEDNS, edns(func(e *dns.EDNS) int32 { return int32(e.Version) })).from(rfc6891),
		number("edns_udp_bytes", "Largest UDP message that the sender takes.", noEDNS, edns(func(e *dns.EDNS) int32 { return int32(e.UDPSize) })).in(column.Bytes).from(rfc6891),
		number("edns_dnssec_ok", "DO: 1 where the sender wants signatures.", noEDNS, edns(func(e *dns.EDNS) int32 { return flag(e.DO) })).from("RFC 3225"),
		integers("edns_options", "Codes of the EDNS options.", func(m *dnsMessage) []uint16 { return m.EDNS.Options }).from(rfc6891),
		field("client_subnet", "Client subnet as address/prefix length.", noOption, func(m *dnsMessage) []byte { return m.Bytes(m.EDNS.Subnet) }).as(column.LeakProne).from("RFC 7871"),
		long("exchange", column.Int64, "Number of the query within the flow, from 1; a response has that of the query it answers, the latest from the other side with its id and type, among the last 64 without a response.", "a response whose query was not seen; mDNS", func(m *dnsMessage) (int64, bool) { return m.exchange.number, m.exchange.number > 0 }).as(column.Identity),
		long("latency_ns", column.Int64, "Time from that query to the response.", "a query, or the query was not seen; mDNS", func(m *dnsMessage) (int64, bool) { return m.exchange.latency, m.exchange.answers }).in(column.Nanos),
		messageBytes("Captured bytes of the message.", func(m *dnsMessage) int { return m.bytes }),
		whole("trailing_bytes", "Bytes behind the last record; 0 where the message could not be read to its end.", func(m *dnsMessage) int32 { return int32(m.Trailing) }).in(column.Bytes),
		captureCut(func(m *dnsMessage) bool { return m.cut }),
		malformed("the message cannot be read to its end", counted, func(m *dnsMessage) bool { return m.malformed }),
	)
}

func flagBit(name, doc string, mask uint16, source string) Def[dnsMessage] {
	return bit(name, doc, func(m *dnsMessage) bool { return m.Has(mask) }).from(source)
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
	filled := func(m *dnsMessage) bool { return len(m.Sections[section]) > 0 }
	return where(filled,
		words(name+"_names", "Names of the "+name+" records, as in query_name.", func(m *dnsMessage, add func([]byte)) {
			for i := range m.Sections[section] {
				add(m.Bytes(m.Sections[section][i].Name))
			}
		}).as(column.LeakProne).from(rfc1035),
		numbers(name+"_types", "Types of the "+name+" records.", func(m *dnsMessage, add func(int32)) {
			for i := range m.Sections[section] {
				add(int32(m.Sections[section][i].Type))
			}
		}).from(rfc1035),
		longs(name+"_ttls_s", "Times to live of the "+name+" records, in seconds; of an OPT record its flags.", func(m *dnsMessage, add func(int64)) {
			for i := range m.Sections[section] {
				add(int64(m.Sections[section][i].TTL))
			}
		}).in(column.Seconds).from(rfc1035),
		words(name+"_data", "Data of the "+name+" records in presentation form: addresses, names, quoted strings; types without one, and data not of its type's form, as RFC 3597 writes them. Empty for OPT.", func(m *dnsMessage, add func([]byte)) {
			for i := range m.Sections[section] {
				add(m.Bytes(m.Sections[section][i].Data))
			}
		}).as(column.LeakProne).from("RFC 1035, RFC 3597"),
	)
}
