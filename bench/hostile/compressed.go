package hostile

import (
	"pcapmill/ingest/packet"
)

// compressed are streams around captures. Layers are taken off; what had been
// decompressed before damage counts.
func compressed() []Case {
	plain := func(n int) ([]byte, Want) { return newPcap().good(n).done(Complete, "") }
	whole := func(name, changes string, squeeze func([]byte) []byte) Case {
		return Case{Name: name, Changes: changes, Make: func() ([]byte, Want) {
			data, want := plain(3)
			return squeeze(data), want
		}}
	}
	unread := func(name, reason, changes string, squeeze func([]byte) []byte) Case {
		return Case{Name: name, Changes: changes, Make: func() ([]byte, Want) {
			data, _ := plain(3)
			return squeeze(data), Want{Outcome: Rejected, Reason: reason}
		}}
	}
	return []Case{
		whole("gzip", "", gzipped),
		whole("gzip_members", "", func(d []byte) []byte { return join(gzipped(d[:30]), gzipped(d[30:31]), gzipped(nil), gzipped(d[31:])) }),
		whole("gzip_padded_with_zeros", "", func(d []byte) []byte { return append(gzipped(d), make([]byte, 1000)...) }),
		whole("zstd_stored", "", zstdStored),
		whole("zstd_frames", "", func(d []byte) []byte { return join(zstdStored(d[:50]), zstdStored(nil), zstdStored(d[50:])) }),
		whole("zstd_behind_a_skippable_frame", "", func(d []byte) []byte {
			return join([]byte{0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4}, zstdStored(d))
		}),
		whole("gzip_in_gzip", "", func(d []byte) []byte { return gzipped(gzipped(d)) }),
		whole("zstd_in_gzip", "", func(d []byte) []byte { return gzipped(zstdStored(d)) }),
		whole("gzip_in_zstd_in_gzip", "", func(d []byte) []byte { return gzipped(zstdStored(gzipped(d))) }),
		whole("lz4", "", lz4Stored),
		whole("xz", "", xzStored),
		unread("bzip2_magic_alone", "bzip2_truncated", "", func([]byte) []byte { return []byte("BZh91AY&SY") }),
		unread("gzip_header_alone", "gzip_truncated", "", func(d []byte) []byte { return gzipped(d)[:10] }),
		unread("gzip_of_an_unknown_method", "gzip_damaged", "", func(d []byte) []byte { return patched(gzipped(d), 2, 9) }),
		{Name: "zstd_window_of_a_terabyte", Make: func() ([]byte, Want) {
			data, _ := plain(3)
			return patched(zstdStored(data), 5, 30<<3), Want{Outcome: Limit, Reason: "window_limit"}
		}},
		unread("zstd_reserved_block", "zstd_damaged", "", func(d []byte) []byte { return patched(zstdStored(d), 6, 3<<1|1) }),
		{Name: "gzip_of_a_header_cut", Make: func() ([]byte, Want) {
			data, _ := plain(0)
			return gzipped(data[:10]), Want{Outcome: Rejected, Reason: "truncated_header"}
		}},
		{Name: "gzip_cut", Make: func() ([]byte, Want) {
			// Stored data would keep all but the end; deflated, what is left is a
			// matter of the decoder's blocks.
			data, want := newPcap().good(2000).done(Partial, "gzip_truncated")
			want.Loose = true
			z := gzipped(data)
			return z[:len(z)/2], want
		}},
		{Name: "gzip_checksum_wrong", Make: func() ([]byte, Want) {
			data, want := newPcap().good(3).done(Partial, "gzip_damaged")
			z := gzipped(data)
			z[len(z)-6] ^= 0xff
			return z, want
		}},
		{Name: "gzip_length_wrong", Make: func() ([]byte, Want) {
			data, want := newPcap().good(3).done(Partial, "gzip_damaged")
			z := gzipped(data)
			z[len(z)-1] ^= 0xff
			return z, want
		}},
		{Name: "gzip_with_text_behind", Make: func() ([]byte, Want) {
			data, want := newPcap().good(3).done(Partial, "trailing_data")
			return append(gzipped(data), "signature: none"...), want
		}},
		unread("zstd_cut_in_its_only_block", "zstd_truncated", "", func(d []byte) []byte { z := zstdStored(d); return z[:len(z)-3] }),
		{Name: "zstd_cut_in_its_second_frame", Make: func() ([]byte, Want) {
			first, want := newPcap().good(3).done(Partial, "zstd_truncated")
			second := zstdStored(newPcap().good(1).data)
			return join(zstdStored(first), second[:len(second)-3]), want
		}},
		{Name: "capture_cut_inside_sound_gzip", Make: func() ([]byte, Want) {
			data, want := newPcap().good(3).done(Partial, "truncated")
			return gzipped(append(data, 1, 2, 3)), want
		}},
		{Name: "gzip_of_a_million_empty_packets", Make: func() ([]byte, Want) {
			// 16 MiB of zeros out of 16 KiB: below every limit, so all of it is read.
			p := newPcap()
			const records = 1 << 20
			p.raw(make([]byte, 16*records)...)
			p.want.Packets, p.want.By[packet.MalformedL2] = records, records
			data, want := p.done(Notes, "")
			return gzipped(data), want
		}},
		{Name: "zstd_bomb", Heavy: true, Make: func() ([]byte, Want) {
			// Records of 256 KiB of zeros, 30 bytes each in the file, for 1.2 GiB.
			p := newPcap()
			out := append(zstdFrame(zstdWindow128K), zstdBlockHead(false, zstdRaw, len(p.data))...)
			out = append(out, p.data...)
			p.data = p.data[:0]
			p.head(firstSecond, 0, maxPacket, maxPacket)
			for range 4800 {
				out = append(append(out, zstdBlockHead(false, zstdRaw, len(p.data))...), p.data...)
				out = zstdRepeat(out, maxPacket, 0)
			}
			out = append(out, zstdBlockHead(true, zstdRaw, 0)...)
			return out, Want{Outcome: Limit, Reason: "expansion_limit", Loose: true}
		}},
	}
}
