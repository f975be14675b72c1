package hostile

import (
	"bytes"
	"compress/gzip"
	"slices"
	"strings"
)

// foreign are files that are no captures. Each is told by its first bytes, and
// nothing is read of it.
func foreign() []Case {
	whole := func() []byte { data, _ := newPcap().good(3).done(Complete, ""); return data }
	return []Case{
		refused("empty_file", "empty", nil),
		refused("one_byte", "unknown_magic", []byte{0xd4}),
		refused("magic_alone", "truncated_header", []byte{0xd4, 0xc3, 0xb2, 0xa1}),
		refused("text", "text", []byte("No. Time Source Destination Protocol\n1 0.0 10.0.0.1 10.0.0.2 TCP\n")),
		refused("text_of_three_bytes", "unknown_magic", []byte("no\n")),
		refused("text_utf16", "unknown_magic", []byte("\xff\xfep\x00c\x00a\x00p\x00")),
		refused("git_lfs_pointer", "git_lfs_pointer", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n")),
		refused("zeros", "unknown_magic", make([]byte, 4096)),
		refused("random", "unknown_magic", noise(4096, 99)),
		refused("executable", "unknown_magic", []byte("\x7fELF\x02\x01\x01\x00")),
		refused("zip_archive", "unsupported_compression", []byte("PK\x03\x04\x14\x00\x00\x00\x08\x00")),
		refused("snoop", "unsupported_variant", []byte("snoop\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x04")),
		refused("network_monitor_2", "unsupported_variant", []byte("GMBU\x00\x02\x01\x00")),
		refused("sniffer", "unsupported_variant", []byte("TRSNIFF data    \x1a")),
		refused("parquet", "unsupported_variant", []byte("PAR1\x15\x04\x15\x00")),
		refused("ixia_header_cut", "truncated_header", []byte("\xac\x01\x00\x1c\x00\x00\x00\x00")),
		refused("magic_of_another_pcap", "unsupported_variant", []byte("\xa1\xb2\xc3\xcd\x00\x02\x00\x04")),
		made("pcapng_through_text_mode", "unsupported_variant", func() []byte {
			data, _ := ethernet().good(1).done(Complete, "")
			return bytes.ReplaceAll(data, []byte{'\n'}, []byte{'\r', '\n'})
		}),
		made("tar_of_a_capture", "unknown_magic", func() []byte {
			header := append([]byte("dump.pcap"), make([]byte, 503)...)
			return append(header, whole()...)
		}),
		made("one_byte_before_the_magic", "unknown_magic", func() []byte { return append([]byte{0}, whole()...) }),
		made("pairs_of_bytes_swapped", "unknown_magic", func() []byte {
			data := whole()
			for i := 0; i+1 < len(data); i += 2 {
				data[i], data[i+1] = data[i+1], data[i]
			}
			return data
		}),
		made("gzip_of_text", "text", func() []byte { return gzipped([]byte(strings.Repeat("nothing to see ", 100))) }),
		made("gzip_of_nothing", "empty", func() []byte { return gzipped(nil) }),
		{Name: "header_without_packets", Make: func() ([]byte, Want) { return newPcap().done(Complete, "") }},
		{Name: "section_without_interface", Make: func() ([]byte, Want) { return newNg().done(Complete, "") }},
	}
}

// refused is a file of which nothing is read.
func refused(name, reason string, data []byte) Case {
	return made(name, reason, func() []byte { return slices.Clone(data) })
}

func made(name, reason string, data func() []byte) Case {
	return Case{Name: name, Make: func() ([]byte, Want) { return data(), Want{Outcome: Rejected, Reason: reason} }}
}

// gzipped returns data as one gzip member.
func gzipped(data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(data) // a bytes.Buffer takes everything
	_ = w.Close()
	return b.Bytes()
}
