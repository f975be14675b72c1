package text

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
)

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
	return PrintableJSON(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// WriteJSON writes what Marshal returns, with a line end behind it.
func WriteJSON(w io.Writer, v any, indent string) error {
	data, err := Marshal(v, indent)
	if err != nil {
		return err
	}
	_, err = w.Write(append(data, '\n'))
	return err
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
		into.SetString(validText(v.String()))
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

// validText makes bytes that are no UTF-8 visible.
func validText(s string) string {
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

// PrintableJSON writes the characters of a JSON text that do not print as \u escapes. Beyond
// ASCII, and DEL, there are some in strings alone.
func PrintableJSON(data []byte) []byte {
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
