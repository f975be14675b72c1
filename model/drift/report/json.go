package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"pcapmill/model/drift"
)

// JSON writes the whole report, indented, with a line end behind it. Lists are never
// null, times are in UTC.
func JSON(w io.Writer, r *drift.Report) error {
	whole := *r
	whole.Items, whole.Hosts, whole.Notes = filled(r.Items), filled(r.Hosts), filled(r.Notes)
	data, err := Marshal(whole, "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(data, '\n'))
	return err
}

// filled makes a list that is null an empty one.
func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Check reports what no form could show: numbers that are none.
func Check(r *drift.Report) error {
	for i := range r.Items {
		if _, err := json.Marshal(&r.Items[i]); err != nil {
			return fmt.Errorf("item %q: %w", r.Items[i].ID, err)
		}
	}
	for i := range r.Hosts {
		if _, err := json.Marshal(&r.Hosts[i]); err != nil {
			return fmt.Errorf("host %q: %w", r.Hosts[i].Host, err)
		}
	}
	_, err := json.Marshal(r)
	return err
}

// Marshal returns a value as JSON in which only printable characters stand for
// themselves, so that a terminal that shows it is safe; nothing is escaped for HTML. Bytes
// that are no UTF-8, which JSON cannot say, become \xNN in the text. indent is what a
// level is indented by, "" for one line.
func Marshal(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(tidy(reflect.ValueOf(v)).Interface()); err != nil {
		return nil, err
	}
	return printable(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// tidy copies a value, with times in UTC and strings in UTF-8. Only exported fields come along.
func tidy(v reflect.Value) reflect.Value {
	if t, ok := v.Interface().(time.Time); ok {
		return reflect.ValueOf(t.UTC())
	}
	into := reflect.New(v.Type()).Elem()
	into.Set(v)
	switch v.Kind() {
	case reflect.String:
		into.SetString(valid(v.String()))
	case reflect.Pointer:
		if !v.IsNil() {
			into.Set(reflect.New(v.Type().Elem()))
			into.Elem().Set(tidy(v.Elem()))
		}
	case reflect.Slice:
		if !v.IsNil() {
			into.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				into.Index(i).Set(tidy(v.Index(i)))
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				into.Field(i).Set(tidy(v.Field(i)))
			}
		}
	}
	return into
}

// valid makes bytes that are no UTF-8 visible.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, `\x%02x`, s[i])
		} else {
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}

// printable writes the characters of a JSON text that do not print as \u escapes. Beyond
// ASCII, and DEL, there are some in strings alone.
func printable(data []byte) []byte {
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		switch {
		case r < 0x7f || strconv.IsPrint(r):
			out = append(out, data[i:i+size]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		i += size
	}
	return out
}
