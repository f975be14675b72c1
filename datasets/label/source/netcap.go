package source

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"pcapmill/datasets/label"
	"pcapmill/outputs/strictyaml"
	"pcapmill/outputs/text"
)

// attacks reads a file of attacks as netcap's label -custom and capture -labels take it: a zone,
// two layouts of times, and attacks with hosts by ips, or by attackers and victims. It is read as
// what its authors meant: docs/label-sources.md lists where netcap itself does otherwise.
//
// Source: netcap label/attacks.go and manager.go, read as described in its documentation.
type attacks struct {
	times
	timeLayout, dateLayout layout
	list                   []placedRule
	nameless               int
	mended                 mended
	names                  map[string]bool // IDs
}

// mended counts attacks that netcap would have labelled otherwise, by why.
type mended struct {
	dated, midnight, minutes, protocols, applications, pairs, victims, ids int
}

var attacksKey = text.Pattern(`(?m)^attacks:`)

func isAttacks(head []byte, _ string) bool { return attacksKey().Match(head) }

// readAttacks reads a file of attacks.
func readAttacks(r *reading) error {
	data, err := r.whole(MaxRulesFile)
	if err != nil {
		return err
	}
	f := &attacks{times: times{zone: r.opts.Zone}, names: map[string]bool{}}
	if err := f.parse(data); err != nil {
		return r.wrongRule(err)
	}
	for i := range f.list {
		if err := r.rule(place{int64(f.list[i].line), -1}, &f.list[i].Rule); err != nil {
			return err
		}
	}
	r.source.Skipped += int64(f.nameless)
	r.zoneOf(&f.times)
	f.mended.tell(r)
	return nil
}

// tell notes what was mended.
func (m *mended) tell(r *reading) {
	r.note("netcap labels with the category; here the label is the attack's name, and its category the category")
	r.note("netcap labels by a connection's first packet; here attacks and flows must overlap, so one that began before the attack is in it")
	r.note("netcap drops a category that is part of another's name; here attacks that disagree on a flow make it ambiguous")
	for _, n := range []struct {
		count int
		says  string
	}{
		{m.minutes, "end to the minute, which netcap leaves out: it is in the attack here"},
		{m.dated, "have the date in their times too, which netcap adds up to another year: it counts once here"},
		{m.midnight, "end before they begin, and never match in netcap: they end on the next day here"},
		{m.protocols, "name a protocol, which netcap ignores: it must fit here"},
		{m.applications, "name a protocol of applications: its transport must fit, not its ports"},
		{m.pairs, "have attackers and victims: netcap counts any two of them, two attackers too; here it is one of each"},
		{m.victims, "flag all traffic of victims: netcap then labels that of attackers with others too; here it does not"},
		{m.ids, "have a mitre that is no single id of ATT&CK: the first id in it counts, if there is one"},
	} {
		if n.count > 0 {
			r.note("%d attacks %s", n.count, n.says)
		}
	}
}

func (f *attacks) parse(data []byte) error {
	top, err := strictyaml.Parse(data, MaxRulesFile)
	if err != nil {
		return err
	}
	if top == nil {
		return errors.New("is empty: want attacks")
	}
	var list strictyaml.Node
	location, timeFormat, dateFormat := "", "", ""
	err = strictyaml.Mapping(top, "a file of attacks", strictyaml.Keys{
		"location": strictyaml.Text(&location), "timeFormat": strictyaml.Text(&timeFormat), "dateFormat": strictyaml.Text(&dateFormat),
		"attacks": intoNode(&list),
	})
	if err != nil {
		return err
	}
	if location != "" {
		if f.zone, err = ParseZone(location); err != nil {
			return fmt.Errorf("location: %w", err)
		}
	}
	f.timeLayout, f.dateLayout = newLayout(timeFormat), newLayout(dateFormat)
	if list == nil {
		return errors.New("has no attacks")
	}
	if f.timeLayout.unit == time.Hour {
		return fmt.Errorf("timeFormat: %s is no layout with hours and minutes such as \"15:04\", which start and end are written in", quoted(timeFormat))
	}
	elements, err := strictyaml.List(list, MaxRules)
	if err != nil {
		return err
	}
	for i, e := range elements {
		if err := f.attack(i+1, e); err != nil {
			return strictyaml.At(e, err)
		}
	}
	return nil
}

// attack is one of a file.
type attack struct {
	num, name, start, end, date, protocol, notes, category, mitre string
	ips, victims, attackers                                       label.Hosts
	flagVictims                                                   bool
}

// attackID is what files of rules take as mitre, wherever in a text it stands.
var attackID = text.Pattern(`\bT([0-9]{4}(\.[0-9]{3})?|A[0-9]{4})\b`)

// attack reads one. Those without a name are left out, as netcap does.
func (f *attacks) attack(number int, n strictyaml.Node) error {
	a, sets := attack{}, &rulesFile{}
	err := strictyaml.Mapping(n, "an attack", strictyaml.Keys{
		"num": strictyaml.Text(&a.num), "name": strictyaml.Text(&a.name), "start": strictyaml.Text(&a.start), "end": strictyaml.Text(&a.end),
		"date": strictyaml.Text(&a.date), "proto": strictyaml.Text(&a.protocol), "notes": strictyaml.Text(&a.notes),
		"category": strictyaml.Text(&a.category), "mitre": strictyaml.Text(&a.mitre), "flagVictimTraffic": strictyaml.Bool(&a.flagVictims),
		"ips": sets.intoHosts(&a.ips), "victims": sets.intoHosts(&a.victims), "attackers": sets.intoHosts(&a.attackers),
	})
	if err != nil {
		return err
	}
	if a.name == "" {
		f.nameless++
		return nil
	}
	mitre := attackID().FindString(a.mitre)
	if mitre != a.mitre {
		f.mended.ids++
	}
	rule := placedRule{label.Rule{Meaning: label.Meaning{ID: a.num, Label: a.name, Category: a.category, MITRE: mitre}, Depth: label.AnyDepth}, strictyaml.Line(n)}
	if rule.ID == "" || f.names[rule.ID] {
		rule.ID = "attack-" + strconv.Itoa(number)
	}
	f.names[rule.ID] = true
	err = f.hosts(&a, &rule.Rule)
	if err == nil {
		err = f.interval(&a, &rule.Rule)
	}
	if err != nil {
		return fmt.Errorf("attack %s: %w", quoted(a.name), err)
	}
	f.protocol(&a, &rule.Rule)
	f.list = append(f.list, rule)
	return nil
}

// hosts says between whom an attack is: one of ips and anyone, an attacker and a victim, or, with
// flagVictimTraffic, a victim and anyone.
func (f *attacks) hosts(a *attack, r *label.Rule) error {
	switch {
	case len(a.ips) > 0 && len(a.attackers)+len(a.victims) > 0:
		return errors.New("has ips and attackers or victims: netcap would take ips alone")
	case len(a.ips) > 0:
		r.Src = a.ips
	case len(a.victims) == 0:
		return errors.New("has no ips and no victims")
	case a.flagVictims:
		r.Dst = a.victims
		f.mended.victims++
	case len(a.attackers) == 0:
		return errors.New("has victims and neither attackers nor flagVictimTraffic: netcap would match nothing")
	default:
		r.Src, r.Dst = a.attackers, a.victims
		f.mended.pairs++
	}
	return nil
}

// interval is when an attack was.
func (f *attacks) interval(a *attack, r *label.Rule) error {
	begin, err := f.moment("start", a.start, a.date)
	if err != nil {
		return err
	}
	end, err := f.moment("end", a.end, a.date)
	if err != nil {
		return err
	}
	switch dated := f.timeLayout.dated; {
	case !dated && end.wall.Before(begin.wall):
		end.wall = end.wall.AddDate(0, 0, 1)
		f.mended.midnight++
	case dated && a.date != "":
		f.mended.dated++
	}
	if end.unit == time.Minute {
		f.mended.minutes++
	}
	i := label.Interval{}
	if i.From, err = f.begin(begin); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	if i.To, err = f.end(end); err != nil {
		return fmt.Errorf("end: %w", err)
	}
	if i.From >= i.To {
		return errors.New("it ends before it begins")
	}
	r.Times = []label.Interval{i}
	return nil
}

// moment reads a time in the file's layout, with the date of the attack if the layout has none.
func (f *attacks) moment(key, s, date string) (m moment, err error) {
	if m, err = f.timeLayout.parse(s); err != nil {
		return m, fmt.Errorf("%s: %w, which is the timeFormat", key, err)
	}
	if f.timeLayout.dated {
		return m, nil
	}
	d, err := f.dateLayout.parse(date)
	if err == nil && !f.dateLayout.dated {
		err = fmt.Errorf("%s is no layout of a date", quoted(f.dateLayout.text))
	}
	if err != nil {
		return m, fmt.Errorf("date: %w, which is the dateFormat; 2006-01-02 would be that of 2024-12-31", err)
	}
	clock := m.wall
	m.wall = time.Date(d.wall.Year(), d.wall.Month(), d.wall.Day(), clock.Hour(), clock.Minute(), clock.Second(), clock.Nanosecond(), time.UTC)
	return m, nil
}

// applications are protocols that lie on one transport, as files of attacks name them.
var applications = map[string][]uint8{
	"HTTP": {6}, "HTTPS": {6}, "FTP": {6}, "SSH": {6}, "SMTP": {6}, "TELNET": {6}, "SMB": {6}, "RDP": {6}, "TLS": {6}, "SSL": {6},
	"QUIC": {17}, "DHCP": {17}, "NTP": {17}, "SNMP": {17}, "TFTP": {17}, "SSDP": {17},
	"DNS": {6, 17}, "CIP": {6, 17}, "ENIP": {6, 17}, "SIP": {6, 17}, "KERBEROS": {6, 17}, "LDAP": {6, 17},
	"ICMP": {1, 58},
}

// protocol takes the transport that an attack names; a word that is none, as Unknown, asks nothing.
func (f *attacks) protocol(a *attack, r *label.Rule) {
	for _, word := range strings.FieldsFunc(a.protocol, func(c rune) bool { return strings.ContainsRune(" ,;/|", c) }) {
		if known, ok := applications[strings.ToUpper(word)]; ok {
			r.Protocols = append(r.Protocols, known...)
			f.mended.applications++
		} else if p, err := protocolOf(word); err == nil {
			r.Protocols = append(r.Protocols, uint8(p))
			f.mended.protocols++
		} else {
			r.Protocols = nil
			return
		}
	}
}
