package host

// hostSecond says how many packets a host had in one second of the window.
type hostSecond struct {
	host    uint32 // number
	second  uint32 // from the window's start
	packets uint32 // at most mostPackets
}

// mostPackets is what a second or bin of a series can have; with more, sums of products
// would overflow. It is above what a link of 40 Gbit/s carries.
const mostPackets = 1<<26 - 1

// series remembers in which seconds hosts have packets, in the order of time. Where it is
// full, the series of every second host that it has is given up, by the hosts' numbers,
// which are in the order of their first packets: what is kept depends on the packets
// alone.
type series struct {
	most    int
	seconds slabs[hostSecond]
	kept    uint32 // hosts whose number is a multiple of 1<<kept have series
}

// add notes a second of a host.
func (s *series) add(host, second uint32, packets uint64) {
	if host&(1<<s.kept-1) != 0 {
		return
	}
	for s.seconds.len() >= s.most {
		if s.kept++; s.kept > 31 {
			return
		}
		s.thin()
		if host&(1<<s.kept-1) != 0 {
			return
		}
	}
	_, h := s.seconds.add()
	*h = hostSecond{host, second, uint32(min(packets, mostPackets))}
}

// thin gives up the series of hosts that are not to be kept.
func (s *series) thin() {
	all := s.seconds
	s.seconds = slabs[hostSecond]{}
	for at := range all.lists {
		for _, h := range all.slab(at) {
			if h.host&(1<<s.kept-1) == 0 {
				_, kept := s.seconds.add()
				*kept = h
			}
		}
		all.lists[at] = nil
	}
}

// take returns what was noted and begins anew.
func (s *series) take() slabs[hostSecond] {
	taken := s.seconds
	s.seconds, s.kept = slabs[hostSecond]{}, 0
	return taken
}

// sort brings seconds into the order of hosts, whose numbers are below hosts, and returns how
// many hosts have at least least seconds.
func (f *periodFinder) sort(seconds *slabs[hostSecond], hosts int, least uint32) (long int) {
	ends := zeros(&f.ends, hosts)
	for at := range seconds.lists {
		for _, s := range seconds.slab(at) {
			ends[s.host]++
		}
	}
	sum := uint32(0)
	for i, n := range ends {
		if n >= least {
			long++
		}
		sum += n
		ends[i] = sum - n // where the host's begin
	}
	sorted := room(&f.sorted, seconds.len())
	for at := range seconds.lists {
		for _, s := range seconds.slab(at) {
			sorted[ends[s.host]] = sample{s.second, s.packets}
			ends[s.host]++
		}
	}
	return long
}

// byHost calls each with the series of hosts that have at least least of the seconds that
// were sorted: the host's number, and its seconds in the order of time.
func (f *periodFinder) byHost(least uint32, each func(host uint32, series []sample)) {
	from := uint32(0)
	for host, to := range f.ends {
		if to-from >= least {
			each(uint32(host), f.sorted[from:to])
		}
		from = to
	}
}
