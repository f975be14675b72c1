//go:build !nounsafe

package live

import (
	"encoding/binary"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// message builds a netlink message.
func message(kind uint16, sequence uint32, payload []byte) []byte {
	b := binary.NativeEndian.AppendUint32(nil, uint32(netlinkHeader+len(payload)))
	b = binary.NativeEndian.AppendUint16(b, kind)
	b = binary.NativeEndian.AppendUint16(b, 0)
	b = binary.NativeEndian.AppendUint32(b, sequence)
	b = binary.NativeEndian.AppendUint32(b, 0)
	return append(b, payload...)
}

func attribute(kind uint16, value string) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(attrHeader+len(value)))
	b = append(binary.NativeEndian.AppendUint16(b, kind), value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func TestAnswers(t *testing.T) {
	n := &netlink{sequence: 7}
	body := append(make([]byte, linkHeaderSize), attribute(unix.IFLA_IFNAME, "eth0\x00")...)
	body = append(body, attribute(unix.IFLA_LINKINFO, string(attribute(unix.IFLA_INFO_KIND, "veth\x00")))...)
	var names []string
	take := func(b []byte) { names = append(names, parseLink(b).name+" "+parseLink(b).kind) }
	dump := append(message(unix.RTM_NEWLINK, 6, body), message(unix.RTM_NEWLINK, 7, body)...)
	if done, err := n.answers(dump, false, unix.RTM_NEWLINK, take); done || err != nil || len(names) != 1 || names[0] != "eth0 veth" {
		t.Errorf("%v, %v, %q", done, err, names)
	}
	if done, err := n.answers(message(unix.NLMSG_DONE, 7, nil), false, unix.RTM_NEWLINK, take); !done || err != nil {
		t.Errorf("the end: %v, %v", done, err)
	}
	code := int32(-int(unix.ENODEV))
	failure := binary.NativeEndian.AppendUint32(nil, uint32(code))
	if _, err := n.answers(message(unix.NLMSG_ERROR, 7, failure), true, unix.RTM_NEWLINK, take); err != unix.ENODEV {
		t.Errorf("an error: %v", err)
	}
}

// FuzzAnswers reads messages of any bytes.
func FuzzAnswers(f *testing.F) {
	body := append(make([]byte, linkHeaderSize), attribute(unix.IFLA_IFNAME, "eth0\x00")...)
	body = append(body, attribute(unix.IFLA_STATS64, string(make([]byte, 200)))...)
	f.Add(message(unix.RTM_NEWLINK, 0, body))
	f.Add(message(unix.RTM_NEWLINK, 0, append(make([]byte, addrHeaderSize), attribute(unix.IFA_LOCAL, "\x7f\x00\x00\x01")...)))
	f.Fuzz(func(t *testing.T, b []byte) {
		n := &netlink{}
		_, _ = n.answers(b, false, unix.RTM_NEWLINK, func(b []byte) {
			parseLink(b)
			parseAddress(b)
		})
	})
}

// TestManyInterfacesAreOneLine: an error does not list hundreds of them.
func TestManyInterfacesAreOneLine(t *testing.T) {
	names := strings.Fields(strings.Repeat("veth0 ", maxListed+3))
	if got := listed(names); !strings.HasSuffix(got, "veth0 and 3 more") || strings.Count(got, "veth0") != maxListed {
		t.Error(got)
	}
	if got := listed(names[:maxListed]); strings.Contains(got, "more") {
		t.Error(got)
	}
}
