package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strconv"

	"pcapmill/datasets/label"
	"pcapmill/outputs/text"
)

// readEVE reads Suricata's eve.json: one object a line, of which those of event_type alert are
// events. Their tuple is the innermost that Suricata decoded, tunnel has the one around it, and
// icmp_type and icmp_code stand for ports.
//
// Source: docs.suricata.io, EVE JSON Format; src/output-json-alert.c of version 7.
func readEVE(r *reading) error {
	err := r.eachLine(func(l line) error {
		// Flows and messages outnumber alerts by far, and no record is an alert without the word.
		if !bytes.Contains(l.text, []byte(`"alert"`)) && isObject(l.text) {
			r.skip()
			return nil
		}
		e, err := r.eveLine(l)
		if err != nil || e == nil {
			return r.refuse(l.place, err)
		}
		return r.event(l.place, e)
	})
	r.countedOver()
	return err
}

func isObject(text []byte) bool {
	text = bytes.TrimSpace(text)
	return len(text) > 1 && text[0] == '{' && text[len(text)-1] == '}'
}

func isEVE(head []byte, _ string) bool {
	first, _, _ := bytes.Cut(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n"), []byte("\n"))
	return len(first) > 0 && first[0] == '{' && bytes.Contains(first, []byte(`"event_type"`)) && bytes.Contains(first, []byte(`"timestamp"`))
}

// eveRecord has the fields of a line that are read. Numbers that may be out of range are int64.
type eveRecord struct {
	EventType string `json:"event_type"`
	Timestamp string `json:"timestamp"`
	Capture   string `json:"pcap_filename"`
	Packet    int64  `json:"pcap_cnt"`
	// Transaction counts from 0. What is no such number says nothing, and is no reason to lose the alert.
	Transaction json.RawMessage `json:"tx_id"`
	Src         string          `json:"src_ip"`
	SrcPort     *int64          `json:"src_port"`
	Dst         string          `json:"dest_ip"`
	DstPort     *int64          `json:"dest_port"`
	Protocol    string          `json:"proto"`
	ICMPType    *int64          `json:"icmp_type"`
	ICMPCode    *int64          `json:"icmp_code"`
	Community   string          `json:"community_id"`
	Flow        json.RawMessage `json:"flow"` // what of it is not understood says nothing, either
	Tunnel      *struct {
		Depth  int64 `json:"depth"`
		Packet int64 `json:"pcap_cnt"`
	} `json:"tunnel"`
	Alert *struct {
		GID       int64  `json:"gid"`
		SID       int64  `json:"signature_id"`
		Signature string `json:"signature"`
		Category  string `json:"category"`
		Severity  int64  `json:"severity"`
		Metadata  struct {
			Technique json.RawMessage `json:"mitre_technique_id"`
		} `json:"metadata"`
	} `json:"alert"`
}

// eveLine returns the event of a line; nil without an error: it is skipped.
func (r *reading) eveLine(l line) (*label.Event, error) {
	var rec eveRecord
	if err := json.Unmarshal(l.text, &rec); err != nil {
		return nil, fmt.Errorf("no JSON of an EVE record: %s", jsonReason(err))
	}
	switch {
	case rec.EventType == "":
		return nil, errors.New("no event_type")
	case rec.EventType != "alert":
		r.skip()
		return nil, nil
	case rec.Alert == nil:
		return nil, errors.New("an alert without its signature")
	case rec.Src == "" && rec.Dst == "":
		r.skip()
		r.note("alerts on packets without addresses were skipped: they are in no flow")
		return nil, nil
	}
	e, err := rec.event()
	if err != nil {
		return nil, err
	}
	e.Time, e.Precision, err = r.instant(rec.Timestamp)
	e.Last = e.Time
	e.Began = r.began(rec.Flow, e.Time)
	e.Meaning = rec.meaning(r.opts.AlertLabel)
	return e, err
}

// began returns when the flow of a record began, 0 where it does not say so, or another time than one
// before the record's own.
func (r *reading) began(flow json.RawMessage, at int64) int64 {
	var said struct {
		Start string `json:"start"`
	}
	if len(flow) == 0 || json.Unmarshal(flow, &said) != nil {
		return 0
	}
	began, _, err := r.instant(said.Start)
	if err != nil || began >= at {
		return 0
	}
	return began
}

// jsonReason is a JSON error without the bytes of a stranger.
func jsonReason(err error) string {
	var syntax *json.SyntaxError
	var typed *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("syntax error at byte %d", syntax.Offset)
	case errors.As(err, &typed):
		return fmt.Sprintf("%s is not of the right type", quoted(typed.Field))
	}
	return quoted(err.Error())
}

func (rec *eveRecord) meaning(by string) label.Meaning {
	a := rec.Alert
	alert := alert{
		id:        strconv.FormatInt(a.GID, 10) + ":" + strconv.FormatInt(a.SID, 10),
		signature: a.Signature, category: a.Category, mitre: technique(a.Metadata.Technique),
	}
	if 0 < a.Severity && a.Severity < unknownSeverity {
		alert.severity = int32(a.Severity)
	}
	return alert.meaning(by)
}

var techniqueID = text.Pattern(`\bT[0-9]{4}(\.[0-9]{3})?\b`)

// technique returns the first ATT&CK technique of a rule's metadata: a list, or one text.
func technique(metadata json.RawMessage) string { return string(techniqueID().Find(metadata)) }

// event returns where a record is, without its time.
func (rec *eveRecord) event() (e *label.Event, err error) {
	e = &label.Event{
		SrcPort: label.None, DstPort: label.None, Depth: 0,
		Community: rec.Community, Capture: rec.Capture, Packet: rec.Packet,
	}
	if n, failed := strconv.ParseInt(string(rec.Transaction), 10, 32); failed == nil && n >= 0 {
		e.Transaction = n + 1
	}
	if e.Src, err = optionalAddress(rec.Src); err != nil {
		return nil, err
	}
	if e.Dst, err = optionalAddress(rec.Dst); err != nil {
		return nil, err
	}
	if e.Protocol, err = protocolOf(rec.Protocol); err != nil {
		return nil, err
	}
	if t := rec.Tunnel; t != nil {
		if t.Depth < 0 || t.Depth > 255 {
			return nil, fmt.Errorf("tunnel depth %d", t.Depth)
		}
		e.Depth, e.Packet = int32(t.Depth), max(e.Packet, t.Packet)
	}
	src, dst := rec.SrcPort, rec.DstPort
	if rec.ICMPType != nil {
		src, dst = rec.ICMPType, rec.ICMPCode
	}
	if e.SrcPort, err = optionalPort(src); err != nil {
		return nil, err
	}
	e.DstPort, err = optionalPort(dst)
	return e, err
}

func optionalAddress(s string) (netip.Addr, error) {
	if s == "" {
		return netip.Addr{}, nil
	}
	return address(s)
}

func optionalPort(p *int64) (int32, error) {
	switch {
	case p == nil:
		return label.None, nil
	case *p < 0 || *p > 65535:
		return 0, fmt.Errorf("port %d", *p)
	}
	return int32(*p), nil
}

// countedOver forgets the packet numbers of a source whose events are of several captures:
// Suricata goes on counting from one to the next.
func (r *reading) countedOver() {
	events := r.set.Events[r.first:]
	for i := range events {
		if events[i].Capture != events[0].Capture {
			for k := range events {
				events[k].Packet = 0
			}
			r.note("packet numbers were left out: the events are of several captures, over which Suricata counts on")
			return
		}
	}
}
