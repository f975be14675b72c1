package text_test

import (
	"math"
	"testing"
	"time"

	"pcapmill/outputs/text"
)

func TestParseBytes(t *testing.T) {
	for _, c := range []struct {
		in   string
		want int64 // 0: refused
	}{
		{"96B", 96}, {"1kB", 1000}, {"1KiB", 1024}, {"512MiB", 512 << 20}, {"4GiB", 4 << 30}, {"2TB", 2e12}, {"2TiB", 2 << 40},
		{"1.5GiB", 3 << 29}, {"0.5kB", 500}, {".5kB", 500}, {"1.5B", 1},
		{"", 0}, {"0", 0}, {"0B", 0}, {"0.5B", 0}, {"5", 0}, {"MiB", 0}, {"-1MiB", 0}, {"1 MiB", 1 << 20}, {"1  MiB", 0}, {" 1MiB", 0}, {"1mib", 0}, {".MiB", 0},
		{"1e3MiB", 0}, {"infB", 0}, {"0x1p4B", 0}, {"1.2.3MB", 0},
		{"9223372036854775807B", math.MaxInt64}, {"9223372036854775808B", 0}, {"8388608TiB", 0}, {"8388608.5TiB", 0},
	} {
		got, ok := text.ParseBytes(c.in)
		if ok != (c.want > 0) || ok && got != c.want {
			t.Errorf("%q is %d, %v; want %d", c.in, got, ok, c.want)
		}
	}
}

func TestFormatBytes(t *testing.T) {
	for n, want := range map[int64]string{0: "0B", 1: "1B", 1000: "1000B", 1024: "1KiB", 3 << 29: "1536MiB", 1 << 40: "1TiB", 1 << 50: "1024TiB"} {
		if got := text.FormatBytes(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
		if back, ok := text.ParseBytes(want); n > 0 && (!ok || back != n) {
			t.Errorf("%s is read as %d", want, back)
		}
	}
}

func TestParseDuration(t *testing.T) {
	for _, c := range []struct {
		in   string
		want time.Duration
		ok   bool
	}{
		{"0", 0, true}, {"10m", 10 * time.Minute, true}, {"4h30m", 270 * time.Minute, true}, {"30d", 720 * time.Hour, true}, {"36500d", 876_000 * time.Hour, true},
		{"0d", 0, true}, {"", 0, false}, {"d", 0, false}, {"-1d", 0, false}, {"1.5d", 0, false}, {"36501d", 0, false}, {"-5m", 0, false}, {"5", 0, false}, {"1h1d", 0, false},
	} {
		got, ok := text.ParseDuration(c.in)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%q is %v, %v; want %v", c.in, got, ok, c.want)
		}
	}
}
