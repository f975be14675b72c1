package flow

import (
	"cmp"
	"math"
	"slices"

	"pcapmill/features/sketch"
)

// Lookups are what the DNS messages of a flow ask for and are told. Those of different
// flows merge in any order.
type Lookups struct {
	Queries   int64
	Responses int64
	NXDomain  int64 // of these, those that say that there is no such name

	names []lookup         // that were asked for, ascending; beyond sketch.MaxExact those with the lowest hashes
	all   *sketch.Distinct // of all names; nil where these are they
}

// lookup is a name that was asked for.
type lookup struct {
	hash    uint64
	entropy uint32 // of its bytes, in entropyUnits of a bit
}

const entropyUnits = 1 << 24

// lookupBytes is the memory of a lookup.
const lookupBytes = 16

// Ask notes a name that was asked for, which is different for upper and lower case, and
// returns the bytes that it takes.
func (l *Lookups) Ask(name []byte) (bytes int) {
	hash := sketch.Hash(name)
	at, found := l.find(hash)
	if found {
		return 0
	}
	return l.insert(at, lookup{hash, entropyOf(name)})
}

func (l *Lookups) find(hash uint64) (int, bool) {
	return slices.BinarySearchFunc(l.names, hash, func(n lookup, hash uint64) int { return cmp.Compare(n.hash, hash) })
}

// insert adds a name that is not among those that are kept, at its place among them.
func (l *Lookups) insert(at int, n lookup) (bytes int) {
	if len(l.names) < sketch.MaxExact {
		l.names = slices.Insert(l.names, at, n)
		return lookupBytes
	}
	if l.all == nil {
		bytes = sketchBytes
		l.estimate()
	}
	l.all.Add(n.hash)
	if at < len(l.names) {
		copy(l.names[at+1:], l.names[at:])
		l.names[at] = n
	}
	return bytes
}

// sketchBytes is the memory of a Distinct beyond sketch.MaxExact.
const sketchBytes = 4 << 10

// estimate begins to count the names by a sketch.
func (l *Lookups) estimate() {
	l.all = new(sketch.Distinct)
	for _, n := range l.names {
		l.all.Add(n.hash)
	}
}

// Merge adds what another flow asked for and was told, and returns the bytes that it
// takes.
func (l *Lookups) Merge(o *Lookups) (bytes int) {
	l.Queries += o.Queries
	l.Responses += o.Responses
	l.NXDomain += o.NXDomain
	for _, n := range o.names {
		if at, found := l.find(n.hash); !found {
			bytes += l.insert(at, n)
		}
	}
	if o.all == nil {
		return bytes
	}
	if l.all == nil {
		bytes += sketchBytes
		l.estimate()
	}
	l.all.Merge(o.all)
	return bytes
}

// Names returns how many different names were asked for, and whether that is exact.
func (l *Lookups) Names() (n int64, exact bool) {
	if l.all == nil {
		return int64(len(l.names)), true
	}
	return int64(l.all.Count()), l.all.Exact()
}

// NameEntropy returns the mean Shannon entropy of the bytes of the different names, in
// bits; of more than sketch.MaxExact names, of those with the lowest hashes. There is
// none without names.
func (l *Lookups) NameEntropy() (mean float64, known bool) {
	if len(l.names) == 0 {
		return 0, false
	}
	sum := uint64(0)
	for _, n := range l.names {
		sum += uint64(n.entropy)
	}
	return float64(sum) / float64(len(l.names)) / entropyUnits, true
}

// reset empties it, keeping memory of an ordinary size.
func (l *Lookups) reset() {
	names := l.names[:0]
	if cap(names) > textsKept/lookupBytes {
		names = nil
	}
	*l = Lookups{names: names}
}

// entropyOf returns −Σ p log₂ p over the shares p of the bytes of a text: of n bytes
// log₂ n − (Σ c log₂ c)/n over their counts c, most of which are 1.
func entropyOf(text []byte) uint32 {
	var counts [256]int32
	for _, b := range text {
		counts[b]++
	}
	sum := 0.0
	for _, b := range text { // in the order of the text, as sums of floats depend on it
		if c := float64(counts[b]); c > 1 {
			sum += c * math.Log2(c)
			counts[b] = 0
		}
	}
	n := max(1, float64(len(text)))
	return uint32(math.Round(max(0, math.Log2(n)-sum/n) * entropyUnits))
}
