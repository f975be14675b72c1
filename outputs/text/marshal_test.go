package text_test

import (
	"bytes"
	"testing"
	"time"

	"pcapmill/outputs/text"
)

// TestMarshal: times are in UTC, bytes that are no UTF-8 are visible, nothing is escaped for HTML and all that does
// not print is, wherever in a document it is; what was written stays as it was.
func TestMarshal(t *testing.T) {
	type part struct {
		Name  string     `json:"name"`
		At    *time.Time `json:"at,omitempty"`
		inner string
	}
	type document struct {
		Name  string    `json:"name"`
		At    time.Time `json:"at"`
		Parts []part    `json:"parts"`
		None  []string  `json:"none"`
		Words []string  `json:"words"`
		Next  *document `json:"next,omitempty"`
	}
	at := time.Date(2026, 11, 30, 1, 30, 0, 0, time.FixedZone("east", 2*3600))
	d := document{
		Name: "a\xffb", At: at, Parts: []part{{"<&>", &at, "x"}, {"\x1b[2J", nil, ""}}, Words: []string{"\x7f\u200b", "\U000e0001", "é\xc3", "\ufffd"},
		Next: &document{Name: "\xfe"},
	}
	want := `{"name":"a\\xffb","at":"2026-11-29T23:30:00Z","parts":[{"name":"<&>","at":"2026-11-29T23:30:00Z"},{"name":"\u001b[2J"}],` +
		`"none":null,"words":["\u007f\u200b","\udb40\udc01","é\\xc3","�"],"next":{"name":"\\xfe","at":"0001-01-01T00:00:00Z","parts":null,"none":null,"words":null}}`
	got, err := text.Marshal(d, "")
	if err != nil || string(got) != want {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
	if d.Name != "a\xffb" || d.Next.Name != "\xfe" || d.Words[0] != "\x7f\u200b" || d.Parts[0].At.Location() != at.Location() || d.Parts[0].inner != "x" {
		t.Errorf("the document was changed: %+v", d)
	}
	var b bytes.Buffer
	if err := text.WriteJSON(&b, []string{"a"}, "  "); err != nil || b.String() != "[\n  \"a\"\n]\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
	if err := text.WriteJSON(&b, make(chan int), ""); err == nil {
		t.Error("a channel is taken for JSON")
	}
}
