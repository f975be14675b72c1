package baseline

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
)

// gathering adds blocks of some days up to profiles.
type gathering struct {
	*reading
	first, last Day
	profiles    []*Profile
	index       map[Key][]int // places of profiles
	prefixes    []prefixes
	host        netip.Addr // whose blocks come
	met         []bool     // which profiles have windows of it
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
	g.met = append(g.met, false)
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
	if s.day < g.first || s.day > g.last {
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

// gathered is a run of blocks that profiles need, taken apart.
type gathered struct {
	buf    []byte
	blocks []gatheredBlock
}

type gatheredBlock struct {
	host    netip.Addr
	day     Day
	targets []int
	block   *block
}

// pass adds the blocks of runs.
func (g *gathering) pass(ctx context.Context, runs []run) error {
	return ordered(ctx, len(runs), func() *gathered { return &gathered{} }, func(i int, into *gathered) (err error) {
		into.blocks = into.blocks[:0]
		into.buf, err = runs[i].read(into.buf, func(s *stop) error { return g.open(into, s) })
		return err
	}, g.add)
}

// open unpacks a block that is needed.
func (g *gathering) open(into *gathered, s *stop) error {
	targets := g.targets(nil, s)
	if len(targets) == 0 {
		return nil
	}
	b, err := g.unpack(s.packed)
	into.blocks = append(into.blocks, gatheredBlock{s.host, s.day, targets, b})
	return err
}

// add adds what a run gave.
func (g *gathering) add(from *gathered) error {
	for i := range from.blocks {
		b := &from.blocks[i]
		if b.host != g.host {
			clear(g.met)
			g.host = b.host
		}
		for _, at := range b.targets {
			p := g.profiles[at]
			if p.Windows+b.block.rows() > maxWindows {
				return fmt.Errorf("%v: %w", p.Key, ErrFull)
			}
			if err := p.add(b.day, b.block); err != nil {
				return err
			}
			if b.host.IsValid() && !g.met[at] {
				g.met[at] = true
				p.Hosts++
			}
		}
	}
	return nil
}
