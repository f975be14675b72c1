package survive_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"net/netip"
	"testing"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/hostile"
	"pcapmill/bench/traffic"
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/decompress"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// fuzzStages are all features on two shards.
func fuzzStages() stages.Config {
	cfg := stages.DefaultConfig()
	cfg.Features, cfg.Workers = []string{"all"}, 2
	return cfg
}

// stored is a file in memory as an input.
type stored []byte

// Open implements stages.Input.
func (s stored) Open(context.Context) (stages.Source, error) {
	plain, err := decompress.Open(bytes.NewReader(s), decompress.Config{ExpandGrace: 4 << 20})
	if err != nil {
		return nil, err
	}
	r, err := capfile.NewReader(plain, capfile.Config{MaxInterfaces: 100, TotalInterfaces: 1000})
	if err != nil {
		return nil, errors.Join(err, plain.Close())
	}
	return r, nil
}

// Close implements stages.Input.
func (stored) Close(*stages.InputSummary) error { return nil }

// FuzzCapture takes any file from its first byte to rows: no panic, books that
// balance, the same table whatever the number of shards.
func FuzzCapture(f *testing.F) {
	for _, class := range hostile.Classes() {
		for i, c := range class.Cases {
			if i%5 != 0 || c.Heavy { // a run takes milliseconds: too many seeds leave no time
				continue
			}
			if data, _ := c.Make(); len(data) < 1024 {
				f.Add(data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) { same(t, stored(file), stored(file)) })
}

// same runs one input twice, on two shards and on three, and compares.
func same(t *testing.T, a, b stages.Input) {
	t.Helper()
	cfg := fuzzStages()
	first, r, err := accuracy.Run(cfg, a)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Failed() {
		t.Errorf("%s: %s", c.Name, c.Detail)
	}
	cfg.Workers = 3
	second, _, err := accuracy.Run(cfg, b)
	if err != nil {
		t.Fatal(err)
	}
	if first.Hash() != second.Hash() {
		t.Error("another number of shards, another table")
	}
}

// FuzzFlowTable reads any bytes as a sequence of operations on the flow table:
// packets of a few hosts, with any flags, times that go on, jump and go back, and
// blocks that end anywhere.
func FuzzFlowTable(f *testing.F) {
	f.Add([]byte{0, 1, 2, 0, 1, 0, 0x12, 0, 0, 1, 0x10, 0})
	f.Add(bytes.Repeat([]byte{3, 7, 1, 200}, 60))
	f.Add(binary.BigEndian.AppendUint64([]byte{255, 255, 4, 255, 0, 0, 17, 130}, 0x0102030405060708))
	f.Fuzz(func(t *testing.T, operations []byte) {
		list := packets(operations[:min(len(operations), 4000)])
		same(t, &accuracy.Packets{List: list, Block: 1 + len(operations)%7}, &accuracy.Packets{List: list})
	})
}

// packets makes one packet of every four bytes: who to whom, what, flags, time.
func packets(operations []byte) []accuracy.Packet {
	var list []accuracy.Packet
	now := packet.Nanos(1_767_225_600_000_000_000)
	for ; len(operations) >= 4; operations = operations[4:] {
		who, what, flags, step := operations[0], operations[1], operations[2], operations[3]
		now += pace(step)
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, who & 3}), 1000+uint16(what&1))
		to := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, who >> 2 & 3}), 80+uint16(who>>4&1))
		if who&0x80 != 0 {
			from, to = to, from
		}
		body := make([]byte, what>>5)
		var frame []byte
		switch what >> 1 & 3 {
		case 0, 1:
			frame = traffic.TCP(from, to, uint16(flags), uint32(what>>3)*100, uint32(step), uint16(flags)<<4, body)
		case 2:
			frame = traffic.UDP(from, to, body)
		default:
			frame = traffic.ICMP(from.Addr(), to.Addr(), flags&15, 0, uint32(what), body)
		}
		list = append(list, accuracy.Whole(now, frame))
	}
	return list
}

// pace turns a byte into a step of time: mostly milliseconds, some of them long
// enough for every timeout, some backward.
func pace(step byte) packet.Nanos {
	const second = 1_000_000_000
	switch {
	case step < 150:
		return packet.Nanos(step) * 1_000_000
	case step < 200:
		return packet.Nanos(step-149) * second
	case step < 230:
		return packet.Nanos(step-199) * 90 * second
	case step < 245:
		return -packet.Nanos(step-229) * 10 * second
	}
	return packet.Nanos(step-244) * 2000 * second
}
