package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"pcapmill/datasets/label"
	"pcapmill/outputs/text"
)

// readNotice reads Zeek's notice.log, as TSV or as JSON lines. A notice on a connection is an
// event. One on hosts, such as Scan::Port_Scan, is a rule for the stretch of time that its text
// says it looked at, and an event with what is known of the tuple where it says none.
//
// Source: docs.zeek.org, Notice::Info; policy/misc/scan.zeek for the text.
func readNotice(r *reading) error {
	h := newZeekHeader()
	return r.eachLine(func(l line) error {
		switch s := string(l.text); {
		case s[0] == '#':
			return r.refuse(l.place, h.directive(s))
		case s[0] == '{':
			row, err := jsonRow(l.text)
			return r.notice(l, row, err)
		default:
			row, err := h.row(s)
			return r.notice(l, row.get, err)
		}
	})
}

func isNotice(head []byte, _ string) bool {
	for line := range bytes.Lines(bytes.TrimPrefix(head, []byte("\ufeff"))) {
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case bytes.HasPrefix(line, []byte("#fields")):
			return bytes.Contains(line, []byte("note")) && bytes.Contains(line, []byte("suppress_for"))
		case bytes.HasPrefix(line, []byte("#path")):
			if bytes.HasSuffix(line, []byte("notice")) {
				return true
			}
		case len(line) > 0 && line[0] != '#':
			return line[0] == '{' && bytes.Contains(line, []byte(`"note":`)) && bytes.Contains(line, []byte(`"ts":`))
		}
	}
	return false
}

// cells gives a row's values by the names of their fields; false: unset.
type cells = func(name string) (string, bool)

// jsonRow is a JSON line as a row of texts. Values that are no text, number or truth are unset.
func jsonRow(text []byte) (cells, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("no JSON of a log's row: %s", jsonReason(err))
	}
	return func(name string) (string, bool) {
		raw := bytes.TrimSpace(all[name])
		switch {
		case len(raw) == 0 || raw[0] == '{' || raw[0] == '[' || string(raw) == "null":
			return "", false
		case raw[0] != '"':
			return string(raw), true
		}
		s := ""
		err := json.Unmarshal(raw, &s)
		return s, err == nil
	}, nil
}

// notice keeps what a row says.
func (r *reading) notice(l line, get cells, err error) error {
	if err != nil {
		return r.refuse(l.place, err)
	}
	e, err := r.noticeEvent(get)
	if err != nil {
		return r.refuse(l.place, err)
	}
	if !e.Src.IsValid() && !e.Dst.IsValid() {
		r.skip()
		r.note("notices that name no host were skipped")
		return nil
	}
	msg, _ := get("msg")
	if span, ok := noticeSpan(msg); ok && !isConnection(e) && e.Src.IsValid() {
		return r.rule(l.place, scanRule(e, span))
	}
	return r.event(l.place, e)
}

// isConnection reports whether an event has both ends with their ports.
func isConnection(e *label.Event) bool {
	return e.Src.IsValid() && e.Dst.IsValid() && e.SrcPort != label.None
}

func (r *reading) noticeEvent(get cells) (*label.Event, error) {
	e := &label.Event{SrcPort: label.None, DstPort: label.None, Protocol: label.None, Depth: label.AnyDepth}
	note, _ := get("note")
	if note == "" {
		return nil, errors.New("no note")
	}
	e.Meaning = label.Meaning{ID: note, Label: note, Priority: noticePriority}
	if module, _, ok := strings.Cut(note, "::"); ok {
		e.Category = module
	}
	ts, ok := get("ts")
	if !ok {
		return nil, errors.New("no ts")
	}
	var err error
	if e.Time, e.Precision, err = r.zeekTime(ts); err != nil {
		return nil, err
	}
	e.Last = e.Time
	if found, err := zeekTuple(get, e); err != nil || found {
		return e, err
	}
	return e, noticeHosts(get, e)
}

// zeekTime reads decimal seconds, or the time that JSON has where LogAscii::json_timestamps is
// ISO 8601.
func (r *reading) zeekTime(s string) (ns, precision int64, err error) {
	if strings.Contains(s, "T") {
		return r.instant(s)
	}
	return epoch(s)
}

// noticeHosts reads src, dst and p of a notice without a connection.
func noticeHosts(get cells, e *label.Event) (err error) {
	src, _ := get("src")
	if e.Src, err = optionalAddress(src); err != nil {
		return err
	}
	dst, _ := get("dst")
	if e.Dst, err = optionalAddress(dst); err != nil {
		return err
	}
	if e.DstPort, err = zeekPort(get, "p"); err != nil {
		return err
	}
	proto, _ := get("proto")
	at := e.Src
	if !at.IsValid() {
		at = e.Dst
	}
	e.Protocol, err = zeekProtocol(proto, at)
	return err
}

// spanText is how scan.zeek ends the text of its notices.
var spanText = text.Pattern(`\bin (\d{1,6})m(\d{1,2})s$`)

// noticeSpan returns how far back a notice looked.
func noticeSpan(msg string) (time.Duration, bool) {
	m := spanText().FindStringSubmatch(msg)
	if m == nil {
		return 0, false
	}
	minutes, _ := strconv.Atoi(m[1]) // digits
	seconds, _ := strconv.Atoi(m[2])
	return time.Duration(minutes)*time.Minute + time.Duration(seconds+1)*time.Second, true // it was cut to seconds
}

// scanRule is about the flows of a host in the time before a notice.
func scanRule(e *label.Event, span time.Duration) *label.Rule {
	rule := &label.Rule{
		Meaning: e.Meaning, Depth: label.AnyDepth,
		Times: []label.Interval{{From: e.Time - int64(span), To: e.Time + max(e.Precision, 1)}},
		Src:   label.Hosts{hostOnly(e.Src)},
	}
	if e.Dst.IsValid() {
		rule.Dst = label.Hosts{hostOnly(e.Dst)}
	}
	if e.DstPort != label.None {
		rule.DstPorts = label.Ports{{First: uint16(e.DstPort), Last: uint16(e.DstPort)}}
	}
	if e.Protocol != label.None {
		rule.Protocols = []uint8{uint8(e.Protocol)}
	}
	return rule
}

func hostOnly(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }
