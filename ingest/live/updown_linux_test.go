//go:build !nounsafe

package live_test

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"pcapmill/ingest/filter"
	"pcapmill/ingest/live"
	"pcapmill/ingest/packet"
)

// turn is one way of an interface to go and come back.
type turn struct {
	name      string
	gone      func(t *testing.T)
	back      func(t *testing.T)
	remakes   bool // the sender's interface goes too
	wantInGap string
}

var turns = []turn{
	{"down", func(t *testing.T) { ip(t, "link set vb down") }, func(t *testing.T) { ip(t, "link set vb up") }, false, "was set down"},
	{"removed", func(t *testing.T) { ip(t, "link del vb") }, func(t *testing.T) { addPair(t) }, true, "was removed"},
}

// TestInterfaceGoesAndComesBack sets the interface down and up, and removes and makes it, many
// times: every frame sent while it was up is captured, with the filter and promiscuous mode
// of before, and there is an event for each time between the frames before and behind.
func TestInterfaceGoesAndComesBack(t *testing.T) {
	world(t)
	for _, rings := range []int{1, 2} {
		for _, turn := range turns {
			t.Logf("%d rings, %s", rings, turn.name)
			cfg := config("vb")
			cfg.Rings = rings
			cfg.Filter, _ = filter.Parse("udp")
			c := open(t, cfg)
			for round := range rounds(5, 50) {
				goAndComeBack(t, c, turn, uint64(round))
			}
			s, err := c.Stats()
			if n := int64(2 * rounds(5, 50)); err != nil || s.Read != n || s.Packets != n || s.Drops != 0 {
				t.Errorf("%+v, %v, want %d packets", s, err, n)
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func goAndComeBack(t *testing.T, c *live.Capture, turn turn, seq uint64) {
	t.Helper()
	sendOn(t, "va").send(udpFrame(seq, 100, 1)) // not read before the interface is gone
	var got []captured
	turn.gone(t)
	wait(t, c, &got, func() bool { _, down := c.Down(); return down })
	turn.back(t)
	wait(t, c, &got, func() bool { _, down := c.Down(); return !down })
	events := c.Events()
	sendOn(t, "va").send(udpFrame(seq+1000, 100, 1))
	got = append(got, readAll(t, c, 2-len(got))...)
	if len(got) != 2 || binary.BigEndian.Uint64(got[0].bytes[seqAt:]) != seq || binary.BigEndian.Uint64(got[1].bytes[seqAt:]) != seq+1000 {
		t.Fatalf("round %d: %s", seq, describe(got))
	}
	if len(events) != 1 {
		t.Fatalf("round %d: events %+v", seq, events)
	}
	e := events[0]
	if e.Kind != live.EventDown || e.Detail != "vb "+turn.wantInGap || e.Start < got[0].Time || e.End < e.Start || got[1].Time < e.End {
		t.Fatalf("round %d: %+v, frames at %d and %d", seq, e, got[0].Time, got[1].Time)
	}
	if !promiscuous(t, "vb") {
		t.Errorf("round %d: no longer promiscuous", seq)
	}
}

// wait reads until something is so, for ten seconds at most.
func wait(t *testing.T, c *live.Capture, got *[]captured, until func() bool) {
	t.Helper()
	for range 1000 {
		if *got = append(*got, readSome(t, c, 1)...); until() {
			return
		}
	}
	t.Fatal("nothing happened")
}

// TestNextWhileDown keeps waiting, and Close ends the gap.
func TestNextWhileDown(t *testing.T) {
	world(t)
	c := open(t, config("vb"))
	ip(t, "link set vb down")
	if b, err := c.Next(context.Background(), 100*time.Millisecond); b != nil || err != nil {
		t.Errorf("%v, %v", b, err)
	}
	if before := c.Caught(); before < time.Now().Add(-10*time.Second).UnixNano() {
		t.Error("no promise while the interface is down")
	}
	_ = c.Close()
	events := c.Events()
	if len(events) != 1 || events[0].Kind != live.EventDown || events[0].End <= events[0].Start {
		t.Errorf("events %+v", events)
	}
}

// TestComesBackAsAnother refuses frames of another link type.
func TestComesBackAsAnother(t *testing.T) {
	world(t)
	c := open(t, config("vb"))
	ip(t, "link del vb")
	if b, err := c.Next(context.Background(), 50*time.Millisecond); b != nil || err != nil {
		t.Fatalf("%v, %v", b, err)
	}
	if out, err := exec.Command("ip", "tuntap", "add", "dev", "vb", "mode", "tun").CombinedOutput(); err != nil {
		t.Skipf("needs a tunnel: %s", out)
	}
	ip(t, "link set vb up")
	_, err := c.Next(context.Background(), time.Second)
	if !errors.Is(err, live.ErrConfig) || !strings.Contains(err.Error(), "came back") {
		t.Errorf("error %v", err)
	}
}

// TestChangesAreEvents changes what may change while frames are captured.
func TestChangesAreEvents(t *testing.T) {
	world(t)
	c := open(t, config("vb"))
	ip(t, "link set vb mtu 4000")
	ip(t, "link set vb down")
	ip(t, "link set vb name vc")
	ip(t, "link set vc up")
	sendOn(t, "va").send(udpFrame(1, 100, 1))
	if got := readAll(t, c, 1); len(got) != 1 {
		t.Errorf("%d frames of a renamed interface", len(got))
	}
	seen := map[live.EventKind]string{}
	for _, e := range c.Events() {
		seen[e.Kind] = e.Detail
	}
	if len(seen) != 3 || seen[live.EventMTU] != "from 1500 to 4000" || seen[live.EventRenamed] != "vb is now vc" || c.Info().MTU != 4000 {
		t.Errorf("events %v, %+v", seen, c.Info())
	}
}

// TestOpenRefuses says what is wrong, and what to do.
func TestOpenRefuses(t *testing.T) {
	world(t)
	ip(t, "link set vb down")
	expr, err := filter.Parse("ether host 02:00:00:00:00:01")
	if err != nil {
		t.Fatal(err)
	}
	anyFilter := config(live.Any)
	anyFilter.Filter = expr
	nothing, err := filter.Parse("tcp and udp")
	if err != nil {
		t.Fatal(err)
	}
	neverMatches := config("va")
	neverMatches.Filter = nothing
	hardware := config("va")
	hardware.Timestamps = live.TimestampsHardware
	both := config("va")
	both.Filter, both.Program = expr, filter.Program{{Op: 6, K: 1}}
	for _, test := range []struct {
		cfg  live.Config
		is   error
		text string
	}{
		{config("eth9"), live.ErrNoInterface, "no such interface: eth9; there are lo, vb, va, any"},
		{config("a name that is much too long"), live.ErrNoInterface, `no such interface: "a name that is much too long"; there are`},
		{config("e\x1b[m"), live.ErrNoInterface, `"e\x1b[m"`},
		{config("vb"), live.ErrDown, "interface is down: vb (ip link set vb up)"},
		{anyFilter, nil, "link type linux_sll2"},
		{neverMatches, live.ErrConfig, `filter "tcp and udp": no ethernet packet can match`},
		{hardware, live.ErrConfig, "va has no time stamps of hardware"},
		{both, live.ErrConfig, "as text and another as a program"},
	} {
		c, err := live.Open(test.cfg)
		if err == nil {
			_ = c.Close()
			t.Errorf("%s: opened", test.text)
			continue
		}
		if test.is != nil && !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%v, want %s", err, test.text)
		}
	}
}

// TestWithoutCapability runs itself again without any capability.
func TestWithoutCapability(t *testing.T) {
	if os.Getenv("PCAPMILL_TEST_CAPTURE") != "" {
		_, err := live.Open(config("vb"))
		all, listErr := live.List()
		if listErr != nil {
			t.Error(listErr)
		}
		for _, i := range all {
			if i.Name == "vb" && !strings.Contains(i.WhyNot, "CAP_NET_RAW") {
				t.Errorf("vb can be captured, it says: %+v", i)
			}
		}
		if !errors.Is(err, live.ErrPermission) {
			t.Errorf("error %v", err)
		}
		t.Log(err)
		return
	}
	world(t)
	if _, err := exec.LookPath("setpriv"); err != nil {
		t.Skip("needs setpriv")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command("setpriv", "--bounding-set", "-all", "--inh-caps", "-all", self, "-test.run", "^TestWithoutCapability$", "-test.v")
	child.Env = append(os.Environ(), "PCAPMILL_TEST_CAPTURE=1")
	out, err := child.CombinedOutput()
	want := "capturing is not permitted: it needs CAP_NET_RAW: sudo setcap cap_net_raw+ep " + self
	if err != nil || !strings.Contains(string(out), want) {
		t.Errorf("%v\n%s\nwant %s", err, out, want)
	}
}

// TestList says of every interface what it is, and whether it can be captured.
func TestList(t *testing.T) {
	world(t)
	ip(t, "link set vb mtu 1400")
	ip(t, "addr add 192.0.2.1/24 dev vb")
	ip(t, "addr add 2001:db8::1/64 dev vb nodad")
	ip(t, "link set va down")
	all, err := live.List()
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]live.Interface{}
	for _, i := range all {
		by[i.Name] = i
	}
	vb, va, lo, every := by["vb"], by["va"], by["lo"], by[live.Any]
	if vb.Link != packet.LinkEthernet || vb.MTU != 1400 || vb.Kind != "veth" || vb.Driver != "veth" || len(vb.MAC) != 17 || vb.WhyNot != "" ||
		strings.Join(vb.Addresses, " ") != "192.0.2.1/24 2001:db8::1/64" || len(vb.Offloads) == 0 || vb.Timestamps[0] != live.TimestampsSoftware {
		t.Errorf("%+v", vb)
	}
	if va.State != "down" || !strings.Contains(va.WhyNot, "down") {
		t.Errorf("%+v", va)
	}
	if lo.State != "up" || lo.WhyNot != "" || lo.Addresses[0] != "127.0.0.1/8" {
		t.Errorf("%+v", lo)
	}
	if every.Index != 0 || every.Link != packet.LinkSLL2 || every.WhyNot != "" || all[len(all)-1].Name != live.Any {
		t.Errorf("%+v", every)
	}
}

// TestProgramIsAttached runs a program given as it is, in the kernel where it can be.
func TestProgramIsAttached(t *testing.T) {
	world(t)
	send := sendOn(t, "va")
	for text, inside := range map[string]bool{
		"2\n48 0 0 23\n22 0 0 0\n":                    false, // returns what it loaded
		"4\n48 0 0 23\n21 0 1 17\n6 0 0 1\n6 0 0 0\n": true,
	} {
		p, err := filter.ParseDDD(text)
		if err != nil {
			t.Fatal(err)
		}
		cfg := config("vb")
		cfg.Program = p
		c := open(t, cfg)
		f := udpFrame(1, 100, 1)
		send.send(f)
		other := udpFrame(2, 100, 1)
		other[23] = 0
		send.send(other)
		got := readSettled(t, c, 2)
		if len(got) != 1 || len(got[0].bytes) != len(f) {
			t.Errorf("%q: %s", text, describe(got))
		}
		if in := c.Info().FilterIn; (in == "kernel") != inside {
			t.Errorf("%q: filter in %s", text, in)
		}
	}
}
