package capfile_test

import (
	"errors"
	"path/filepath"
	"testing"

	"pcapmill/bench/sharedtest"
	"pcapmill/ingest/capfile"
)

// TestMalformedReasons names cause and place for each crafted bad capture, as
// worked out from the bytes.
func TestMalformedReasons(t *testing.T) {
	shared := sharedtest.Dir(t)
	for _, test := range []struct {
		file   string
		reason capfile.Reason
		offset int64
	}{
		{"empty.pcap", capfile.ReasonEmpty, 0},
		{"gz_of_nothing.pcap.gz", capfile.ReasonEmpty, 0},
		{"three_bytes.pcap", capfile.ReasonUnknownMagic, 0},
		{"bad_magic.pcap", capfile.ReasonUnknownMagic, 0},
		{"text_not_a_capture.pcap", capfile.ReasonText, 0},
		{"magic_only.pcap", capfile.ReasonCutHeader, 4},
		{"header_cut_at_10.pcap", capfile.ReasonCutHeader, 10},
		{"ng_bad_byte_order_magic.pcapng", capfile.ReasonBadBlock, 8},
		{"caplen_2g.pcap", capfile.ReasonPacketTooLong, 24},
		{"caplen_4g_minus_1.pcap", capfile.ReasonPacketTooLong, 24},
		{"garbage_between_records.pcap", capfile.ReasonPacketTooLong, 94}, // 24 + 16 + 54
		{"cut_in_record_header.pcap", capfile.ReasonTruncated, 94},
		{"ng_block_length_4g.pcapng", capfile.ReasonBadBlock, 48}, // 28 + 20
		{"ng_block_length_unaligned.pcapng", capfile.ReasonBadBlock, 48},
		{"ng_block_length_zero.pcapng", capfile.ReasonBadBlock, 48},
		{"ng_epb_caplen_over_block.pcapng", capfile.ReasonBadPacket, 48},
		{"ng_epb_unknown_interface.pcapng", capfile.ReasonBadPacket, 136}, // 48 + 88
		{"ng_epb_without_idb.pcapng", capfile.ReasonBadPacket, 28},
		{"ng_spb_without_idb.pcapng", capfile.ReasonBadPacket, 28},
		{"bad_crc.pcap.gz", capfile.ReasonReadFailed, 1475}, // the whole capture is there
		{"trailing_garbage.pcap.gz", capfile.ReasonReadFailed, 1475},
	} {
		got, _, err := readCapture(t, filepath.Join(shared, "captures", "malformed", "crafted", test.file))
		if err != nil {
			t.Errorf("%s: %v", test.file, err)
			continue
		}
		var format *capfile.FormatError
		var damage *capfile.DamageError
		reason, offset := capfile.Reason(""), int64(-1)
		switch {
		case errors.As(got.err, &format):
			reason, offset = format.Reason, format.Offset
		case errors.As(got.err, &damage):
			reason, offset = damage.Reason, damage.Offset
		}
		if reason != test.reason || offset != test.offset {
			t.Errorf("%s: %v, want %s at offset %d", test.file, got.err, test.reason, test.offset)
		}
	}
}
