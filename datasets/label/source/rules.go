package source

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"pcapmill/datasets/label"
	"pcapmill/features/column"
	"pcapmill/features/flow"
	"pcapmill/outputs/strictyaml"
	"pcapmill/outputs/text"
	"pcapmill/outputs/where"
)

// rulesVersion is that of the files of rules that this build reads.
const rulesVersion = 1

// Limits of a file of rules.
const (
	MaxRulesFile = 4 << 20 // bytes: four thousand rules of a KiB
	MaxRules     = 10_000
	maxHosts     = 10_000    // of a list
	maxAllHosts  = 1_000_000 // of all lists, with the members of groups in them
	maxElements  = 1000      // of other lists
	maxIntervals = 100_000   // of all rules
)

// ErrRules says that a file of rules is wrong. Nothing of it is used then: a rule left out would
// label what it should have, or not.
var ErrRules = errors.New("rules of labels")

// rulesError is an ErrRules whose text is what is wrong, and no more.
type rulesError struct{ error }

// Is reports whether target is ErrRules.
func (rulesError) Is(target error) bool { return target == ErrRules }

// Unwrap returns what is wrong.
func (e rulesError) Unwrap() error { return e.error }

// wrongRule says in which line a file is wrong.
func (r *reading) wrongRule(err error) error {
	if err == nil {
		return nil
	}
	p := place{0, -1}
	var there strictyaml.Error
	if errors.As(err, &there) {
		p.line = int64(there.Line)
		if direct, ok := err.(strictyaml.Error); ok {
			err = direct.Err // the line is said once
		}
	}
	if final(err) {
		return r.at(p, err)
	}
	return r.at(p, rulesError{err})
}

// rulesFile reads docs/label-rules.md.
type rulesFile struct {
	times
	schema    *column.Schema // of flows, with every column
	groups    map[string]label.Hosts
	intervals int // so far
	hosts     int // so far
	defaults  label.Rule
	rules     []placedRule
}

// placedRule is a rule with its line.
type placedRule struct {
	label.Rule
	line int
}

var rulesKey = text.Pattern(`(?m)^(rules|groups|defaults):`)

// isRules tells YAML rules by a key at a line's start.
func isRules(head []byte, _ string) bool { return rulesKey().Match(head) }

// readRules reads a file of rules.
func readRules(r *reading) error {
	data, err := r.whole(MaxRulesFile)
	if err != nil {
		return err
	}
	f := &rulesFile{times: times{zone: r.opts.Zone}}
	if err := f.parse(data); err != nil {
		return r.wrongRule(err)
	}
	for i := range f.rules {
		if err := r.rule(place{int64(f.rules[i].line), -1}, &f.rules[i].Rule); err != nil {
			return err
		}
	}
	r.zoneOf(&f.times)
	return nil
}

// zoneOf says in which zone times were read.
func (r *reading) zoneOf(t *times) {
	if t.naive {
		r.source.Zone = t.zone.String()
	}
	if t.twice {
		r.note("a time is of an hour that clocks in %s showed twice: intervals have both", text.Escape(t.zone.String()))
	}
}

func (f *rulesFile) parse(data []byte) error {
	top, err := strictyaml.Parse(data, MaxRulesFile)
	if err != nil {
		return err
	}
	if top == nil {
		return errors.New("is empty: want version and rules")
	}
	version, zone := "", ""
	var groups, defaults, rules strictyaml.Node
	err = strictyaml.Mapping(top, "a file of rules", strictyaml.Keys{
		"version": strictyaml.Text(&version), "zone": f.intoZone(&zone),
		"groups": intoNode(&groups), "defaults": intoNode(&defaults), "rules": intoNode(&rules),
	})
	switch {
	case err != nil:
		return err
	case version != fmt.Sprint(rulesVersion):
		return fmt.Errorf("version is %s: this build reads version: %d", quoted(version), rulesVersion)
	case rules == nil:
		return errors.New("has no rules")
	}
	if err := f.prepare(groups, defaults); err != nil {
		return err
	}
	return f.readRules(rules)
}

// prepare reads what rules hang on, wherever in the file it stands.
func (f *rulesFile) prepare(groups, defaults strictyaml.Node) error {
	table, err := flow.NewTable([]string{"all"}, flow.AddrBoth)
	if err != nil {
		return err
	}
	f.schema = table.Schema
	f.defaults.Depth = label.AnyDepth
	if groups != nil {
		if err := f.readGroups(groups); err != nil {
			return err
		}
	}
	if defaults == nil {
		return nil
	}
	return strictyaml.Mapping(defaults, "defaults", f.keys(&f.defaults))
}

// intoNode keeps a value for later.
func intoNode(to *strictyaml.Node) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		*to = n
		return nil
	}
}

func (f *rulesFile) intoZone(name *string) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		if err := strictyaml.Text(name)(n); err != nil {
			return err
		}
		zone, err := ParseZone(*name)
		if err == nil {
			f.zone = zone
		}
		return err
	}
}

var (
	groupName = text.Pattern(`^[A-Za-z][A-Za-z0-9_-]{0,99}$`)
	ruleID    = text.Pattern(`^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$`)
	mitreID   = text.Pattern(`^(T[0-9]{4}(\.[0-9]{3})?|TA[0-9]{4})$`)
)

// readGroups reads named sets of hosts. They may have those above them as members.
func (f *rulesFile) readGroups(n strictyaml.Node) error {
	pairs, ok := strictyaml.Pairs(n)
	if !ok {
		return strictyaml.Wrong(n, "groups: want a mapping of names to hosts")
	}
	f.groups = map[string]label.Hosts{}
	for _, p := range pairs {
		name := p.Key.GetToken().Value
		if !groupName().MatchString(name) || name == anyone {
			return strictyaml.Wrong(p.Key, "%s is no name of a group: want letters, digits, _ and -, a letter first, and not any", quoted(name))
		}
		if _, twice := f.groups[name]; twice {
			return strictyaml.Wrong(p.Key, "group %s for the second time", name)
		}
		var hosts label.Hosts
		if err := f.intoHosts(&hosts)(p.Value); err != nil {
			return strictyaml.At(p.Value, strictyaml.Inside("group "+name, err))
		}
		f.groups[name] = hosts
	}
	return nil
}

func (f *rulesFile) readRules(n strictyaml.Node) error {
	elements, err := strictyaml.List(n, MaxRules)
	if err != nil {
		return err
	}
	if len(elements) == 0 {
		return strictyaml.Wrong(n, "has no rules")
	}
	known := map[string]int{}
	for _, e := range elements {
		rule, err := f.readRule(e)
		if err == nil && known[rule.ID] != 0 {
			err = fmt.Errorf("its id is that of the rule in line %d", known[rule.ID])
		}
		if err != nil {
			return strictyaml.At(e, strictyaml.Inside("rule "+quoted(rule.ID), err))
		}
		known[rule.ID] = rule.line
		f.rules = append(f.rules, rule)
	}
	return nil
}

// readRule reads one; what was read of it comes back with an error too.
func (f *rulesFile) readRule(n strictyaml.Node) (placedRule, error) {
	rule := placedRule{f.defaults, strictyaml.Line(n)}
	keys := f.keys(&rule.Rule)
	keys["id"] = strictyaml.Text(&rule.ID)
	if err := strictyaml.Mapping(n, "a rule", keys); err != nil {
		return rule, err
	}
	switch {
	case rule.ID == "":
		return rule, errors.New("has no id")
	case !ruleID().MatchString(rule.ID):
		return rule, errors.New("id: want letters, digits, dots, underscores, colons and hyphens, 100 at most")
	case rule.Label == "":
		return rule, errors.New("has no label")
	}
	return rule, nil
}

// keys are those of a rule that defaults have too.
func (f *rulesFile) keys(r *label.Rule) strictyaml.Keys {
	return strictyaml.Keys{
		"label": strictyaml.Text(&r.Label), "category": strictyaml.Text(&r.Category), "campaign": strictyaml.Text(&r.Campaign),
		"mitre": intoMITRE(&r.MITRE), "priority": intoPriority(&r.Priority), "confidence": intoConfidence(&r.Confidence),
		"time": f.intoTimes(&r.Times), "fit": intoOneOf(&r.Fit, fits), "direction": intoOneOf(&r.Direction, directions),
		"src": f.intoHosts(&r.Src), "dst": f.intoHosts(&r.Dst),
		"src_ports": intoPorts(&r.SrcPorts), "dst_ports": intoPorts(&r.DstPorts), "protocol": intoProtocols(&r.Protocols),
		"depth": intoDepth(&r.Depth), "vlan": intoVLANs(&r.VLANs),
		"where": f.intoWhere(&r.Where), "captures": intoCaptures(&r.Captures), "attempted": f.intoAttempts(&r.Attempts),
	}
}

// names are the words of a setting with a few values.
type names[T any] []struct {
	word  string
	value T
}

var (
	fits       = names[label.Fit]{{"overlap", label.Overlaps}, {"start", label.Starts}, {"inside", label.Inside}}
	directions = names[label.Direction]{{"any", label.AnyWay}, {"forward", label.Forward}, {"reverse", label.Reverse}}
)

func intoOneOf[T any](to *T, known names[T]) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		s, err := strictyaml.Scalar(n)
		if err != nil {
			return err
		}
		words := make([]string, len(known))
		for i, k := range known {
			if words[i] = k.word; k.word == s {
				*to = k.value
				return nil
			}
		}
		return fmt.Errorf("%s is none of %v%s", quoted(s), words, text.Suggest(s, words))
	}
}

// intoWhere takes a condition that could be asked of flows. Which columns a table has is known
// when it is labelled.
func (f *rulesFile) intoWhere(to *string) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		if err := strictyaml.Expression(to)(n); err != nil {
			return err
		}
		return f.condition(*to)
	}
}

func (f *rulesFile) condition(expr string) error {
	p, err := where.Parse(expr, f.schema, func(at int) int { return at })
	if err == nil && p == nil {
		err = errors.New("is empty")
	}
	return err
}

// categories of attempts, by Liu et al.
const maxAttempt = 6

func (f *rulesFile) intoAttempts(to *[]label.Attempt) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		if s, err := strictyaml.Scalar(n); err == nil {
			*to = map[string][]label.Attempt{"auto": label.AutoAttempts(), "none": nil}[s]
			if s != "auto" && s != "none" {
				return fmt.Errorf("%s: want auto, none or a list of category and where", quoted(s))
			}
			return nil
		}
		elements, err := strictyaml.List(n, maxElements)
		if err != nil {
			return err
		}
		*to = nil
		for _, e := range elements {
			a := label.Attempt{Category: -1}
			err := strictyaml.Mapping(e, "attempted", strictyaml.Keys{"category": intoWhole(&a.Category, 0, maxAttempt), "where": f.intoWhere(&a.Where)})
			if err == nil && (a.Category < 0 || a.Where == "") {
				err = errors.New("want category and where")
			}
			if err != nil {
				return strictyaml.At(e, err)
			}
			*to = append(*to, a)
		}
		return nil
	}
}

// anyone takes back the hosts of defaults.
const anyone = "any"

// intoHosts takes addresses, networks and names of groups, or one of them.
func (f *rulesFile) intoHosts(to *label.Hosts) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		if name, err := strictyaml.Scalar(n); err == nil && (name == anyone || f.groups[name] != nil) {
			*to = f.groups[name] // rules share it
			return nil
		}
		*to = nil
		every := false // a group that is any is among them
		err := eachText(n, maxHosts, func(s string) error {
			more, err := f.hostsOf(s)
			if err != nil {
				return err
			}
			if f.hosts += len(more); f.hosts > maxAllHosts {
				return fmt.Errorf("%w: more than %d hosts in all lists", ErrLimit, maxAllHosts)
			}
			every = every || len(more) == 0
			*to = append(*to, more...)
			return nil
		})
		if every {
			*to = nil
		}
		return err
	}
}

// hostsOf are the members of a group, or one address or network.
func (f *rulesFile) hostsOf(s string) (label.Hosts, error) {
	if group, ok := f.groups[s]; ok {
		return group, nil
	}
	p, err := host(s)
	if err != nil && groupName().MatchString(s) {
		err = fmt.Errorf("%s is neither an address nor the name of a group above%s", quoted(s), text.Suggest(s, slices.Sorted(maps.Keys(f.groups))))
	}
	return label.Hosts{p}, err
}
