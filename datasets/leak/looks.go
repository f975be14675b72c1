package leak

import (
	"encoding/base64"
	"math"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"pcapmill/features/column"
)

// look is what a column's values look like.
type look struct {
	what     string
	evidence []Number
	examples []string
}

// leastLooks is how many values there must be before they look like anything.
const leastLooks = 100

// mostly is the share of values that makes a column look like something.
const mostly = 0.95

// looksOfTexts says what the texts of a column are. Distinct ones count, so that one name that many
// rows have does not hide the others.
func (c *columnScan) looksOfTexts() *look {
	words := make([]string, 0, len(c.sample.texts))
	for _, w := range c.sample.texts {
		words = append(words, w)
	}
	if len(words) < 2 {
		return nil
	}
	slices.Sort(words)
	for _, form := range []struct {
		what string
		is   func(string) bool
	}{
		{lookMAC, isMAC}, {lookAddress, isAddress}, {lookTime, isTime}, {lookFile, isFile}, {lookID, isCommunityID},
	} {
		n := 0
		for _, w := range words {
			if form.is(w) {
				n++
			}
		}
		if share := float64(n) / float64(len(words)); share >= mostly {
			return &look{form.what, []Number{{"share_of_values", share}, {"distinct_values", float64(len(words))}}, escaped(words[:min(len(words), 3)])}
		}
	}
	return nil
}

func isMAC(s string) bool {
	mac, err := net.ParseMAC(s)
	return err == nil && (len(mac) == 6 || len(mac) == 8)
}

// isAddress reports whether a text is an address, or has one among its parts, as flow keys do.
func isAddress(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	if _, err := netip.ParseAddrPort(s); err == nil {
		return true
	}
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("-_,;|/ >", r) }) {
		if _, err := netip.ParseAddr(part); err == nil {
			return true
		}
	}
	return false
}

var timeForms = []string{
	time.RFC3339Nano, time.DateTime, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05Z07:00", time.DateOnly, "2006/01/02 15:04:05",
	"02/01/2006 15:04:05", "02/01/2006 15:04", "1/2/2006 15:04:05", "1/2/2006 15:04", "2/1/2006 15:04", "02/01/2006 03:04:05 PM", "1/2/2006 3:04:05 PM",
}

func isTime(s string) bool {
	for _, form := range timeForms {
		if _, err := time.Parse(form, s); err == nil {
			return true
		}
	}
	return false
}

func isFile(s string) bool {
	s = strings.ToLower(s)
	for _, ending := range []string{".gz", ".zst", ".xz", ".bz2", ".lz4"} {
		s = strings.TrimSuffix(s, ending)
	}
	for _, ending := range []string{".pcap", ".pcapng", ".cap", ".csv", ".parquet", ".erf", ".dump", ".binetflow"} {
		if strings.HasSuffix(s, ending) {
			return true
		}
	}
	return false
}

// isCommunityID knows version 1: the digest of SHA-1 in base64.
func isCommunityID(s string) bool {
	digest, ok := strings.CutPrefix(s, "1:")
	raw, err := base64.StdEncoding.DecodeString(digest)
	return ok && err == nil && len(raw) == 20
}

// ordered are the values of a column's sample that are not null, and the distinct ones.
type ordered struct {
	n        int
	whole    bool // all are whole numbers
	distinct []float64
	counts   []int // of distinct
}

func (v *values) ordered() ordered {
	all := make([]float64, 0, len(v.num))
	for i, x := range v.num {
		if !v.null[i] {
			all = append(all, x)
		}
	}
	slices.Sort(all)
	o := ordered{n: len(all), whole: true}
	for i, x := range all {
		if i == 0 || x != all[i-1] {
			o.distinct, o.counts = append(o.distinct, x), append(o.counts, 0)
			o.whole = o.whole && x == math.Trunc(x)
		}
		o.counts[len(o.counts)-1]++
	}
	return o
}

// share of values for which a condition holds.
func (o *ordered) share(is func(float64) bool) float64 {
	n := 0
	for i, x := range o.distinct {
		if is(x) {
			n += o.counts[i]
		}
	}
	return float64(n) / float64(max(o.n, 1))
}

// looksOfNumbers says what the numbers of a column are. What has a unit was measured.
func (c *columnScan) looksOfNumbers(o *ordered) *look {
	if o.n < leastLooks || len(o.distinct) < 2 || c.Unit != column.None && c.Unit != column.EpochNano {
		return nil
	}
	evidence := func(share float64) []Number {
		return []Number{{"share_of_values", share}, {"distinct_values", float64(len(o.distinct))}, {"least", o.distinct[0]}, {"most", o.distinct[len(o.distinct)-1]}}
	}
	if share := o.share(isPrivate); share >= mostly && o.whole { // would be times of the years 2061 and 2072
		return &look{what: lookAddress, evidence: evidence(share)}
	}
	if share := o.share(isEpoch); share >= mostly {
		return &look{what: lookTime, evidence: evidence(share)}
	}
	if !o.whole {
		return nil
	}
	if share := o.share(isService); share >= 0.6 && o.services() >= 4 && o.share(fits16) == 1 {
		return &look{what: lookPort, evidence: evidence(share)}
	}
	return o.random(evidence)
}

// isEpoch reports whether a number is a time from 2000 to 2099, in s, ms, µs or ns since 1970.
func isEpoch(x float64) bool {
	for scale := 1.0; scale <= 1e9; scale *= 1000 {
		if x >= 946_684_800*scale && x < 4_102_444_800*scale {
			return true
		}
	}
	return false
}

// isPrivate reports whether a number is a private IPv4 address.
func isPrivate(x float64) bool {
	return x >= 10<<24 && x < 11<<24 || x >= 172<<24|16<<16 && x < 172<<24|32<<16 || x >= 192<<24|168<<16 && x < 192<<24|169<<16
}

// services are the ports that most traffic goes to.
var services = []float64{
	20, 21, 22, 23, 25, 53, 67, 68, 69, 80, 88, 110, 111, 123, 135, 137, 138, 139,
	143, 161, 389, 443, 445, 465, 502, 514, 515, 587, 631, 636, 993, 995, 1433, 1521, 1883, 1900,
	2049, 3128, 3306, 3389, 5060, 5353, 5355, 5432, 5900, 6379, 8000, 8008, 8080, 8443, 8888, 9200,
}

func isService(x float64) bool {
	_, found := slices.BinarySearch(services, x)
	return found
}

func (o *ordered) services() (n int) {
	for _, x := range o.distinct {
		if isService(x) {
			n++
		}
	}
	return n
}

func fits16(x float64) bool { return x >= 0 && x < 1<<16 }

// isTTL reports whether a number is one that a packet has that was sent with 64, 128 or 255 and
// came over 31 routers at most.
func isTTL(x float64) bool {
	return x > 32 && x <= 64 || x > 96 && x <= 128 || x > 223 && x <= 255
}

// randoms are ranges that identifiers are drawn from at random.
var randoms = []struct {
	low, high float64
	what      string
}{
	{0, 1 << 16, lookIPID}, {1024, 1 << 16, lookPort}, {32768, 61000, lookPort}, {49152, 1 << 16, lookPort},
	{0, 1 << 31, lookSequence}, {0, 1 << 32, lookSequence}, {0, 1 << 53, lookID}, {0, 1 << 63, lookID}, {0, 1 << 64, lookID}, {-1 << 63, 1 << 63, lookID},
}

// random finds numbers that are drawn from a whole range: their distinct values are spread evenly
// (Kolmogorov and Smirnov's distance), and repeat no more than twice as often as such draws would.
func (o *ordered) random(evidence func(float64) []Number) *look {
	if len(o.distinct) < leastLooks {
		return nil
	}
	for _, r := range randoms {
		n, size := float64(o.n), r.high-r.low
		expected := size * -math.Expm1(-n/size)
		d := o.distance(r.low, r.high)
		if float64(len(o.distinct)) >= expected/2 && d <= 1.63/math.Sqrt(float64(len(o.distinct)))+0.03 {
			return &look{what: r.what, evidence: append(evidence(o.share(func(x float64) bool { return x >= r.low && x < r.high })), Number{"distance_from_even", d})}
		}
	}
	return nil
}

// distance is the largest difference of the distinct values' distribution from an even one.
func (o *ordered) distance(low, high float64) (d float64) {
	n := float64(len(o.distinct))
	for i, x := range o.distinct {
		f := min(max((x-low)/(high-low), 0), 1)
		d = max(d, f-float64(i)/n, float64(i+1)/n-f)
	}
	return d
}
