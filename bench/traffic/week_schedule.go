package traffic

import (
	"net/netip"
	"time"

	"pcapmill/ingest/packet"
)

// attack is a rule and the traffic that it is about.
type attack struct {
	WeekRule
	write func(*Week, *attack)
	outer bool // the rule knows addresses outside only
}

// Hosts of the schedule. What is outside is seen from inside as the gateway.
var (
	gatewayAddr  = inside(false, gateway)
	webAddr      = inside(false, webServer)
	resolverSix  = inside(true, resolving)
	cracker      = netip.MustParseAddr("203.0.113.73")
	slowcoach    = netip.MustParseAddr("203.0.113.74")
	master       = netip.MustParseAddr("203.0.113.90")
	crackerSix   = netip.MustParseAddr("2001:db8:66::73")
	floodSources = []netip.Addr{
		netip.MustParseAddr("203.0.113.69"), netip.MustParseAddr("203.0.113.70"), netip.MustParseAddr("203.0.113.71"),
	}
	bots    = []netip.Addr{inside(false, firstClient), inside(false, firstClient+2), inside(false, firstClient+3)}
	scanned = netip.MustParsePrefix("10.20.0.0/29")
)

// weekVictims is how many clients there must be for those hosts.
const weekVictims = 4

// usual are the attempts of attacks that need a connection and payload.
var usual = []WeekAttempt{
	{1, "conn_state = 'REJ'"},
	{6, "rev_packets = 0"},
	{0, "fwd_payload_bytes = 0"},
}

// single makes prefixes of hosts.
func single(hosts ...netip.Addr) (list []netip.Prefix) {
	for _, h := range hosts {
		list = append(list, netip.PrefixFrom(h, h.BitLen()))
	}
	return list
}

// schedule fills the attacks.
func (w *Week) schedule() {
	w.attacks = append(w.attacks, w.tuesday()...)
	w.attacks = append(w.attacks, w.wednesday()...)
	w.attacks = append(w.attacks, w.thursday()...)
	w.attacks = append(w.attacks, w.friday()...)
	w.attacks = append(w.attacks, w.weekend()...)
}

// when sets the interval: a day from Monday, 0, on, and local clocks. An end that is not
// after the beginning is on the next day.
func (w *Week) when(day int, from, to string, r WeekRule) WeekRule {
	r.From, r.To = w.at(day, from), w.at(day, to)
	if r.To <= r.From {
		r.To = w.at(day+1, to)
	}
	return r
}

// seen are the addresses of an attacker and of its victim, on both sides.
func (r WeekRule) seen(attackers ...netip.Addr) WeekRule {
	r.Src = single(append(attackers, gatewayAddr)...)
	r.Dst = single(publicAddr, webAddr)
	return r
}

func (w *Week) tuesday() []attack {
	ftp := w.when(1, "09:20", "10:20", WeekRule{
		ID: "ftp-patator", Label: "FTP-Patator", Category: "Brute Force", MITRE: "T1110.001", Campaign: "tuesday-patator",
		DstPorts: []uint16{21}, Proto: packet.ProtoTCP, Attempts: usual,
	}.seen(cracker))
	ssh := w.when(1, "14:00", "15:00", WeekRule{
		ID: "ssh-patator", Label: "SSH-Patator", Category: "Brute Force", MITRE: "T1110.001", Campaign: "tuesday-patator",
		DstPorts: []uint16{22}, Proto: packet.ProtoTCP, Attempts: usual,
	}.seen(cracker))
	loris := w.when(1, "14:20", "14:50", WeekRule{
		ID: "slowloris", Label: "DoS slowloris", Category: "DoS", MITRE: "T1499.002", Campaign: "tuesday-slowloris",
		Priority: 10, DstPorts: []uint16{80}, Proto: packet.ProtoTCP, Attempts: usual,
	}.seen(slowcoach))
	suspect := w.when(1, "14:00", "15:10", WeekRule{
		ID: "suspect", Label: "Suspect", Category: "Suspect", Campaign: "tuesday-suspect", Priority: -5,
		Src: single(slowcoach), Dst: single(publicAddr),
	})
	night := w.when(1, "23:30", "00:40", WeekRule{
		ID: "ssh-night", Label: "SSH-Patator", Category: "Brute Force", MITRE: "T1110.003", Campaign: "tuesday-night",
		Src: single(crackerSix), Dst: single(resolverSix), DstPorts: []uint16{22}, Proto: packet.ProtoTCP, Attempts: usual,
	})
	return []attack{
		{WeekRule: ftp, write: crack(400, storming(cracker, 21))},
		{WeekRule: ssh, write: crack(300, storming(cracker, 22))},
		{WeekRule: loris, write: slow(60, storming(slowcoach, 80), "suspect")},
		{WeekRule: suspect, write: suspicions, outer: true},
		{WeekRule: night, write: crack(200, calling(crackerSix, resolverSix, 22))},
	}
}

// storming and calling return openers.
func storming(attacker netip.Addr, port uint16) opener {
	return func(w *Week, at packet.Nanos) *strike { return w.storm(at, attacker, port) }
}

func calling(from, to netip.Addr, port uint16) opener {
	return func(w *Week, at packet.Nanos) *strike { return w.call(at, from, to, port, packet.ProtoTCP) }
}

// suspicions is benign traffic of hosts that attack, at that time.
func suspicions(w *Week, a *attack) {
	w.spread(a.From, a.To, 20*time.Second, w.share(40), func(at packet.Nanos, i int) {
		const hard = "benign traffic of an attacker"
		if i%2 == 0 {
			w.storm(at, slowcoach, 443).benign(hard).request("/shop", 900).fits(a)
			return
		}
		w.call(at, bots[i%3], cracker, 443, packet.ProtoTCP).benign(hard).request("/news", 2500).fits()
	})
}

func (w *Week) wednesday() []attack {
	hulk := w.when(2, "10:43", "11:00", WeekRule{
		ID: "hulk", Label: "DoS Hulk", Category: "DoS", MITRE: "T1499.002", Campaign: "wednesday-hulk",
		DstPorts: []uint16{80}, Proto: packet.ProtoTCP, Attempts: usual,
	}.seen(slowcoach))
	return []attack{{WeekRule: hulk, write: surf(400, slowcoach, "/?%d")}}
}

func (w *Week) thursday() []attack {
	web := func(id, label, from, to string) WeekRule {
		return w.when(3, from, to, WeekRule{
			ID: id, Label: label, Category: "Web Attack", MITRE: "T1190", Campaign: "thursday-web",
			DstPorts: []uint16{80, 8080}, Proto: packet.ProtoTCP, Attempts: usual,
		}.seen(cracker))
	}
	infiltration := w.when(3, "14:19", "15:45", WeekRule{
		ID: "infiltration", Label: "Infiltration", Category: "Infiltration", MITRE: "T1571", Campaign: "thursday-infiltration",
		Src: single(cracker), Dst: single(bots[1], publicAddr), SrcPorts: []uint16{444}, Proto: packet.ProtoTCP, Attempts: usual,
	})
	spreading := w.when(3, "15:05", "15:45", WeekRule{
		ID: "infiltration-scan", Label: "Infiltration - Portscan", Category: "Infiltration", MITRE: "T1046", Campaign: "thursday-infiltration",
		Src: single(bots[1]), Dst: []netip.Prefix{scanned}, Proto: packet.ProtoTCP,
	})
	return []attack{
		{WeekRule: web("web-brute", "Web Attack - Brute Force", "09:20", "10:00"), write: surf(150, cracker, "/login?p=%d", "web-xss", "web-sqli")},
		{WeekRule: web("web-xss", "Web Attack - XSS", "10:15", "10:35"), write: surf(80, cracker, "/?q=<script>%d</script>", "web-brute", "web-sqli")},
		{WeekRule: web("web-sqli", "Web Attack - SQL Injection", "10:30", "10:42"), write: surf(60, cracker, "/?id=%d'--", "web-brute", "web-xss")},
		{WeekRule: infiltration, write: command(60, bots[1:2], cracker, 444)},
		{WeekRule: spreading, write: spread},
	}
}

// spread scans the servers from a host inside, and stays with one at the edges.
func spread(w *Week, a *attack) {
	probe(300, func(w *Week, at packet.Nanos, port uint16) *strike {
		host := inside(false, uint32(w.rng.below(scannedHosts)))
		return w.call(at, bots[1], host, port, packet.ProtoTCP)
	})(w, a)
	w.edges(a, calling(bots[1], webAddr, 445), a)
}

func (w *Week) friday() []attack {
	bot := WeekRule{
		Label: "Bot", Category: "Botnet", MITRE: "T1071.001", Campaign: "friday-bot",
		Src: single(master), Dst: single(append(bots, publicAddr)...), Attempts: usual,
	}
	tcp, udp := bot, bot
	tcp.ID, tcp.SrcPorts, tcp.Proto = "bot", []uint16{8080}, packet.ProtoTCP
	udp.ID, udp.SrcPorts, udp.Proto, udp.Attempts = "bot-udp", []uint16{5500}, packet.ProtoUDP, nil
	scan := w.when(4, "13:55", "14:35", WeekRule{
		ID: "portscan", Label: "PortScan", Category: "Reconnaissance", MITRE: "T1046", Campaign: "friday-scan",
		Proto: packet.ProtoTCP,
	}.seen(cracker, crackerSix))
	scan.Dst = append(scan.Dst, single(resolverSix)...)
	ping := WeekRule{Label: "Ping Sweep", Category: "Reconnaissance", MITRE: "T1018", Campaign: "friday-sweep"}
	four, six := ping, ping
	four.ID, four.Proto, four.Src, four.Dst = "sweep", packet.ProtoICMP, single(bots[2]), []netip.Prefix{scanned}
	six.ID, six.Proto, six.Src, six.Dst = "sweep-six", packet.ProtoICMPv6, single(crackerSix), []netip.Prefix{pingedSix}
	loit := w.when(4, "15:56", "16:16", WeekRule{
		ID: "ddos", Label: "DDoS LOIT", Category: "DDoS", MITRE: "T1498.001", Campaign: "friday-ddos",
		DstPorts: []uint16{80}, Proto: packet.ProtoTCP,
	}.seen(floodSources...))
	return []attack{
		{WeekRule: w.when(4, "10:02", "11:02", tcp), write: command(90, bots, master, 8080)},
		{WeekRule: w.when(4, "10:02", "11:02", udp), write: datagrams(60, botnet, true)},
		{WeekRule: scan, write: probing},
		{WeekRule: w.when(4, "13:55", "14:35", four), write: sweep(bots[2], hostsOf(scanned))},
		{WeekRule: w.when(4, "13:57", "14:35", six), write: sweep(crackerSix, hostsOf(pingedSix))},
		{WeekRule: loit, write: flood(900, floodSources)},
	}
}

// botnet is a bot's question over UDP.
func botnet(w *Week, at packet.Nanos) *strike {
	return w.call(at, bots[w.rng.below(len(bots))], master, 5500, packet.ProtoUDP)
}

// probing scans the web server, and another over IPv6.
func probing(w *Week, a *attack) {
	probe(700, func(w *Week, at packet.Nanos, port uint16) *strike { return w.storm(at, cracker, port) })(w, a)
	probe(200, func(w *Week, at packet.Nanos, port uint16) *strike {
		return w.call(at, crackerSix, resolverSix, port, packet.ProtoTCP)
	})(w, a)
}

// scannedHosts is the number of hosts in scanned; printers, which clients use, are not.
const scannedHosts = 7

// pingedSix are hosts that are pinged over IPv6.
var pingedSix = netip.MustParsePrefix("2001:db8:20::40/122")

// hostsOf lists the addresses of a prefix but its first.
func hostsOf(p netip.Prefix) (list []netip.Addr) {
	for a := p.Masked().Addr().Next(); p.Contains(a); a = a.Next() {
		list = append(list, a)
	}
	return list
}

func (w *Week) weekend() []attack {
	flood := w.when(5, "11:00", "11:20", WeekRule{
		ID: "udp-flood", Label: "DDoS UDP", Category: "DDoS", MITRE: "T1498.001", Campaign: "saturday-udp",
		DstPorts: []uint16{80}, Proto: packet.ProtoUDP,
	}.seen(floodSources...))
	night := w.when(6, "01:10", "03:40", WeekRule{
		ID: "ssh-clock", Label: "SSH-Patator", Category: "Brute Force", MITRE: "T1110.003", Campaign: "sunday-night",
		Src: single(crackerSix), Dst: single(resolverSix), DstPorts: []uint16{22}, Proto: packet.ProtoTCP, Attempts: usual,
	})
	web := w.when(6, "10:00", "10:30", WeekRule{
		ID: "web-sunday", Label: "Web Attack - Brute Force", Category: "Web Attack", MITRE: "T1190", Campaign: "sunday-web",
		DstPorts: []uint16{80}, Proto: packet.ProtoTCP, Attempts: usual,
	}.seen(slowcoach))
	return []attack{
		{WeekRule: flood, write: datagrams(300, storming(floodSources[0], 80), false)},
		{WeekRule: night, write: crack(120, calling(crackerSix, resolverSix, 22))},
		{WeekRule: web, write: surf(100, slowcoach, "/cart?%d")},
	}
}
