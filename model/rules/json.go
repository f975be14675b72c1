package rules

import (
	"io"
	"strconv"
	"time"

	"pcapmill/model/drift"
	"pcapmill/outputs/text"
)

// DocumentVersion is that of the JSON document.
const DocumentVersion = 1

// What JSON is made of: object, []any, []string, string, number, int, int64, bool, nil.
type (
	object []member
	member struct {
		key   string
		value any
	}
	number string // as JSON writes it
)

// appendJSON writes a value, each level on lines of its own where indent is not empty.
func appendJSON(dst []byte, v any, indent string, level int) []byte {
	switch v := v.(type) {
	case object:
		return appendNested(dst, '{', '}', len(v), indent, level, func(dst []byte, i int) []byte {
			dst = append(text.AppendJSONString(dst, []byte(v[i].key)), ':')
			if indent != "" {
				dst = append(dst, ' ')
			}
			return appendJSON(dst, v[i].value, indent, level+1)
		})
	case []any:
		return appendNested(dst, '[', ']', len(v), indent, level, func(dst []byte, i int) []byte {
			return appendJSON(dst, v[i], indent, level+1)
		})
	case []string:
		return appendNested(dst, '[', ']', len(v), indent, level, func(dst []byte, i int) []byte {
			return text.AppendJSONString(dst, []byte(v[i]))
		})
	case string:
		return text.AppendJSONString(dst, []byte(v))
	case number:
		return append(dst, v...)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case bool:
		return strconv.AppendBool(dst, v)
	}
	return append(dst, "null"...)
}

func appendNested(dst []byte, first, last byte, n int, indent string, level int, element func([]byte, int) []byte) []byte {
	line := func(dst []byte, level int) []byte {
		if indent == "" || n == 0 {
			return dst
		}
		dst = append(dst, '\n')
		for range level {
			dst = append(dst, indent...)
		}
		return dst
	}
	dst = append(dst, first)
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = element(line(dst, level+1), i)
	}
	return append(line(dst, level), last)
}

// WriteJSON writes the whole report, indented. The same report gives the same bytes.
func WriteJSON(w io.Writer, r *Report, failOn drift.Severity) error {
	alerts, outcomes := []any{}, []any{}
	for i := range r.Alerts {
		alerts = append(alerts, r.Alerts[i].object())
	}
	for _, o := range r.Outcomes {
		outcomes = append(outcomes, o.object())
	}
	doc := object{
		{"schema_version", DocumentVersion},
		{"summary", object{
			{"alerts", len(r.Alerts)}, {"worst_severity", r.Worst().String()}, {"fail_on", nameOf(failOn)}, {"failed", r.Fails(failOn)},
			{"complete", !r.Incomplete()},
		}},
		{"alerts", alerts}, {"rules", outcomes},
	}
	_, err := w.Write(append(appendJSON(nil, doc, "  ", 0), '\n'))
	return err
}

func (a *Alert) object() object {
	return object{
		{"id", a.ID}, {"rule", a.Rule.ID}, {"title", a.Rule.Title}, {"severity", a.Rule.Severity.String()}, {"table", a.Rule.Table},
		{"time", instantOf(a.Time)}, {"time_ns", a.Time}, {"last", instantOf(a.Last)}, {"last_ns", a.Last},
		{"keys", fieldObject(a.Keys)}, {"value", a.valueObject()}, {"evidence", fieldObject(a.Evidence)},
		{"count", a.Count}, {"rows", a.Rows},
	}
}

func instantOf(ns int64) string { return instant(time.Unix(0, ns)) }

func fieldObject(fields []Field) object {
	o := object{}
	for i := range fields {
		o = append(o, member{fields[i].Name, fields[i].json()})
	}
	return o
}

func (f *Field) json() any {
	switch {
	case f.Null:
		return nil
	case f.Number:
		return number(f.Value)
	}
	return f.Value
}

// valueObject is null for rules without an aggregate.
func (a *Alert) valueObject() any {
	if !a.Value.Known {
		return nil
	}
	t := a.Rule.Threshold
	return object{
		{"aggregate", a.Rule.Aggregate.String()}, {"value", number(formatNumber(a.Value.X))}, {"estimate", a.Value.Estimate},
		{"operator", t.Operator}, {"threshold", number(formatNumber(t.Value))},
	}
}

func (o *Outcome) object() object {
	return object{
		{"id", o.Rule.ID}, {"title", o.Rule.Title}, {"severity", o.Rule.Severity.String()}, {"table", o.Rule.Table}, {"shipped", o.Rule.Shipped},
		{"alerts", len(o.Alerts)}, {"rows", o.Rows}, {"matched", o.Matched}, {"unjudged", o.Unjudged}, {"without_time", o.WithoutTime},
		{"late", o.Late}, {"left_out", o.LeftOut}, {"alerts_left_out", o.AlertsLeftOut}, {"skipped", filled(o.Skipped)},
	}
}

// String writes an aggregate as in a file.
func (a *Aggregate) String() string {
	if a.Column == "" {
		return a.Func
	}
	return a.Func + "(" + a.Column + ")"
}

// WriteList writes rules as JSON: what each is about, and where it stands.
func WriteList(w io.Writer, all []*Rule) error {
	list := []any{}
	for _, r := range all {
		file := any(r.File)
		if r.Shipped {
			file = nil
		}
		list = append(list, object{
			{"id", r.ID}, {"title", r.Title}, {"description", r.Description}, {"severity", r.Severity.String()}, {"table", r.Table},
			{"enabled", r.Enabled}, {"baseline", r.Baseline != nil}, {"shipped", r.Shipped}, {"file", file}, {"line", r.Line},
			{"tags", filled(r.Tags)}, {"references", filled(r.References)},
		})
	}
	_, err := w.Write(append(appendJSON(nil, list, "  ", 0), '\n'))
	return err
}

// filled makes a list that is null an empty one.
func filled(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
