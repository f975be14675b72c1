package source

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"pcapmill/datasets/label"
	"pcapmill/outputs/text"
)

// readFast reads Suricata's fast.log, one alert a line:
//
//	02/01/2015-22:04:33.817203  [Drop] [**] [1:2100366:8] text [**] [Classification: class] [Priority: 3] {TCP} 10.0.0.1:80 -> 10.0.0.2:1025
//
// Its times are those of the clock where Suricata ran and name no zone. [Drop] and [wDrop] are
// there for packets that were, or would have been, dropped. Of ICMP ports are type and code.
// Decoder events of packets that are no IP end with [**] [Raw pkt: …] instead.
//
// Source: src/alert-fastlog.c of Suricata 7.
func readFast(r *reading) error {
	return r.eachLine(func(l line) error {
		e, err := r.fastLine(string(l.text))
		if err != nil || e == nil {
			return r.refuse(l.place, err)
		}
		return r.event(l.place, e)
	})
}

// fastStart is how lines begin. Snort's have no year by default, and are told by that.
var fastStart = text.Pattern(`^\d\d/\d\d(/\d{2,4})?-\d\d:\d\d:\d\d\.\d+ +(\[w?Drop\] )?\[\*\*\] \[\d+:\d+:\d+\] `)

func isFast(head []byte, _ string) bool {
	return fastStart().Match(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n"))
}

const (
	fastSeparator = " [**] "
	fastClass     = "[Classification: "
	fastPriority  = "[Priority: "
)

// fastLine returns the event of a line; nil without an error: it is skipped. A signature may
// hold anything, so that the line is taken apart from its ends.
func (r *reading) fastLine(s string) (*label.Event, error) {
	stamp, rest, ok := strings.Cut(strings.TrimSpace(s), " ")
	if !ok {
		return nil, errors.New("no line of fast.log")
	}
	a := alert{}
	rest, err := a.head(rest)
	if err != nil {
		return nil, err
	}
	if strings.Contains(rest, fastSeparator+"[Raw pkt: ") {
		r.skip()
		r.note("alerts on packets without addresses were skipped: they are in no flow")
		return nil, nil
	}
	end := strings.LastIndex(rest, "} ")
	start := strings.LastIndex(rest[:max(end, 0)], " {")
	if start < 0 {
		return nil, errors.New("no {protocol}")
	}
	if err := a.texts(rest[:start]); err != nil {
		return nil, err
	}
	e, err := fastTuple(rest[start+2:end], rest[end+2:])
	if err != nil {
		return nil, err
	}
	if err := r.fastTime(stamp, e); err != nil {
		return nil, err
	}
	e.Meaning = a.meaning(r.opts.AlertLabel)
	return e, nil
}

// head reads the numbers of the signature and returns what is behind them.
func (a *alert) head(s string) (string, error) {
	s = strings.TrimLeft(s, " ")
	for _, action := range []string{"[Drop] ", "[wDrop] "} {
		s = strings.TrimPrefix(s, action)
	}
	s, ok := strings.CutPrefix(s, "[**] [")
	numbers, rest, closed := strings.Cut(s, "] ")
	parts := strings.Split(numbers, ":")
	if !ok || !closed || len(parts) != 3 {
		return "", errors.New("no [**] [generator:signature:revision]")
	}
	for _, p := range parts {
		if _, err := strconv.ParseUint(p, 10, 32); err != nil {
			return "", fmt.Errorf("%s is no number of a signature", quoted(p))
		}
	}
	a.id = canonical(parts[0]) + ":" + canonical(parts[1])
	return rest, nil
}

// canonical writes a number without leading zeros, as eve.json has it.
func canonical(digits string) string {
	if s := strings.TrimLeft(digits, "0"); s != "" {
		return s
	}
	return "0"
}

// texts reads "text [**] [Classification: class] [Priority: 3]", from its end.
func (a *alert) texts(s string) error {
	s, ok := strings.CutSuffix(s, "]")
	at := strings.LastIndex(s, fastPriority)
	if !ok || at < 0 {
		return errors.New("no [Priority: …]")
	}
	priority, err := strconv.ParseUint(s[at+len(fastPriority):], 10, 31)
	if err != nil {
		return fmt.Errorf("priority %s is no number", quoted(s[at+len(fastPriority):]))
	}
	if priority < unknownSeverity {
		a.severity = int32(priority)
	}
	s = strings.TrimRight(s[:at], " ")
	if class := strings.LastIndex(s, fastClass); class >= 0 && strings.HasSuffix(s, "]") {
		a.category = present(s[class+len(fastClass) : len(s)-1])
		s = strings.TrimRight(s[:class], " ")
	}
	text, ok := strings.CutSuffix(s, strings.TrimRight(fastSeparator, " "))
	if !ok && s != "[**]" {
		return errors.New("no [**] behind the text")
	}
	a.signature = present(strings.TrimSuffix(text, "[**]"))
	return nil
}

// present is a text of a rule; C prints a rule's that has none as (null).
func present(s string) string {
	if s = strings.TrimSpace(s); s == "(null)" {
		return ""
	}
	return s
}

// fastTuple reads the protocol and "address:port -> address:port".
func fastTuple(protocol, ends string) (e *label.Event, err error) {
	e = &label.Event{Depth: label.AnyDepth}
	if e.Protocol, err = protocolOf(protocol); err != nil {
		return nil, err
	}
	src, dst, ok := strings.Cut(ends, " -> ")
	if !ok {
		return nil, errors.New("no address -> address")
	}
	if e.Src, e.SrcPort, err = fastEnd(src); err != nil {
		return nil, err
	}
	if e.Dst, e.DstPort, err = fastEnd(dst); err != nil {
		return nil, err
	}
	if !hasPorts(e.Protocol) { // zeros are printed
		e.SrcPort, e.DstPort = label.None, label.None
	}
	return e, nil
}

// fastEnd splits a port off at the last colon, which leaves addresses of IPv6 whole; what is no
// address then has no port.
func fastEnd(s string) (netip.Addr, int32, error) {
	s = strings.TrimSpace(s)
	if at := strings.LastIndexByte(s, ':'); at >= 0 {
		port, err := strconv.ParseUint(s[at+1:], 10, 16)
		if a, bad := address(s[:at]); err == nil && bad == nil {
			return a, int32(port), nil
		}
	}
	a, err := address(s)
	return a, label.None, err
}

// fastTime reads 02/01/2015-22:04:33.817203, which is the first of February.
func (r *reading) fastTime(stamp string, e *label.Event) (err error) {
	date, clock, _ := strings.Cut(stamp, "-")
	month, rest, _ := strings.Cut(date, "/")
	day, year, ok := strings.Cut(rest, "/")
	if !ok {
		return errors.New("a time without a year: let Snort write one (-y)")
	}
	if len(year) == 2 {
		year = "20" + year
	}
	wall, precision, err := parseWall(year, month, day, clock)
	if err != nil {
		return err
	}
	e.Time, err = r.inZone(wall)
	e.Last, e.Precision = e.Time, precision
	return err
}
