package manifest_test

import (
	"bytes"
	"reflect"
	"runtime/debug"
	"slices"
	"testing"

	"pcapmill/outputs/manifest"
)

var (
	options = map[string]string{"idle_tcp": "5m0s", "zz": ""}
	schemas = []manifest.SchemaRef{{Table: "flows", SHA256: "22"}, {Table: "dns", SHA256: "11"}}
)

// The expected values were computed by another program from the description: the
// domain, then each list's length and each field with its length before it, as
// 8 bytes little-endian.
func TestIdentity(t *testing.T) {
	plan := manifest.PlanID(options, schemas, "pcapmill 1.0.0 abc")
	run := manifest.RunID(plan, []string{"aa", "bb"})
	key := manifest.RunKey(plan, []manifest.Stamp{manifest.NewStamp("a.pcap", 10, -1)})
	for _, c := range []struct{ name, got, want string }{
		{"plan_id", plan, "4dba6644f14e341f17e334b73544864126f5864c025b47c7298e39bfd8c904ca"},
		{"run_id", run, "82671207be446fbf0843d830a5520f9a1c44450e29206a6b0ba9f704e051de21"},
		{"run key", key, "5c480e7ce8ceb5450264487200ab0bbf78d9896ae50006e43a28bde029e60f00"},
	} {
		if c.got != c.want {
			t.Errorf("%s = %s, want %s", c.name, c.got, c.want)
		}
	}
}

func TestIdentityTellsApart(t *testing.T) {
	seen := map[string]string{}
	add := func(what, id string) {
		if other, dup := seen[id]; dup {
			t.Errorf("%s and %s have the same identity", what, other)
		}
		seen[id] = what
	}
	add("base", manifest.PlanID(options, schemas, "b"))
	add("build", manifest.PlanID(options, schemas, "c"))
	add("no schema", manifest.PlanID(options, nil, "b"))
	add("value", manifest.PlanID(map[string]string{"idle_tcp": "5m0", "zz": "s"}, schemas, "b"))
	add("key boundary", manifest.PlanID(map[string]string{"idle_tcp5": "m0s", "zz": ""}, schemas, "b"))
	add("schema", manifest.PlanID(options, []manifest.SchemaRef{{Table: "flows", SHA256: "11"}, {Table: "dns", SHA256: "22"}}, "b"))
	add("run", manifest.RunID("p", []string{"a", "b"}))
	add("run order", manifest.RunID("p", []string{"b", "a"}))
	add("run joined", manifest.RunID("p", []string{"ab"}))
	add("run none", manifest.RunID("p", nil))
}

func TestIdentityIgnoresOrderOfSchemas(t *testing.T) {
	swapped := []manifest.SchemaRef{schemas[1], schemas[0]}
	if manifest.PlanID(options, schemas, "b") != manifest.PlanID(options, swapped, "b") {
		t.Error("plan_id depends on the order in which tables are declared")
	}
}

func TestRunIDNeedsEveryHash(t *testing.T) {
	if id := manifest.RunID("p", []string{"aa", ""}); id != "" {
		t.Errorf("run_id %s though an input was not hashed", id)
	}
}

func TestNewTool(t *testing.T) {
	info := &debug.BuildInfo{
		GoVersion: "go1.26.8",
		Main:      debug.Module{Version: "v0.2.0"},
		Settings:  []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.modified", Value: "true"}, {Key: "vcs.time", Value: "now"}, {Key: "GOOS", Value: "linux"}, {Key: "-ldflags", Value: ""}, {Key: "-pgo", Value: "/home/me/src/default.pgo"}},
		Deps: []*debug.Module{
			{Path: "z", Version: "v1", Sum: "h1:z"},
			{Path: "a", Version: "v1", Replace: &debug.Module{Path: "b", Version: "v2"}},
		},
	}
	tool := manifest.NewTool("pcapmill", "", info)
	if got := tool.Build(); got != "pcapmill v0.2.0 abc modified" {
		t.Errorf("build is %q", got)
	}
	if !slices.Equal(tool.Flags, []string{"-pgo=default.pgo", "GOOS=linux"}) || len(tool.Modules) != 2 || tool.Modules[0].Path != "b" {
		t.Errorf("tool is %+v", tool)
	}
	if got := manifest.NewTool("pcapmill", "v1", nil).Version; got != "v1" {
		t.Errorf("version without build information is %q", got)
	}
}

func TestExecution(t *testing.T) {
	e := &manifest.Execution{RunKey: "k", StartedAt: "2026-11-21T00:00:00Z", Stamps: []manifest.Stamp{manifest.NewStamp("a\x1b", 1, 2)}, ExitCode: 3}
	data, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := manifest.ReadExecution(bytes.NewReader(data))
	if err != nil || got.RunKey != "k" || got.ExitCode != 3 || got.Stamps[0].PathHex != "611b" {
		t.Fatalf("came back as %+v, %v", got, err)
	}
	for i := range data {
		data[i] ^= 4
		if _, err := manifest.ReadExecution(bytes.NewReader(data)); err == nil {
			t.Fatalf("byte %d changed and nobody noticed", i)
		}
		data[i] ^= 4
	}
}

func TestAccountingChecks(t *testing.T) {
	a := manifest.Accounting{PacketsRead: 10, CapturedBytes: 900, WireBytes: 1000}
	a.Add("in_flow", 9, 850, 940)
	a.Add("non_ip", 1, 50, 59)
	var failed []string
	for _, c := range a.SelfChecks("run: ") {
		if !c.OK {
			failed = append(failed, c.Name)
		}
	}
	if len(failed) != 1 || failed[0] != "run: wire bytes read = sum over outcomes" {
		t.Errorf("failed checks: %q", failed)
	}
	if a.Packets.Get("non_ip") != 1 || a.Packets.Get("none") != 0 {
		t.Error("Get")
	}
}

// TestAccountingSums: sums have the outcomes of both and share no list with them; what one has more
// than the other is without those of which it has as many.
func TestAccountingSums(t *testing.T) {
	counts := func(list ...any) (c manifest.Counts) {
		for i := 0; i < len(list); i += 2 {
			c = append(c, manifest.Count{Outcome: list[i].(string), N: int64(list[i+1].(int))})
		}
		return c
	}
	a := manifest.Accounting{
		PacketsRead: 1, CapturedBytes: 2, WireBytes: 3, StreamBytes: 4, Packets: counts("in_flow", 5, "filtered", 6),
		CapturedBy: counts("in_flow", 7), WireBy: counts("in_flow", 8), StreamBy: counts("packets", 9),
	}
	b := manifest.Accounting{
		PacketsRead: 10, CapturedBytes: 20, WireBytes: 30, StreamBytes: 40, Packets: counts("malformed", 50, "in_flow", 60),
		CapturedBy: counts("in_flow", 70), WireBy: counts("in_flow", 80), StreamBy: counts("packets", 90),
	}
	want := manifest.Accounting{
		PacketsRead: 11, CapturedBytes: 22, WireBytes: 33, StreamBytes: 44, Packets: counts("in_flow", 65, "filtered", 6, "malformed", 50),
		CapturedBy: counts("in_flow", 77), WireBy: counts("in_flow", 88), StreamBy: counts("packets", 99),
	}
	sum := a
	sum.Plus(&b)
	if !reflect.DeepEqual(sum, want) {
		t.Errorf("%+v\nplus %+v\nis %+v", a, b, sum)
	}
	if more := sum.Minus(&a); !reflect.DeepEqual(more.Packets, counts("in_flow", 60, "malformed", 50)) ||
		more.PacketsRead != 10 || more.CapturedBytes != 20 || more.WireBytes != 30 || more.StreamBytes != 40 ||
		!reflect.DeepEqual([]manifest.Counts{more.CapturedBy, more.WireBy, more.StreamBy}, []manifest.Counts{b.CapturedBy, b.WireBy, b.StreamBy}) {
		t.Errorf("%+v\nminus %+v\nis %+v", sum, a, more)
	}
	if a.Packets.Get("in_flow") != 5 {
		t.Error("a sum changed what was summed")
	}
}
