package traffic

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"pcapmill/ingest/packet"
)

// silent is a connection that the target does not answer: Liu's category 6.
func (s *strike) silent() *strike {
	s.syn()
	s.seq[Forward]--
	s.Wait(time.Second)
	s.syn()
	s.attempt = 6
	return s
}

// refused is a connection to a closed port: category 1.
func (s *strike) refused() *strike {
	s.syn()
	s.Reset(Reverse)
	s.attempt = 1
	return s
}

// empty is a connection without payload: category 0.
func (s *strike) empty() *strike {
	s.Handshake()
	s.Wait(50 * time.Millisecond)
	s.Close(Forward)
	s.attempt = 0
	return s
}

// dialogue is a connection in which both sides speak in turn, first the server where
// its line is not empty.
func (s *strike) dialogue(turns ...[2]string) *strike {
	s.Handshake()
	for _, t := range turns {
		s.Wait(20 * time.Millisecond)
		if t[1] != "" {
			s.Send(Reverse, []byte(t[1]))
		}
		s.Wait(20 * time.Millisecond)
		if t[0] != "" {
			s.Send(Forward, []byte(t[0]))
		}
	}
	s.Close(Forward)
	return s
}

// login is one try of a password.
func (s *strike) login(i int) *strike {
	return s.dialogue(
		[2]string{"USER admin\r\n", "220 ready\r\n"},
		[2]string{fmt.Sprintf("PASS word%d\r\n", i), "331 password\r\n"},
		[2]string{"", "530 no\r\n"},
	)
}

// request is one HTTP request of a path.
func (s *strike) request(path string, answer int) *strike {
	return s.dialogue(
		[2]string{"GET " + path + " HTTP/1.1\r\nHost: web.example\r\nUser-Agent: probe\r\n\r\n", ""},
		[2]string{"", fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", answer, strings.Repeat("a", answer))},
	)
}

// until keeps a connection open, with a line every minute and a half, until its last
// packet at an instant.
func (s *strike) until(last packet.Nanos) *strike {
	const pause = packet.Nanos(90 * time.Second)
	s.Handshake()
	s.Send(Forward, []byte("hello\r\n"))
	s.Send(Reverse, []byte("hello\r\n"))
	for s.at+pause+packet.Nanos(time.Second) < last {
		s.at += pause
		s.Send(Forward, []byte("more\r\n"))
	}
	s.at = last
	s.Reset(Forward)
	return s
}

// crack tries passwords on one port over the whole interval; some tries do not get
// through.
func crack(n int, open opener) func(*Week, *attack) {
	return func(w *Week, a *attack) {
		w.spread(a.From, a.To, 20*time.Second, w.share(n), func(at packet.Nanos, i int) {
			s := open(w, at).as(a, "")
			switch {
			case i%12 == 3:
				s.refused()
			case i%12 == 5:
				s.silent()
			case i%12 == 7:
				s.empty()
			case i%12 == 9:
				s.missed, s.hard = 1, "first packet missed"
				s.login(i)
			default:
				s.login(i)
			}
			s.fits(a)
		})
		w.edges(a, open, a)
	}
}

// opener starts a conversation of an attack.
type opener func(w *Week, at packet.Nanos) *strike

// edges has conversations at the edges of a rule's interval; rules are those that fit
// but for the time.
func (w *Week) edges(a *attack, open opener, rules ...*attack) {
	const second = packet.Nanos(time.Second)
	for _, c := range []struct {
		hard        string
		first, last packet.Nanos
	}{
		{"begins before", a.From - 200*second, a.From + 97*second},
		{"ends after", a.To - 61*second, a.To + 183*second},
		{"ends at from", a.From - 75*second, a.From},
		{"ends before from", a.From - 75*second, a.From - 1},
		{"begins at from", a.From, a.From + 40*second},
		{"begins before to", a.To - 1, a.To + 33*second},
		{"begins at to", a.To, a.To + 33*second},
		{"ends at to", a.To - 50*second, a.To},
		{"attack after its time", a.To + 1200*second, a.To + 1230*second},
	} {
		open(w, c.first).as(a, c.hard).until(c.last).fits(rules...)
	}
}

// slow holds connections open with a header that never ends; also are the attacks whose
// rules fit them besides.
func slow(n int, open opener, also ...string) func(*Week, *attack) {
	return func(w *Week, a *attack) {
		all := append(w.named(also...), a)
		w.spread(a.From, a.To, 0, w.share(n), func(at packet.Nanos, i int) {
			s := open(w, at).as(a, "")
			if i%9 == 4 {
				s.silent().fits(all...)
				return
			}
			s.Handshake()
			s.Send(Forward, []byte("GET / HTTP/1.1\r\n"))
			for range 3 + w.rng.below(8) {
				s.Wait(time.Duration(w.rng.within(15_000, 55_000)) * time.Millisecond)
				s.Send(Forward, []byte("X-a: b\r\n"))
			}
			if s.Reset(Reverse); s.at > a.To {
				s.hard = "ends after"
			}
			s.fits(all...)
		})
	}
}

// surf asks a server for paths; also are the attacks whose rules fit it besides.
func surf(n int, attacker netip.Addr, path string, also ...string) func(*Week, *attack) {
	return func(w *Week, a *attack) {
		all := append(w.named(also...), a)
		w.spread(a.From, a.To, 20*time.Second, w.share(n), func(at packet.Nanos, i int) {
			s := w.storm(at, attacker, 80).as(a, "")
			if i%15 == 6 {
				s.empty().fits(all...)
				return
			}
			s.request(fmt.Sprintf(path, i), 200+w.rng.below(3000)).fits(all...)
		})
		w.edges(a, func(w *Week, at packet.Nanos) *strike { return w.storm(at, attacker, 80) }, all...)
	}
}

// named returns the attacks with these rules.
func (w *Week) named(ids ...string) (list []*attack) {
	for i := range w.attacks {
		for _, id := range ids {
			if w.attacks[i].ID == id {
				list = append(list, &w.attacks[i])
			}
		}
	}
	return list
}

// probe tries ports: most are closed, three open, some filtered.
func probe(n int, open func(w *Week, at packet.Nanos, port uint16) *strike) func(*Week, *attack) {
	return func(w *Week, a *attack) {
		w.spread(a.From, a.To, 5*time.Second, w.share(n), func(at packet.Nanos, i int) {
			port := uint16(1 + 7*i%9000)
			s := open(w, at, port).as(a, "")
			switch {
			case port%50 == 22:
				s.syn()
				s.Segment(Reverse, synACK, nil)
				s.Segment(Forward, packet.RST, nil)
			case i%4 == 1:
				s.silent()
			default:
				s.refused()
			}
			s.fits(a)
		})
	}
}

// sweep pings hosts, of which every third answers.
func sweep(from netip.Addr, hosts []netip.Addr) func(*Week, *attack) {
	return func(w *Week, a *attack) {
		w.spread(a.From, a.To, 5*time.Second, len(hosts), func(at packet.Nanos, i int) {
			s := w.begin(at, netip.AddrPortFrom(from, 0), netip.AddrPortFrom(hosts[i], 0)).as(a, "")
			types := [2]uint8{echoRequest, 0}
			if from.Is6() {
				types = [2]uint8{128, 129}
			}
			s.icmp = types[0]
			for n := range uint32(3) {
				s.Message(Forward, types[0], 0, 0x1234<<16|n, []byte("who is there"))
				if i%3 == 0 {
					s.Message(Reverse, types[1], 0, 0x1234<<16|n, []byte("who is there"))
				}
				s.Wait(time.Second)
			}
			s.fits(a)
		})
	}
}

const echoRequest = 8

// flood asks a server from several hosts at once.
func flood(n int, from []netip.Addr) func(*Week, *attack) {
	return func(w *Week, a *attack) {
		w.spread(a.From, a.To, 5*time.Second, w.share(n), func(at packet.Nanos, i int) {
			s := w.storm(at, from[i%len(from)], 80).as(a, "")
			switch {
			case i%5 == 0:
				s.request("/", 400)
			case i%5 < 3:
				s.silent()
			default:
				s.Handshake()
				s.Reset(Reverse)
			}
			s.fits(a)
		})
	}
}

// datagrams floods a port that answers nothing, or with a line where talk says so.
func datagrams(n int, open opener, talk bool) func(*Week, *attack) {
	return func(w *Week, a *attack) {
		w.spread(a.From, a.To, 5*time.Second, w.share(n), func(at packet.Nanos, i int) {
			s := open(w, at).as(a, "")
			if talk && i%3 == 1 {
				s.missed, s.hard = 1, "first packet missed"
			}
			s.Datagram(Forward, []byte(strings.Repeat("x", 40+w.rng.below(400))))
			if talk {
				s.Wait(40 * time.Millisecond)
				s.Datagram(Reverse, []byte("order"))
			}
			s.fits(a)
		})
	}
}

// command has a host inside that calls its master, and one connection that stays open
// from before the interval to after it, so that the active timeout cuts it.
func command(n int, victims []netip.Addr, master netip.Addr, port uint16) func(*Week, *attack) {
	return func(w *Week, a *attack) {
		w.spread(a.From, a.To, 20*time.Second, w.share(n), func(at packet.Nanos, i int) {
			s := w.call(at, victims[i%len(victims)], master, port, packet.ProtoTCP).as(a, "called by the victim")
			if i%10 == 3 {
				s.silent()
				s.attempt = 0 // the attacker, who is called, sends nothing
			} else {
				s.dialogue([2]string{"ready\n", ""}, [2]string{"done\n", "run\n"})
			}
			s.fits(a)
		})
		w.cut(a, victims[0], master, port)
	}
}

// cut has a connection with a few bytes every four minutes.
func (w *Week) cut(a *attack, victim, master netip.Addr, port uint16) {
	const around, beat = packet.Nanos(53 * time.Minute), packet.Nanos(4 * time.Minute)
	s := w.call(a.From-around, victim, master, port, packet.ProtoTCP).as(a, "cut by the active timeout")
	s.Handshake()
	for at := a.From - around; at < a.To+around; at += beat {
		s.at = max(s.at, at)
		s.Send(Forward, []byte("alive\n"))
		s.Send(Reverse, []byte("wait\n"))
	}
	s.Close(Forward)
	s.fits(a)
}
