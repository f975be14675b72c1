package quic

import (
	"bytes"
	"testing"
)

// Frames of the packets in RFC 9001 §A and RFC 9369 §A, which have the same.
const (
	vectorClient = `060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c
	00000413011302010000c000000010000e00000b6578616d706c652e636f6dff01000100000a00080006001d00170018001000070005
	04616c706e000500050100000000003300260024001d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74
	d748002b0003020304000d0010000e0403050306030203080408050806002d00020101001c00024001003900320408ffffffffffffff
	ff05048000ffff07048000ffff0801100104800075300901100f088394c8f03e51570806048000ffff`
	vectorServer = `02000000000600405a020000560303eefce7f7b37ba1d1632e96677825ddf73988cfc79825df566dc5430b9a045a
	1200130100002e00330024001d00209d3c940d89690b84d08a60993c144eca684d1081287c834d5311bcf32bb9da1a002b00020304`
	vectorDCID = "\x83\x94\xc8\xf0\x3e\x51\x57\x08"
)

var vectors = []struct {
	version              Version
	clientHeader, client string // client: how the packet begins
	clientTag            string
	serverHeader, server string
	retry                string
}{
	{
		V1,
		"c300000001088394c8f03e5157080000449e00000002",
		"c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9bd8bab936b47d92ec356c",
		"e221af44860018ab0856972e194cd934",
		"c1000000010008f067a5502a4262b50040750001",
		`cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb38cc5a99f5ede
		4cf73c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795d77d06ed
		bb7aaf2f58891850abbdca3d20398c276456cbc42158407dd074ee`,
		"ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba",
	},
	{
		V2,
		"d36b3343cf088394c8f03e5157080000449e00000002",
		"d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485dd04de806071bf03dceebfa162e75d6c",
		"a18b2faa745b6fe189cf772a9f84cbfc",
		"d16b3343cf0008f067a5502a4262b50040750001",
		`dc6b3343cf0008f067a5502a4262b5004075d92faaf16f05d8a4398c47089698baeea26b91eb761d9b89237bbf87263017915358230035
		f7fd3945d88965cf17f9af6e16886c61bfc703106fbaf3cb4cfa52382dd16a393e42757507698075b2c984c707f0a0812d8cd5a6881e
		af21ceda98f4bd23f6fe1a3e2c43edd9ce7ca84bed8521e2e140`,
		"cf6b3343cf0008f067a5502a4262b5746f6b656ec8646ce8bfe33952d955543665dcc7b6",
	},
}

// TestVectors seals the packets of §A.2 and §A.3, which must come out as they are
// there, and reads them, and checks the Retry packet of §A.4.
func TestVectors(t *testing.T) {
	for _, v := range vectors {
		both, ok := derive(v.version, []byte(vectorDCID))
		if !ok {
			t.Fatal(v.version)
		}
		frames := append(unhex(t, vectorClient), make([]byte, 917)...)
		client := seal(&both[0], unhex(t, v.clientHeader), frames, 2)
		if len(client) != 1200 || !bytes.HasPrefix(client, unhex(t, v.client)) || !bytes.HasSuffix(client, unhex(t, v.clientTag)) {
			t.Errorf("%v: client's packet %x", v.version, client)
		}
		server := seal(&both[1], unhex(t, v.serverHeader), unhex(t, vectorServer), 1)
		if !bytes.Equal(server, unhex(t, v.server)) {
			t.Errorf("%v: server's packet %x", v.version, server)
		}
		x := told{t: t}
		x.must(client, true)
		x.must(server, false)
		if len(x.events) != 2 {
			t.Fatalf("%v: %+v", v.version, x.events)
		}
		c, s := x.events[0], x.events[1]
		if c.Kind != HelloOfClient || c.Number != 2 || !bytes.Equal(c.Body, unhex(t, vectorClient)[8:]) {
			t.Errorf("%v: client said %+v", v.version, c)
		}
		if s.Kind != HelloOfServer || s.Number != 1 || !bytes.Equal(s.Body, unhex(t, vectorServer)[13:]) {
			t.Errorf("%v: server said %+v", v.version, s)
		}
		retry := unhex(t, v.retry)
		if !v.version.crypto().answers(retry, []byte(vectorDCID)) || v.version.crypto().answers(retry, []byte("another")) {
			t.Errorf("%v: Retry", v.version)
		}
	}
}

// TestDecodeNumber has the examples of RFC 9000 §A.3, and the ends of the range.
func TestDecodeNumber(t *testing.T) {
	for _, c := range []struct {
		truncated int64
		bits      int
		largest   int64
		want      int64
	}{
		{0x9b32, 16, 0xa82f30ea, 0xa82f9b32},
		{0, 8, -1, 0}, {0xff, 8, -1, 0xff}, {0, 8, 255, 256}, {0xff, 8, 256, 255}, {0xfe, 8, 0x1ff, 0x1fe},
		{0xff, 8, 1<<62 - 1, 1<<62 - 1},
	} {
		if got := decodeNumber(c.truncated, c.bits, c.largest); got != c.want {
			t.Errorf("%#x in %d bits behind %#x is %#x, want %#x", c.truncated, c.bits, c.largest, got, c.want)
		}
	}
}

// TestVarint has the examples of RFC 9000 §A.1.
func TestVarint(t *testing.T) {
	for in, want := range map[string]uint64{"c2197c5eff14e88c": 151288809941952652, "9d7f3e7d": 494878333, "7bbd": 15293, "25": 37, "4025": 37} {
		if got, rest, ok := varint(append(unhex(t, in), 7)); got != want || !ok || len(rest) != 1 {
			t.Errorf("%s is %d, want %d", in, got, want)
		}
		if _, _, ok := varint(unhex(t, in[:len(in)-2])); ok {
			t.Errorf("%s, cut, is a number", in)
		}
	}
}
