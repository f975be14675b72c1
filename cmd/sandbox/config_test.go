package sandbox

import (
	"errors"
	"testing"
)

func TestModeOf(t *testing.T) {
	for _, c := range []struct {
		no, require bool
		want        Mode
		bad         bool
	}{{false, false, Auto, false}, {true, false, Off, false}, {false, true, Require, false}, {true, true, Auto, true}} {
		got, err := ModeOf(c.no, c.require)
		if got != c.want || (err != nil) != c.bad {
			t.Errorf("%+v: %q, %v", c, got, err)
		}
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []Config{{Mode: "sometimes"}, {Read: []string{""}}, {Reread: []string{""}}, {Write: []string{""}}, {BindTCP: []uint16{0}}} {
		if c.Validate() == nil {
			t.Errorf("%+v is taken", c)
		}
	}
	if err := (Config{Mode: Require, Write: []string{"out"}, BindTCP: []uint16{9090}}).Validate(); err != nil {
		t.Error(err)
	}
}

func TestReportIsOneLine(t *testing.T) {
	for want, r := range map[string]Report{
		"off": {Mode: "off"},
		"no new privileges; Landlock 7; seccomp; no capabilities":                    {Mode: "auto", NoNewPrivs: true, Landlock: 7, Seccomp: true},
		"no new privileges; capabilities: CAP_NET_RAW; missing: no Landlock; no bpf": {NoNewPrivs: true, Capabilities: []string{"CAP_NET_RAW"}, Missing: []string{"no Landlock", "no bpf"}},
	} {
		if got := r.String(); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

func TestRequireRefusesWhatIsMissing(t *testing.T) {
	if _, err := (Report{Mode: "require", Missing: []string{"x"}}).demand(); !errors.Is(err, ErrIncomplete) {
		t.Errorf("%v", err)
	}
	for _, r := range []Report{{Mode: "auto", Missing: []string{"x"}}, {Mode: "require"}} {
		if _, err := r.demand(); err != nil {
			t.Errorf("%+v: %v", r, err)
		}
	}
}
