package baseline

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
)

// gathering adds blocks of some days up to profiles, on several goroutines: sums do not
// depend on order.
type gathering struct {
	*reading
	first, last Day
	index       map[Key][]int // places of profiles
	prefixes    []prefixes
	lone        netip.Addr // the host whose blocks alone count; not valid: all

	mu       sync.Mutex
	profiles []*Profile
	split    map[metBy]bool // of hosts whose blocks are in several runs
}

// metBy says that a profile has windows of a host.
type metBy struct {
	host    netip.Addr
	profile int
}

// prefixes are lengths of subnets that are asked for.
type prefixes struct {
	size int // bytes of addresses
	bits int
}

// take adds a profile.
func (g *gathering) take(k Key) {
	g.index[k] = append(g.index[k], len(g.profiles))
	g.profiles = append(g.profiles, g.newProfile(k))
	if k.Kind() != Subnet {
		return
	}
	if p := (prefixes{len(k) - 2, k.prefix().Bits()}); !slices.Contains(g.prefixes, p) {
		g.prefixes = append(g.prefixes, p)
	}
}

// targets appends the places of the profiles that a block belongs to. Of the rest, whose
// addresses are not known, none are in subnets.
func (g *gathering) targets(dst []int, s *stop) []int {
	if s.day < g.first || s.day > g.last || g.lone.IsValid() && s.host != g.lone {
		return dst
	}
	dst = append(dst, g.index[GlobalKey()]...)
	if tags, _ := s.tags.keys(); len(tags) > 0 {
		for _, k := range tags {
			dst = append(dst, g.index[k]...)
		}
	}
	if !s.host.IsValid() {
		return dst
	}
	dst = append(dst, g.index[HostKey(s.host)]...)
	for _, p := range g.prefixes {
		if p.size == len(s.host.AsSlice()) {
			dst = append(dst, g.index[SubnetKey(netip.PrefixFrom(s.host, p.bits))]...)
		}
	}
	return dst
}

// gatherer does runs one after the other.
type gatherer struct {
	*gathering
	unpacker *unpacker
	buf      []byte
	targets  []int
	met      []int // profiles that have windows of the host, with repetitions
	whole    bool  // whether the run has all of its blocks up to here
}

// pass adds the blocks of runs.
func (g *gathering) pass(ctx context.Context, runs []run) error {
	return ordered(ctx, len(runs), func() *gatherer {
		return &gatherer{gathering: g, unpacker: g.newUnpacker()}
	}, func(i int, by *gatherer) error {
		return by.run(runs[i])
	}, func(*gatherer) error { return nil })
}

func (g *gatherer) run(r run) (err error) {
	var host netip.Addr
	g.buf, err = r.read(g.buf, func(s *stop) error {
		if s.first || s.host != host {
			g.count(host, false)
			host, g.whole = s.host, s.first
		}
		if err := g.block(s); err != nil {
			return err
		}
		if s.last {
			g.count(host, g.whole)
		}
		return nil
	})
	g.count(host, false)
	return err
}

// block adds a block to the profiles that it belongs to.
func (g *gatherer) block(s *stop) error {
	g.targets = g.gathering.targets(g.targets[:0], s)
	if len(g.targets) == 0 {
		return nil
	}
	b, err := g.unpacker.unpack(s.packed)
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, at := range g.targets {
		p := g.profiles[at]
		if p.Windows+b.rows() > maxWindows {
			return fmt.Errorf("%v: %w", p.Key, ErrFull)
		}
		if err := p.add(s.day, b); err != nil {
			return err
		}
	}
	g.met = append(g.met, g.targets...)
	return nil
}

// count counts a host in the profiles that met it. Of one whose blocks are not all here,
// it notes in which it counts already.
func (g *gatherer) count(host netip.Addr, whole bool) {
	if len(g.met) == 0 {
		return
	}
	slices.Sort(g.met)
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, at := range slices.Compact(g.met) {
		if !host.IsValid() || !whole && g.split[metBy{host, at}] {
			continue
		}
		if g.profiles[at].Hosts++; !whole {
			g.split[metBy{host, at}] = true
		}
	}
	g.met = g.met[:0]
}
