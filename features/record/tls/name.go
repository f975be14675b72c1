package tls

import (
	"encoding/asn1"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"unicode/utf16"
)

// maxName is the longest name that is read.
const maxName = 8 << 10

// attribute is one of those that a name is made of. Its value is read here, as asn1 and
// crypto/x509 refuse what many certificates have, such as an @ in a PrintableString.
type attribute struct {
	Type  asn1.ObjectIdentifier
	Value asn1.RawValue
}

type attributeSET []attribute // asn1 knows a set by its name

// attributeNames are those of RFC 4514 §3, and two that are widely used.
var attributeNames = map[string]string{
	"2.5.4.3": commonName, "2.5.4.5": "SERIALNUMBER", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.9": "STREET",
	"2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.17": "POSTALCODE", "0.9.2342.19200300.100.1.1": "UID", "0.9.2342.19200300.100.1.25": "DC",
}

const commonName = "CN"

// nameText returns a name in the form of RFC 4514, and its last common name.
func nameText(der []byte) (name, common string) {
	var sets []attributeSET
	if len(der) > maxName {
		return "", ""
	}
	if _, err := asn1.Unmarshal(der, &sets); err != nil {
		return "", ""
	}
	var texts []string
	for _, set := range sets {
		var parts []string
		for i := range set {
			part, value := set[i].text()
			if parts = append(parts, part); value != "" && strings.HasPrefix(part, commonName+"=") {
				common = value
			}
		}
		texts = append(texts, strings.Join(parts, "+"))
	}
	slices.Reverse(texts)
	return strings.Join(texts, ","), common
}

// text returns an attribute in the form of RFC 4514, and its value: in hexadecimal with
// its tag and length where the type has no name or the value is no text (§2.4).
func (a *attribute) text() (text, value string) {
	name, known := attributeNames[a.Type.String()]
	value, ok := valueText(&a.Value)
	switch {
	case !known:
		name = a.Type.String()
	case ok:
		return name + "=" + escapeValue(value), value
	}
	return name + "=#" + hex.EncodeToString(a.Value.FullBytes), ""
}

// valueText returns a value that is a text; false where it is none.
func valueText(v *asn1.RawValue) (string, bool) {
	const visible, universal = 26, 28
	b := v.Bytes
	switch {
	case v.Class != asn1.ClassUniversal || v.IsCompound:
		return "", false
	case v.Tag == asn1.TagBMPString && len(b)%2 == 0:
		units := make([]uint16, 0, len(b)/2)
		for ; len(b) > 0; b = b[2:] {
			units = append(units, binary.BigEndian.Uint16(b))
		}
		return strings.TrimSuffix(string(utf16.Decode(units)), "\x00"), true // some end it as C does
	case v.Tag == universal && len(b)%4 == 0:
		var runes []rune
		for ; len(b) > 0; b = b[4:] {
			runes = append(runes, rune(binary.BigEndian.Uint32(b)))
		}
		return string(runes), true
	}
	switch v.Tag {
	case asn1.TagUTF8String, asn1.TagPrintableString, asn1.TagT61String, asn1.TagIA5String, asn1.TagNumericString, asn1.TagGeneralString, visible:
		return string(b), true
	}
	return "", false
}

// escapeValue escapes what would end a value, or be taken for something else (RFC 4514 §2.4).
func escapeValue(value string) string {
	var b strings.Builder
	for i := range len(value) {
		c := value[i]
		first, last := i == 0, i == len(value)-1
		if strings.IndexByte(`,+"\<>;`, c) >= 0 || first && (c == '#' || c == ' ') || last && c == ' ' {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	return b.String()
}
