package baseline_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"pcapmill/model/baseline"
)

// TestDiffers says in what, and such baselines do not merge.
func TestDiffers(t *testing.T) {
	table := baseline.Table{Name: "hosts", Version: 1, Window: 600e9, Features: []baseline.Feature{{Name: "a"}}}
	config := baseline.DefaultConfig()
	config.Categories = []string{"service"}
	whole, err := baseline.New(config, table)
	if err != nil {
		t.Fatal(err)
	}
	if table.Differs(&table) != "" || config.Differs(&config) != "" {
		t.Error("a table differs from itself")
	}
	for want, change := range map[string]func(*baseline.Config, *baseline.Table){
		"table slots, not hosts":          func(_ *baseline.Config, t *baseline.Table) { t.Name = "slots" },
		"version 2 of table hosts, not 1": func(_ *baseline.Config, t *baseline.Table) { t.Version = 2 },
		"windows of 1m0s, not 10m0s":      func(_ *baseline.Config, t *baseline.Table) { t.Window = 60e9 },
		"other columns":                   func(_ *baseline.Config, t *baseline.Table) { t.Hash[3] = 1 },
		"other scales": func(_ *baseline.Config, t *baseline.Table) {
			t.Features = []baseline.Feature{{Name: "a", Scale: baseline.Scale{Step: 3}}}
		},
		"room for 7 hosts, not 1048576":      func(c *baseline.Config, _ *baseline.Table) { c.Hosts = 7 },
		"7 keys of a category, not 64":       func(c *baseline.Config, _ *baseline.Table) { c.Keys = 7 },
		"categories none, not service":       func(c *baseline.Config, _ *baseline.Table) { c.Categories = nil },
		"categories a, service, not service": func(c *baseline.Config, _ *baseline.Table) { c.Categories = []string{"a", "service"} },
		"another precision":                  func(c *baseline.Config, _ *baseline.Table) { c.Precision++ },
	} {
		c, x := config, table
		change(&c, &x)
		if why := x.Differs(&table) + c.Differs(&config); !strings.Contains(why, want) {
			t.Errorf("%q, want %q", why, want)
		}
		other, err := baseline.New(c, x)
		if err != nil {
			t.Fatal(err)
		}
		if err := whole.Merge(other); !errors.Is(err, baseline.ErrMismatch) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// TestParseKey reads what String writes.
func TestParseKey(t *testing.T) {
	for s, want := range map[string]baseline.Key{
		"global": baseline.GlobalKey(), " host 10.0.0.1 ": baseline.HostKey(netip.MustParseAddr("10.0.0.1")), "2001:db8::1": baseline.HostKey(netip.MustParseAddr("2001:db8::1")),
		"::ffff:10.0.0.1": baseline.HostKey(netip.MustParseAddr("10.0.0.1")), "subnet 10.1.2.3/8": baseline.SubnetKey(netip.MustParsePrefix("10.0.0.0/8")),
		"10.0.0.0/8": baseline.SubnetKey(netip.MustParsePrefix("10.0.0.0/8")), "label two words": baseline.LabelKey("two words"), "protocol tcp": baseline.ProtocolKey("tcp"),
	} {
		got, err := baseline.ParseKey(s)
		if err != nil || got != want {
			t.Errorf("%q: %v, %v; want %v", s, got, err, want)
		}
		if again, err := baseline.ParseKey(got.String()); err != nil || again != want {
			t.Errorf("%v: %v, %v", got, again, err)
		}
	}
	for _, s := range []string{"", "x", "host", "host x", "subnet 10.0.0.1", "label", "label " + strings.Repeat("x", 256), "global 1", "protocol "} {
		if k, err := baseline.ParseKey(s); !errors.Is(err, baseline.ErrConfig) {
			t.Errorf("%q is %v, %v", s, k, err)
		}
	}
}
