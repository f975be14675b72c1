package text_test

import (
	"testing"

	"pcapmill/outputs/text"
)

func TestSuggest(t *testing.T) {
	known := []string{"src_ip", "dst_ip", "src_port", "duration_ns", "fwd_wire_bytes"}
	for name, want := range map[string]string{
		"srcip":  "; did you mean src_ip?",
		"port":   "; did you mean src_port?",
		"zzzzzz": "", "": "",
	} {
		if got := text.Suggest(name, known); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
