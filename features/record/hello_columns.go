package record

import (
	"pcapmill/features/column"
	"pcapmill/features/record/printable"
	"pcapmill/features/record/tls"
)

const (
	notClient     = "not a client's hello"
	notServer     = "not a server's hello"
	notChosen     = "not a server's hello, or one without: of SSL 2.0, of an early draft, cut off"
	noFingerprint = "not this side's hello, in the format of SSL 2.0, or the hello ends inside a field"
	rfcTLS        = "RFC 8446"
)

// helloOf finds the hello in what a table's rows are made of.
type helloOf[M any] func(*M) *hello

// columns are those that all tables of hellos have; null says when a row has no hello,
// empty where all have one.
func (of helloOf[M]) columns(null string) []Def[M] {
	defs := []Def[M]{
		text("tls_version", column.String, "Highest version of TLS that the client offers, or the one that the server has chosen: SSLv2, SSLv3, TLSv1.0 to TLSv1.3, TLSv1.3-draft23; others in hexadecimal.", null, func(m *M, dst []byte) ([]byte, bool) {
			version, known := of(m).version()
			return tls.AppendVersionName(dst, version), known
		}).from(rfcTLS),
		number("hello_bytes", "Length of the hello without its header.", null, func(m *M) (int32, bool) {
			h := of(m)
			return int32(h.bytes), h.client != nil || h.server != nil
		}).in(column.Bytes).from(rfcTLS),
		words("alpn", "Application protocols that the client offers, in its order, or the one that the server has chosen; in TLS 1.3 that is encrypted."+inASCII, func(m *M, add func([]byte)) { of(m).eachALPN(add) }).printed(printable.AppendASCII).from("RFC 7301"),
		integers("extensions", "Types of the extensions in their order, with GREASE.", func(m *M) []uint16 { return of(m).extensions() }).from(rfcTLS),
	}
	defs = append(defs, of.ofClient(clientColumns()...)...)
	defs = append(defs, of.ofServer(serverColumns()...)...)
	return append(defs,
		of.fingerprint("ja3", "JA3 of the client hello: MD5 of version, cipher suites, extensions, groups and point formats.", "Salesforce JA3", func(h *hello) []byte { return h.ja3 }),
		of.fingerprint("ja3s", "JA3S of the server hello: MD5 of version, cipher suite and extensions.", "Salesforce JA3", func(h *hello) []byte { return h.ja3s }),
		of.fingerprint("ja4", "JA4 of the client hello. The rest of its family is under a licence that does not allow it here.", "FoxIO JA4", func(h *hello) []byte { return h.ja4 }),
	)
}

func clientColumns() []Def[tls.ClientHello] {
	return []Def[tls.ClientHello]{
		clientList("cipher_suites", "Cipher suites that the client offers, in its order, with GREASE; of a hello in the format of SSL 2.0 those that are also of TLS.", rfcTLS, func(h *tls.ClientHello) []uint16 { return h.CipherSuites }),
		clientList("supported_versions", "Versions of TLS that the client offers in the extension, with GREASE.", rfcTLS, func(h *tls.ClientHello) []uint16 { return h.SupportedVersions }),
		clientList("signature_algorithms", "Signature algorithms that the client takes.", rfcTLS, func(h *tls.ClientHello) []uint16 { return h.SignatureAlgorithms }),
		clientList("groups", "Groups for the key exchange that the client offers, with GREASE.", "RFC 8422, RFC 8446", func(h *tls.ClientHello) []uint16 { return h.Groups }),
		clientList("key_share_groups", "Groups that the client sends a key of, with GREASE.", rfcTLS, func(h *tls.ClientHello) []uint16 { return h.KeyShareGroups }),
		clientNumber("psk_count", "Pre-shared keys that the client offers: more than 0 where it resumes in TLS 1.3.", rfcTLS, func(h *tls.ClientHello) int32 { return int32(h.PSKIdentities) }).in(column.Count),
		clientNumber("early_data", "1 where the client sends data before the server has answered.", rfcTLS, func(h *tls.ClientHello) int32 { return flag(h.EarlyData) }),
		text("ech", column.String, "Encrypted Client Hello: none, outer, inner; an outer hello has the provider's name.", notClient, func(h *tls.ClientHello, dst []byte) ([]byte, bool) {
			return append(dst, h.ECH.String()...), true
		}).from("RFC 9849"),
	}
}

func serverColumns() []Def[tls.ServerHello] {
	return []Def[tls.ServerHello]{
		serverChoice("cipher_suite", "Cipher suite that the server has chosen.", rfcTLS, func(h *tls.ServerHello) int32 { return int32(h.CipherSuite) }),
		serverNumber("key_share_group", "Group of the server's key, or that it asks for; 0 without.", rfcTLS, func(h *tls.ServerHello) int32 { return int32(h.KeyShareGroup) }),
		serverNumber("psk_selected", "1 where the server resumes in TLS 1.3.", rfcTLS, func(h *tls.ServerHello) int32 { return flag(h.PSKSelected) }),
	}
}

// ofClient makes columns of a client's hello those of the message that it is in.
func (of helloOf[M]) ofClient(defs ...Def[tls.ClientHello]) []Def[M] {
	return partOf(func(m *M) *tls.ClientHello { return of(m).client }, defs...)
}

// ofServer does the same with those of a server's.
func (of helloOf[M]) ofServer(defs ...Def[tls.ServerHello]) []Def[M] {
	return partOf(func(m *M) *tls.ServerHello { return of(m).server }, defs...)
}

// clientList declares a list out of a client's hello.
func clientList[N uint8 | uint16](name, doc, source string, list func(*tls.ClientHello) []N) Def[tls.ClientHello] {
	return integers(name, doc, list).from(source)
}

// clientNumber declares a number out of a client's hello.
func clientNumber(name, doc, source string, value func(*tls.ClientHello) int32) Def[tls.ClientHello] {
	return number(name, doc, notClient, func(h *tls.ClientHello) (int32, bool) { return value(h), true }).from(source)
}

// serverNumber declares a number out of a server's hello.
func serverNumber(name, doc, source string, value func(*tls.ServerHello) int32) Def[tls.ServerHello] {
	return number(name, doc, notServer, func(h *tls.ServerHello) (int32, bool) { return value(h), true }).from(source)
}

// serverChoice is serverNumber of what not all hellos of servers have: in SSL 2.0 the client chooses.
func serverChoice(name, doc, source string, value func(*tls.ServerHello) int32) Def[tls.ServerHello] {
	return number(name, doc, notChosen, func(h *tls.ServerHello) (int32, bool) { return value(h), h.Chosen }).from(source)
}

func (of helloOf[M]) fingerprint(name, doc, source string, value func(*hello) []byte) Def[M] {
	return field(name, doc, noFingerprint, func(m *M) []byte { return value(of(m)) }).from(source)
}
