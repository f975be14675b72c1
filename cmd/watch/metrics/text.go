package metrics

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ContentType is that of the Prometheus text exposition format 0.0.4.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// Label is one of a sample. Its name is ours; the value may be anything.
type Label struct{ Name, Value string }

// Writer builds an exposition: families of samples, each family at once.
type Writer struct{ b strings.Builder }

// Counter begins a family whose samples only grow while the process lives.
func (w *Writer) Counter(name, help string) Family { return w.family(name, "counter", help) }

// Gauge begins a family of samples that go up and down.
func (w *Writer) Gauge(name, help string) Family { return w.family(name, "gauge", help) }

// String is all of it.
func (w *Writer) String() string { return w.b.String() }

// Family is one that samples are added to, before the next one begins.
type Family struct {
	w    *Writer
	name string
}

// inHelp and inValue are what the format wants behind a backslash.
var (
	inHelp  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	inValue = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

func (w *Writer) family(name, kind, help string) Family {
	fmt.Fprintf(&w.b, "# HELP %s %s\n# TYPE %s %s\n", name, inHelp.Replace(help), name, kind)
	return Family{w, name}
}

// Add adds a sample.
func (f Family) Add(value float64, labels ...Label) Family {
	f.w.b.WriteString(f.name)
	for i, l := range labels {
		f.w.b.WriteString(map[bool]string{true: "{", false: ","}[i == 0])
		f.w.b.WriteString(l.Name + `="` + inValue.Replace(strings.ToValidUTF8(l.Value, "\uFFFD")) + `"`)
	}
	if len(labels) > 0 {
		f.w.b.WriteByte('}')
	}
	f.w.b.WriteString(" " + number(value) + "\n")
	return f
}

// Int adds a sample that is whole.
func (f Family) Int(value int64, labels ...Label) Family { return f.Add(float64(value), labels...) }

// number is a value as the format has it.
func number(x float64) string {
	switch {
	case math.IsInf(x, 1):
		return "+Inf"
	case math.IsInf(x, -1):
		return "-Inf"
	case math.IsNaN(x):
		return "NaN"
	case x == math.Trunc(x) && math.Abs(x) < 1<<53:
		return strconv.FormatInt(int64(x), 10)
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}
