package manifest

import (
	"path"
	"runtime/debug"
	"slices"
	"strings"
)

// Tool is the program that made a dataset, exactly.
type Tool struct {
	Name      string   `json:"name"`
	Version   string   `json:"version"`
	Revision  string   `json:"revision,omitempty"` // of the source tree
	Modified  bool     `json:"modified,omitempty"` // whether the tree differed from it
	GoVersion string   `json:"go_version"`
	Flags     []string `json:"build_flags,omitempty"` // CGO_ENABLED=0, GOOS=linux, -trimpath=true, …
	Modules   []Module `json:"modules,omitempty"`
}

// Module is one dependency that is linked in.
type Module struct {
	Path    string `json:"path"`
	Version string `json:"version"`
	Sum     string `json:"sum,omitempty"` // as in go.sum
}

// ToolName is the name of the tool whose manifests these are.
const ToolName = "pcapmill"

// NewTool describes the running program from its build information, which may be
// nil. An empty version is taken from there.
func NewTool(name, version string, info *debug.BuildInfo) Tool {
	t := Tool{Name: name, Version: version}
	if info == nil {
		return t
	}
	t.GoVersion = info.GoVersion
	if t.Version == "" {
		t.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			t.Revision = s.Value
		case s.Key == "vcs.modified":
			t.Modified = s.Value == "true"
		case s.Key == "-pgo": // where the source lay is nobody's business
			t.Flags = append(t.Flags, s.Key+"="+path.Base(strings.ReplaceAll(s.Value, `\`, "/")))
		case s.Value != "" && !strings.HasPrefix(s.Key, "vcs"):
			t.Flags = append(t.Flags, s.Key+"="+s.Value)
		}
	}
	slices.Sort(t.Flags)
	for _, dep := range info.Deps {
		if dep.Replace != nil {
			dep = dep.Replace
		}
		t.Modules = append(t.Modules, Module{Path: dep.Path, Version: dep.Version, Sum: dep.Sum})
	}
	slices.SortFunc(t.Modules, func(a, b Module) int { return strings.Compare(a.Path, b.Path) })
	return t
}

// Build is the tool's identity inside plan_id: version and source revision, marked
// where the tree was modified. Go release and platform are left out: rows must not
// depend on them.
func (t *Tool) Build() string {
	s := t.Name + " " + t.Version + " " + t.Revision
	if t.Modified {
		s += " modified"
	}
	return s
}
