package rulefile

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"pcapmill/datasets/label"
	"pcapmill/outputs/text"
)

// Write writes a file of rules. Notes stand at its head as comments.
func Write(w io.Writer, rules []label.Rule, notes []string) error {
	out := bufio.NewWriter(w)
	for _, note := range notes {
		fmt.Fprintf(out, "# %s\n", strings.TrimSuffix(quoted(note)[1:], `"`)) // one line, whatever it says
	}
	fmt.Fprint(out, "version: 1\nrules:\n")
	ids := newNames()
	for i := range rules {
		r := rule{out: out}
		r.write(ids.of(rules[i].ID), &rules[i])
	}
	return out.Flush()
}

// rule writes one.
type rule struct {
	out   *bufio.Writer
	begun bool
}

// key writes a key with a value that is YAML.
func (r *rule) key(name, value string) {
	lead := "    "
	if !r.begun {
		lead, r.begun = "  - ", true
	}
	fmt.Fprintf(r.out, "%s%s: %s\n", lead, name, value)
}

// text writes a text, unless it is empty.
func (r *rule) text(name, value string) {
	if value != "" {
		r.key(name, quoted(value))
	}
}

// list writes a list, unless it is empty.
func (r *rule) list(name string, elements []string) {
	if len(elements) > 0 {
		r.key(name, "["+strings.Join(elements, ", ")+"]")
	}
}

func (r *rule) write(id string, x *label.Rule) {
	r.text("id", id)
	r.text("label", x.Label)
	r.text("category", x.Category)
	r.text("mitre", x.MITRE)
	campaign := x.Campaign
	if campaign == "" && id != x.ID { // rules of one id are one campaign
		campaign = x.ID
	}
	r.text("campaign", campaign)
	if x.Priority != 0 {
		r.key("priority", strconv.Itoa(int(x.Priority)))
	}
	if x.Confidence != nil {
		r.key("confidence", strconv.FormatFloat(*x.Confidence, 'g', -1, 64))
	}
	r.list("time", intervals(x.Times))
	switch x.Fit {
	case label.Starts:
		r.key("fit", "start")
	case label.Inside:
		r.key("fit", "inside")
	}
	r.list("src", each(x.Src, host))
	r.list("dst", each(x.Dst, host))
	r.list("src_ports", each(x.SrcPorts, ports))
	r.list("dst_ports", each(x.DstPorts, ports))
	r.list("protocol", each(x.Protocols, func(p uint8) string { return strconv.Itoa(int(p)) }))
	switch x.Direction {
	case label.Forward:
		r.key("direction", "forward")
	case label.Reverse:
		r.key("direction", "reverse")
	}
	if x.Depth != label.AnyDepth {
		r.key("depth", strconv.Itoa(int(x.Depth)))
	}
	r.list("vlan", each(x.VLANs, func(v int32) string { return strconv.Itoa(int(v)) }))
	r.text("where", x.Where)
	r.list("captures", each(x.Captures, quoted))
	r.list("attempted", each(x.Attempts, func(a label.Attempt) string {
		return fmt.Sprintf("{category: %d, where: %s}", a.Category, quoted(a.Where))
	}))
}

func each[T any](list []T, say func(T) string) []string {
	all := make([]string, len(list))
	for i, x := range list {
		all[i] = say(x)
	}
	return all
}

// intervals writes stretches of time. One that is all times makes a rule of all times.
func intervals(times []label.Interval) []string {
	var all []string
	for _, i := range times {
		var parts []string
		if i.From != math.MinInt64 {
			parts = append(parts, "from: "+instant(i.From))
		}
		if i.To != math.MaxInt64 {
			parts = append(parts, "to: "+instant(i.To-1)) // whose last digit is in it
		}
		if len(parts) == 0 {
			return nil
		}
		all = append(all, "{"+strings.Join(parts, ", ")+"}")
	}
	return all
}

func instant(ns int64) string {
	return quoted(time.Unix(0, ns).UTC().Format("2006-01-02T15:04:05.000000000Z"))
}

// host writes a network, which quotes keep from being a number or a mapping.
func host(p netip.Prefix) string {
	if p.IsSingleIP() {
		return quoted(p.Addr().String())
	}
	return quoted(p.String())
}

func ports(p label.PortRange) string {
	if p.First == p.Last {
		return strconv.Itoa(int(p.First))
	}
	return fmt.Sprintf("%d-%d", p.First, p.Last)
}

// quoted writes a text in double quotes, whose escapes are Go's as well as YAML's.
func quoted(s string) string { return strconv.QuoteToASCII(strings.ToValidUTF8(s, "\uFFFD")) }

// names makes ids that files of rules may have, each once.
type names struct {
	taken map[string]bool
	tried map[string]int // of ids that came before, the last number behind one: hundreds of thousands can be the same
}

func newNames() *names { return &names{map[string]bool{}, map[string]int{}} }

var strange = text.Pattern(`[^A-Za-z0-9._:-]+`)

// mostID is how long an id may be.
const mostID = 100

// of returns the id itself where it may stand in a file and is new.
func (n *names) of(id string) string {
	id = strings.TrimLeft(strange().ReplaceAllString(id, "-"), "._:-")
	if id == "" {
		id = "rule"
	}
	id = id[:min(len(id), mostID)]
	name := id
	for i := max(2, n.tried[id]+1); n.taken[name]; i++ {
		suffix := "-" + strconv.Itoa(i)
		name = id[:min(len(id), mostID-len(suffix))] + suffix
		n.tried[id] = i
	}
	n.taken[name] = true
	return name
}
