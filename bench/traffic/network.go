package traffic

import (
	"errors"
	"math"
	"net/netip"
	"slices"

	"pcapmill/bench/traffic/payload"
	"pcapmill/ingest/packet"
)

// NetworkConfig describes a Network. DefaultNetworkConfig fills it.
type NetworkConfig struct {
	Seed    uint64 // which hosts with which habits
	Clients int    // hosts that people use, 1 to 200

	// DayNight is how far the load swings in a day, 0 to 1: clients are that share
	// above their mean at their busiest hour and below it twelve hours later. Half
	// of it is missing on Saturday and Sunday from those used for work.
	DayNight float64

	// Unrest is the standard deviation of the logarithm of a client's load between
	// hours of the same time of the week, 0 to 1; that of all clients together has
	// half of it besides. Neighbouring hours resemble each other.
	Unrest float64

	// Churn is the share of clients that are away in an hour, 0 to 0.5, four hours in a
	// row. Half as many guests are there instead, other ones every four hours.
	Churn float64

	// Tail is the share of answers that are downloads, 0 to 0.2: of 40 kB and more, by
	// a Pareto distribution of index 1.2, whose variance is infinite, up to 2 MB.
	Tail float64
}

// DefaultNetworkConfig returns a network whose hours have about 5,000 to 20,000
// packets.
func DefaultNetworkConfig() NetworkConfig {
	return NetworkConfig{Seed: 1, Clients: 40, DayNight: 0.55, Unrest: 0.12}
}

// maxClients is the number of addresses that clients, new hosts and guests each have.
const maxClients = 200

// Validate reports a configuration that describes no network.
func (c NetworkConfig) Validate() error {
	switch {
	case c.Clients < 1 || c.Clients > maxClients:
		return errors.New("clients must be within 1 and 200")
	case !(c.DayNight >= 0 && c.DayNight <= 1):
		return errors.New("day and night must be within 0 and 1")
	case !(c.Unrest >= 0 && c.Unrest <= 1):
		return errors.New("unrest must be within 0 and 1")
	case !(c.Churn >= 0 && c.Churn <= 0.5):
		return errors.New("churn must be within 0 and 0.5")
	case !(c.Tail >= 0 && c.Tail <= 0.2):
		return errors.New("tail must be within 0 and 0.2")
	}
	return nil
}

// Network is a fixed set of hosts with habits, of which Hour writes any hour:
//
//	clients   visit a dozen favourite sites over TLS, QUIC and HTTP, look names
//	          up, set their clocks, renew their addresses, print
//	resolver, clock, gateway, web, file and backup server: answer
//	monitor   polls three hosts over HTTP every two minutes, pings the gateway
//	sensor    calls one outside host over TLS every five minutes: a beacon
//	file      saves its changes to the backup server over SSH at ten past each
//	          hour, all its files at two in the night
//	printers  announce themselves by multicast
//
// It is immutable; any number of goroutines may use it.
type Network struct {
	cfg    NetworkConfig
	sites  []site
	people []person
	hosts  []Host // all inside, by address
}

// Host is one host inside a Network.
type Host struct {
	Addr netip.Addr `json:"addr"`
	Role string     `json:"role"`
}

// site is a host outside that clients visit.
type site struct {
	number uint32 // of its name and address
	port   uint16
	quic   bool    // also answers QUIC
	answer float64 // median bytes
	rtt    float64 // median, ns
}

// person is a client: who uses it, and with which programs.
type person struct {
	Host
	number  uint32  // tells its random numbers from those of others
	rate    float64 // visits an hour, mean of a week
	peak    float64 // its busiest hour of the day
	work    bool    // idle at the weekend
	hello   *payload.Client
	quic    *payload.Client // nil: does not speak it
	agent   int             // among those of HTTP
	favours []int           // sites, the most visited first
}

// Numbers of hosts begin here: of devices, of clients, of new hosts, and of guests.
const (
	firstDevice = iota * 1000
	firstClient
	firstNew
	firstGuest
)

// insideNet has the network's hosts: x.x.0.n devices, x.x.1.n clients, x.x.2.n new
// hosts, x.x.3.n guests.
var insideNet = [2]netip.Addr{netip.MustParseAddr("10.20.0.0"), netip.MustParseAddr("2001:db8:20::")}

// inside returns the address of a host with a number.
func inside(six bool, number uint32) netip.Addr {
	return host(insideNet, six, number/1000<<8+number%1000+1)
}

// Numbers of the devices. Resolver and clock have an IPv6 address, too.
const (
	gateway = firstDevice + iota
	resolving
	clock
	webServer
	fileServer
	backup
	monitor
	sensor
	printer0
	printer1
	numDevices
)

var deviceRoles = [numDevices]string{
	"gateway", "resolver", "clock", "web server", "file server", "backup server", "monitor", "sensor", "printer", "printer",
}

// siteCount is the number of sites; the sensor's host and names that are only
// looked up have numbers above.
const siteCount = 60

// NewNetwork returns the network of a configuration.
func NewNetwork(cfg NetworkConfig) (*Network, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	n := &Network{cfg: cfg, sites: newSites(cfg.Seed)}
	for i := range uint32(cfg.Clients) {
		n.people = append(n.people, n.newPerson(cfg.Seed, firstClient+i))
	}
	for i, role := range deviceRoles {
		n.hosts = append(n.hosts, Host{inside(false, uint32(i)), role})
	}
	for _, i := range []int{resolving, clock} {
		n.hosts = append(n.hosts, Host{inside(true, uint32(i)), deviceRoles[i]})
	}
	for i := range n.people {
		n.hosts = append(n.hosts, n.people[i].Host)
	}
	slices.SortFunc(n.hosts, func(a, b Host) int { return a.Addr.Compare(b.Addr) })
	return n, nil
}

// Hosts returns the hosts inside, by address. Those that a Change brings, and
// guests, are not among them.
func (n *Network) Hosts() []Host { return slices.Clone(n.hosts) }

// numbers returns the random numbers of one purpose.
func numbers(seed uint64, purpose ...uint64) random {
	for _, p := range purpose {
		seed = payload.Mix(seed) + p
	}
	return random{state: payload.Mix(seed ^ 0x686f757273)}
}

func newSites(seed uint64) []site {
	rng := numbers(seed, 1)
	sites := make([]site, siteCount)
	for i := range sites {
		s := &sites[i]
		*s = site{
			number: uint32(i * 37), port: 443, quic: i%10 < 3,
			answer: min(rng.logNormal(2500, 0.6), 12_000), rtt: min(rng.logNormal(22e6, 0.6), 150e6),
		}
		if i%10 > 7 {
			s.port = 80
		}
	}
	return sites
}

// newPerson draws a client. One of six has an IPv6 address.
func (n *Network) newPerson(seed uint64, number uint32) person {
	rng := numbers(seed, 2, uint64(number))
	p := person{
		Host:   Host{inside(number%6 == 5, number), "client"},
		number: number, rate: max(3, min(rng.logNormal(8, 0.45), 24)),
		work: rng.chance(0.7), hello: rng.pick(longClients), agent: rng.below(payload.Agents),
	}
	p.peak = 11 + 4*rng.float()
	if !p.work {
		p.peak += 6
	}
	if p.hello == payload.Browser || p.hello == payload.Compact || p.hello == payload.Steady {
		p.quic = rng.pick(quicClients)
	}
	for len(p.favours) < 12 {
		u := rng.float()
		if i := int(siteCount * u * u); !slices.Contains(p.favours, i) {
			p.favours = append(p.favours, i)
		}
	}
	return p
}

// networkStart is the beginning of hour 0: 2026-03-02 00:00 UTC, a Monday.
const networkStart packet.Nanos = 1772409600 * 1e9

// hourLength in ns.
const hourLength packet.Nanos = 3600 * 1e9

// daily is the load of a client in an hour of the week; its mean over a day is 1.
func (p *person) daily(swing float64, index int) float64 {
	load := 1 + swing*math.Cos(2*math.Pi*(float64(index%24)+0.5-p.peak)/24)
	if p.work && index/24%7 >= 5 {
		load *= 1 - swing/2
	}
	return load
}

// unrest is a number of standard normal distribution that belongs to an hour and a
// host, and is correlated with those of the three hours around it, so that any hour
// can be made alone.
func unrest(seed, host uint64, index int) (sum float64) {
	for back := range 4 {
		rng := numbers(seed, 3, host, uint64(index-back))
		sum += rng.normal()
	}
	return sum / 2
}

// load is how busy a client is in an hour: a factor on its rates.
func (n *Network) load(p *person, seed uint64, index int) float64 {
	own, all := n.cfg.Unrest, n.cfg.Unrest/2
	noise := own*unrest(seed, uint64(p.number), index) + all*unrest(seed, math.MaxUint64, index)
	return p.daily(n.cfg.DayNight, index) * math.Exp(noise-(own*own+all*all)/2)
}

// stay is how many hours in a row clients are away and guests there.
const stay = 4

// away reports whether a client is away in an hour.
func (n *Network) away(p *person, seed uint64, index int) bool {
	begin := index + int(p.number)%stay // not all come and go at once
	rng := numbers(seed, 6, uint64(p.number), uint64(begin/stay))
	return rng.chance(n.cfg.Churn)
}

// guests are clients that are there for an hour and its neighbours.
func (n *Network) guests(seed uint64, index int) (list []person) {
	if n.cfg.Churn == 0 {
		return nil
	}
	rng := numbers(seed, 7, uint64(index/stay))
	for range min(rng.poisson(n.cfg.Churn/2*float64(n.cfg.Clients)), maxClients) {
		number := firstGuest + uint32(rng.below(maxClients))
		if slices.ContainsFunc(list, func(p person) bool { return p.number == number }) {
			continue // the address is taken
		}
		p := n.newPerson(rng.uint64(), number)
		p.Role = "guest"
		list = append(list, p)
	}
	return list
}
