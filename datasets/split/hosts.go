package split

import (
	"net/netip"

	"pcapmill/features/batch"
)

// hostsOf returns the host that a row belongs to, and the one that must be in the same split,
// "" where there is none.
func (c *Config) hostsOf(src, dst string) (own, other string) {
	if c.Hosts == HostsInitiator || dst == "" {
		return src, ""
	}
	in, out := within(c.Internal, src), within(c.Internal, dst)
	switch {
	case in && out && src != dst:
		return src, dst
	case out && !in:
		return dst, ""
	}
	return src, ""
}

// meet notes the hosts of a row.
func (u *units) meet(b *batch.Batch, row int, unit int32) {
	own, other := u.cfg.hostsOf(textAt(&b.Vectors[u.keys.src], row), textAt(&b.Vectors[u.keys.dst], row))
	h := u.hosts[own]
	if h == nil {
		h = &host{unit: -1}
		u.hosts[own] = h
	}
	if h.unit < 0 {
		h.unit = unit
	}
	u.union(h.unit, unit)
	if other != "" && u.hosts[other] == nil {
		u.hosts[other] = &host{unit: -1}
	}
}

// unmet lists the test hosts that put nothing into test.
func (u *units) unmet() (all []netip.Prefix) {
	for _, hosts := range u.cfg.TestHosts {
		only, met := []netip.Prefix{hosts}, false
		for name := range u.hosts {
			if met = within(only, name); met {
				break
			}
		}
		if !met {
			all = append(all, hosts)
		}
	}
	return all
}

// settle gives hosts the splits of their rows.
func (p *plan) settle() (idle bool) {
	for _, h := range p.units.hosts {
		if h.unit >= 0 {
			h.split = int32(p.split[p.units.comp[h.unit]])
		} else {
			idle = true
		}
	}
	return idle
}

// tally counts, of hosts that no row belongs to, the rows of each split that meet them.
func (p *plan) tally(b *batch.Batch, from int) {
	k := &p.units.keys
	for row := range b.Rows {
		_, other := p.units.cfg.hostsOf(textAt(&b.Vectors[k.src], row), textAt(&b.Vectors[k.dst], row))
		if h := p.units.hosts[other]; h != nil && h.unit < 0 {
			h.met[p.split[p.units.comp[p.units.of[from+row]]]]++
		}
	}
}

// settleIdle puts hosts that no row belongs to where most of those are that meet them.
func (p *plan) settleIdle() {
	for name, h := range p.units.hosts {
		if h.unit >= 0 {
			continue
		}
		for s, n := range h.met {
			if n > h.met[h.split] {
				h.split = int32(s)
			}
		}
		if within(p.units.cfg.TestHosts, name) {
			h.split = Test
		}
	}
}

// apart reports whether a row is between hosts of two splits.
func (p *plan) apart(src, dst string, split int8) bool {
	_, other := p.units.cfg.hostsOf(src, dst)
	h := p.units.hosts[other]
	return other != "" && (h == nil || h.split != int32(split))
}
