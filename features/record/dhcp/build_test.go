package dhcp

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// unhex reads hexadecimal with spaces.
func unhex(s string) string {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return string(b)
}

// fixed4 is a message of DHCPv4 up to its cookie: a request of an Ethernet client.
func fixed4() []byte {
	b := make([]byte, atCookie, 600)
	copy(b, unhex("01 01 06 02 12345678 0003 8000 c0000201 c0000202 c0000203 c0000204 02005e005301"))
	return b
}

// message4 has the given options and an end.
func message4(options ...string) []byte {
	b := binary.BigEndian.AppendUint32(fixed4(), cookie)
	return append(b, strings.Join(options, "")+"\xff"...)
}

// opt4 is an option of DHCPv4.
func opt4(code byte, value string) string { return string([]byte{code, byte(len(value))}) + value }

// opt6 is an option of DHCPv6.
func opt6(code uint16, values ...string) string {
	value := strings.Join(values, "")
	b := binary.BigEndian.AppendUint16(nil, code)
	return string(binary.BigEndian.AppendUint16(b, uint16(len(value)))) + value
}

// message6 is a message of DHCPv6.
func message6(typ byte, options ...string) []byte {
	return append([]byte{typ, 0x12, 0x34, 0x56}, strings.Join(options, "")...)
}

// relay6 puts a relay's message around another.
func relay6(hops byte, inner []byte, options ...string) []byte {
	b := append([]byte{typeRelayForward, hops}, unhex("20010db8 00000000 00000000 00000001 fe800000 00000000 00000000 00000002")...)
	return append(b, strings.Join(options, "")+opt6(optRelayMessage, string(inner))...)
}
