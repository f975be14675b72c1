package source

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"pcapmill/datasets/label"
	"pcapmill/features/column"
	"pcapmill/features/flow"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/text"
)

// readLabeler reads a configuration of netflowlabeler:
//
//	Background:                                   a label
//	    - srcIP=all                               lines of one label are alternatives
//	Malicious, From_Malware:                      behind the comma the detailed label, our category
//	    - srcIP=10.0.0.34 & Proto=TCP             joined conditions must all hold
//
// Labels stand from top to bottom, and a later one overrides those above it: each has a higher
// priority. src and dst are those of the flow, as the tool has them: direction is forward.
//
// Source: the head of the tool's labels.config; netflowlabeler.py 0.4 for what it does with it.
func readLabeler(r *reading) error {
	table, err := flow.NewTable([]string{"all"}, flow.AddrBoth)
	if err != nil {
		return err
	}
	c := labelerFile{schema: table.Schema}
	err = r.eachLine(func(l line) error {
		if len(r.source.Refusals) > 0 { // a line that was too long to read: what it said is not known
			return r.at(l.place, rulesError{errors.New(r.source.Refusals[0].Reason)})
		}
		rule, err := c.line(string(l.text))
		if err != nil {
			return r.at(l.place, rulesError{err})
		}
		if c.last > 0 && l.line > c.last+1 && c.gap == 0 {
			c.gap = c.last + 1
		}
		if c.last = l.line; rule == nil {
			return nil
		}
		rule.ID = fmt.Sprintf("label-%d", c.labels)
		return r.rule(l.place, rule)
	})
	if err != nil {
		return err
	}
	if r.source.Rules == 0 {
		return rulesError{errors.New("has no conditions")}
	}
	c.tell(r)
	return nil
}

var labelerLine = text.Pattern(`(?mi)^\s*-\s*(date|start|duration|dur|proto|srcip|dstip|srcport|dstport|state|tos|packets|bytes|flows|[sd]?pkts|[sd]bytes)\s*(!=|[<>]=?|=)`)

func isLabeler(head []byte, _ string) bool {
	first, _, _ := bytes.Cut(bytes.TrimLeft(head, "\ufeff \t\r\n"), []byte("\n"))
	return !bytes.HasPrefix(first, []byte("{")) && labelerLine().Match(head)
}

// labelerFile is a configuration on its way.
type labelerFile struct {
	schema  *column.Schema
	meaning label.Meaning
	labels  int   // so far
	last    int64 // line with something in it
	gap     int64 // first line without, which ends the file for the tool
	skipped int   // conditions on what is no IP
	cases   int   // conditions on texts whose case the tool would not find
	bounds  int   // comparisons that the tool makes strict
}

// tell notes how the configuration was understood.
func (c *labelerFile) tell(r *reading) {
	r.source.Skipped += int64(c.skipped)
	r.note("later labels override earlier ones, and src and dst are those of the flow, as netflowlabeler has it")
	if c.gap > 0 {
		r.note("line %d is empty, where netflowlabeler stops reading: here it says nothing", c.gap)
	}
	if c.skipped > 0 {
		r.note("%d conditions are on protocols that are not IP, which flows are not: left out", c.skipped)
	}
	if c.cases > 0 {
		r.note("%d conditions are on states, services or histories, which netflowlabeler compares in lower case and never finds: here they fit", c.cases)
	}
	if c.bounds > 0 {
		r.note("%d conditions have >= or <=, which netflowlabeler takes for > and <: here they are as they are written", c.bounds)
	}
}

// line reads a line; nil without an error: it is no condition.
func (c *labelerFile) line(s string) (*label.Rule, error) {
	if at := strings.Index(s, " #"); at >= 0 {
		s = s[:at]
	}
	switch s = strings.TrimSpace(s); {
	case s == "" || s[0] == '#':
		return nil, nil
	case s[0] != '-':
		return nil, c.label(s)
	case c.labels == 0:
		return nil, errors.New("a condition before the first label")
	}
	return c.alternative(s[1:])
}

// label begins the conditions of a label.
func (c *labelerFile) label(s string) error {
	s, _, _ = strings.Cut(s, ":") // which people forget, and the tool does not miss
	name, detail, _ := strings.Cut(s, ",")
	detail, _, _ = strings.Cut(detail, ",")
	if name = strings.TrimSpace(name); name == "" {
		return errors.New("a label without a name")
	}
	c.meaning = label.Meaning{Label: name, Category: strings.TrimSpace(detail), Priority: int32(c.labels)}
	c.labels++
	return nil
}

// errNotIP says that a condition is on what is in no flow.
var errNotIP = errors.New("not IP")

// alternative reads conditions that must all hold.
func (c *labelerFile) alternative(s string) (*label.Rule, error) {
	rule := &label.Rule{Meaning: c.meaning, Direction: label.Forward, Depth: label.AnyDepth}
	var where []string
	for _, part := range strings.Split(s, "&") {
		expr, err := c.condition(strings.TrimSpace(part), rule)
		if errors.Is(err, errNotIP) {
			c.skipped++
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if expr != "" {
			where = append(where, expr)
		}
	}
	if rule.Where = strings.Join(where, " and "); rule.Where == "" {
		return rule, nil
	}
	f := rulesFile{schema: c.schema}
	return rule, f.condition(rule.Where)
}

var labelerCondition = text.Pattern(`^([A-Za-z_.]+)\s*(!=|>=|<=|>|<|=)\s*(\S+)$`)

// condition puts a condition into the rule, or returns it as one on columns.
func (c *labelerFile) condition(s string, rule *label.Rule) (expr string, err error) {
	m := labelerCondition().FindStringSubmatch(s)
	if m == nil {
		return "", fmt.Errorf("%s is no condition such as srcIP=10.0.0.1 or Bytes>=100", quoted(s))
	}
	field, op, value := strings.ToLower(m[1]), m[2], m[3]
	if strings.EqualFold(value, "all") {
		return "", nil
	}
	switch field {
	case "srcip", "dstip":
		return labelerHost(field, op, value, rule)
	case "srcport", "dstport":
		return labelerPort(field, op, value, rule)
	case "proto":
		return labelerProtocol(op, value, rule)
	}
	if name, ok := labelerTexts[field]; ok {
		c.cases++
		return labelerText(name, op, value)
	}
	if name, ok := labelerNumbers[field]; ok {
		if op == ">=" || op == "<=" {
			c.bounds++
		}
		return labelerNumber(name, field, op, value)
	}
	return "", fmt.Errorf("%s is no field that flows have a column for", quoted(m[1]))
}

// oneOfTwo is what = and != are of; the other operators are for numbers.
func oneOfTwo(op string) error {
	if op != "=" && op != "!=" {
		return fmt.Errorf("%s is for numbers", op)
	}
	return nil
}

func labelerHost(field, op, value string, rule *label.Rule) (string, error) {
	p, err := host(value)
	if err == nil {
		err = oneOfTwo(op)
	}
	side, name := &rule.Src, "src_ip"
	if field == "dstip" {
		side, name = &rule.Dst, "dst_ip"
	}
	switch {
	case err != nil:
		return "", err
	case op == "!=":
		return "not " + name + " in " + p.String(), nil
	case len(*side) > 0:
		return name + " in " + p.String(), nil // a second one narrows the first
	}
	*side = label.Hosts{p}
	return "", nil
}

// labelerPort keeps that what is not a port is none: != holds of flows without ports.
func labelerPort(field, op, value string, rule *label.Rule) (string, error) {
	p, err := portRange(value)
	if err != nil || p.First != p.Last {
		return "", fmt.Errorf("%s is no port", quoted(value))
	}
	side, name := &rule.SrcPorts, "src_port"
	if field == "dstport" {
		side, name = &rule.DstPorts, "dst_port"
	}
	switch {
	case op == "!=":
		return fmt.Sprintf("(%s is null or %s != %d)", name, name, p.First), nil
	case op != "=" || len(*side) > 0:
		return fmt.Sprintf("%s %s %d", name, op, p.First), nil
	}
	*side = label.Ports{p}
	return "", nil
}

// notIP are protocols that netflows have and IP flows are none of.
var notIP = map[string]bool{"arp": true, "rarp": true, "llc": true, "ipx": true, "spx": true, "loop": true, "lldp": true, "eth": true, "man": true}

func labelerProtocol(op, value string, rule *label.Rule) (string, error) {
	if err := oneOfTwo(op); err != nil {
		return "", err
	}
	if notIP[strings.ToLower(value)] {
		if op == "!=" {
			return "", nil
		}
		return "", errNotIP
	}
	p, err := protocolOf(value)
	if err != nil {
		return "", err
	}
	all := []uint8{uint8(p)}
	if p == packet.ProtoICMP { // of Zeek, icmp is both
		all = append(all, packet.ProtoICMPv6)
	}
	if op == "!=" {
		return "not protocol in (" + strings.Trim(strings.ReplaceAll(fmt.Sprint(all), " ", ", "), "[]") + ")", nil
	}
	if rule.Protocols != nil {
		return "", errors.New("two protocols in one condition")
	}
	rule.Protocols = all
	return "", nil
}

// labelerTexts and labelerNumbers are columns for the tool's fields. Its bytes of Zeek are those
// of payload, its packets those of both directions.
var (
	labelerTexts = map[string]string{"state": "conn_state", "history": "history", "appproto": "app_protocol"}

	labelerNumbers = map[string]string{
		"bytes": "fwd_payload_bytes + rev_payload_bytes", "sbytes": "fwd_payload_bytes", "dbytes": "rev_payload_bytes",
		"packets": "fwd_packets + rev_packets", "pkts": "fwd_packets + rev_packets", "spkts": "fwd_packets", "dpkts": "rev_packets",
		"ipbytes": "fwd_ip_bytes + rev_ip_bytes", "orig_ip_bytes": "fwd_ip_bytes", "resp_ip_bytes": "rev_ip_bytes",
		"ip_orig_bytes": "fwd_ip_bytes", "ip_resp_bytes": "rev_ip_bytes",
		"duration": "duration_ns", "dur": "duration_ns",
	}
)

func labelerText(name, op, value string) (string, error) {
	literal := "'" + strings.ReplaceAll(value, "'", "''") + "'"
	if op == "!=" {
		return fmt.Sprintf("(%s is null or %s != %s)", name, name, literal), nil
	}
	return name + " = " + literal, oneOfTwo(op)
}

func labelerNumber(name, field, op, value string) (string, error) {
	if strings.HasPrefix(field, "dur") {
		ns, _, err := epoch(value) // seconds
		return fmt.Sprintf("%s %s %d", name, op, ns), err
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return "", fmt.Errorf("%s is no whole number", quoted(value))
	}
	return fmt.Sprintf("%s %s %d", name, op, n), nil
}
