package record

import (
	"time"

	"pcapmill/features/column"
	"pcapmill/features/record/tls"
)

const (
	unreadable = "the certificate could not be read so far"
	rfcX509    = "RFC 5280"
)

// x509Columns are the certificate's columns.
func x509Columns() []Def[tlsCertificate] {
	return []Def[tlsCertificate]{
		text("sender", column.String, "client or server.", "no hello of the sender was seen", func(c *tlsCertificate, dst []byte) ([]byte, bool) {
			if c.sender == tls.TypeClientHello {
				return append(dst, "client"...), true
			}
			return append(dst, "server"...), c.sender != 0
		}),
		serverName("Name of the server that the client asked for.", noServerName, func(c *tlsCertificate) []byte { return c.serverName }),
		whole("position", "Place in the sender's list, from 0: the sender's own certificate, then those that vouch for the one before.", func(c *tlsCertificate) int32 { return int32(c.position) }),
		whole("chain_length", "Certificates in the list, 64 at the most.", func(c *tlsCertificate) int32 { return int32(c.count) }).in(column.Count),
		text("sha1", column.String, "SHA-1 of the certificate in hexadecimal.", "", func(c *tlsCertificate, dst []byte) ([]byte, bool) {
			return append(dst, c.sha1...), true
		}).as(column.LeakProne),
		text("sha256", column.String, "SHA-256 of the certificate in hexadecimal.", "", func(c *tlsCertificate, dst []byte) ([]byte, bool) {
			return append(dst, c.sha256...), true
		}).as(column.LeakProne),
		whole("certificate_bytes", "Length of the certificate.", func(c *tlsCertificate) int32 { return int32(c.Bytes) }).in(column.Bytes),
		number("version", "Version, from 1.", unreadable, func(c *tlsCertificate) (int32, bool) { return int32(c.Version), c.outlined() }).from(rfcX509),
		certificateText("serial", "Serial number in hexadecimal, a negative one behind a minus.", func(c *tlsCertificate) []byte { return c.serial }).from(rfcX509),
		certificateText("subject", "Subject in the form of RFC 4514, the most specific part first. Bytes that do not print as \\DDD.", func(c *tlsCertificate) []byte { return c.subject }).from("RFC 4514"),
		certificateText("issuer", "Issuer in the same form.", func(c *tlsCertificate) []byte { return c.issuer }).from("RFC 4514"),
		certificateText("common_name", "Common name of the subject, of several the last.", func(c *tlsCertificate) []byte { return c.commonName }).from(rfcX509),
		certificateTime("not_before", "Instant from which it is valid.", func(c *tlsCertificate) time.Time { return c.NotBefore }),
		certificateTime("not_after", "Instant up to which it is valid.", func(c *tlsCertificate) time.Time { return c.NotAfter }),
		number("valid", "1 where the packet's time is within the two.", unreadable, func(c *tlsCertificate) (int32, bool) { return flag(c.valid), c.outlined() }),
		certificateWord("key_type", "RSA, ECDSA, Ed25519, DSA; the algorithm's OID where crypto/x509 does not read the key.", func(c *tlsCertificate) string { return c.KeyType }).from(rfcX509),
		number("key_bits", "Length of the key: of the modulus, the curve's order.", "key not read", func(c *tlsCertificate) (int32, bool) { return int32(c.KeyBits), c.KeyBits > 0 }).in(column.Bits).from(rfcX509),
		certificateWord("key_curve", "Curve of an ECDSA key.", func(c *tlsCertificate) string { return c.Curve }).from("RFC 5480"),
		certificateWord("signature_algorithm", "Signature algorithm as Go names it: SHA256-RSA, …; its OID where it has no name.", func(c *tlsCertificate) string { return c.SignatureAlgorithm }).from(rfcX509),
		certificateTexts("san_dns", "DNS names in the subject's alternative names.", func(c *tlsCertificate) [][]byte { return c.names }),
		certificateTexts("san_ip", "Addresses there.", func(c *tlsCertificate) [][]byte { return c.ips }),
		certificateTexts("san_email", "Mail addresses there.", func(c *tlsCertificate) [][]byte { return c.emails }),
		certificateTexts("san_uri", "URIs there.", func(c *tlsCertificate) [][]byte { return c.uris }),
		number("is_ca", "1 where it may sign certificates.", "the certificate could not be read", func(c *tlsCertificate) (int32, bool) { return flag(c.IsCA), c.Err == nil }).from(rfcX509),
		number("self_signed", "1 where issuer and subject are the same, and the key identifiers do not say otherwise; the signature is not verified.", unreadable, func(c *tlsCertificate) (int32, bool) { return flag(c.SelfSigned), c.outlined() }).from(rfcX509),
		text("error", column.String, "Why the certificate was refused; columns that could be read all the same are there.", "the certificate was read", func(c *tlsCertificate, dst []byte) ([]byte, bool) {
			return append(dst, c.reason...), c.Err != nil
		}),
	}
}

// outlined reports that the names, the serial number and the validity were read.
func (c *tlsCertificate) outlined() bool { return c.Err == nil || c.Partial }

// certificateText is a text out of the certificate, which can be empty.
func certificateText(name, doc string, of func(*tlsCertificate) []byte) Def[tlsCertificate] {
	return text(name, column.String, doc, unreadable, func(c *tlsCertificate, dst []byte) ([]byte, bool) {
		return append(dst, of(c)...), c.outlined()
	}).as(column.LeakProne)
}

// certificateWord is a name of ours.
func certificateWord(name, doc string, of func(*tlsCertificate) string) Def[tlsCertificate] {
	return text(name, column.String, doc, "not there, or not read", func(c *tlsCertificate, dst []byte) ([]byte, bool) {
		word := of(c)
		return append(dst, word...), word != ""
	})
}

func certificateTexts(name, doc string, of func(*tlsCertificate) [][]byte) Def[tlsCertificate] {
	return wordsOf(name, doc, of).as(column.LeakProne).from(rfcX509)
}

func certificateTime(name, doc string, of func(*tlsCertificate) time.Time) Def[tlsCertificate] {
	return long(name, column.Timestamp, doc, unreadable, func(c *tlsCertificate) (int64, bool) {
		return of(c).UnixMicro(), c.outlined()
	}).as(column.LeakProne).from(rfcX509)
}
