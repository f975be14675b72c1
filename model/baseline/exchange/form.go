package exchange

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"

	"pcapmill/features/sketch"
	"pcapmill/model/baseline"
	"pcapmill/outputs/text"
)

var (
	// ErrFormat says that bytes are no baseline that was exported.
	ErrFormat = errors.New("not an exported baseline")
	// ErrVersion says that it was exported in a format that this build does not know.
	ErrVersion = errors.New("exported by a newer pcapmill")
	// ErrChanged says that numbers do not follow from the packed block beside them.
	ErrChanged = errors.New("changed after it was exported")
)

// The names of the format and its version.
const (
	formatName = "pcapmill baseline"
	version    = 1
)

// headForm is a baseline.Header. Days are counted from 1970-01-01.
type headForm struct {
	Settings settingsForm `json:"settings"`
	Table    tableForm    `json:"table"`
	Since    *int32       `json:"since_day"` // null: any
	Sources  []sourceForm `json:"sources"`
	Limit    string       `json:"last_host"` // empty: no host is summed up
	Rest     []restForm   `json:"rest_hosts"`
}

type settingsForm struct {
	Hosts      int      `json:"hosts"`
	Precision  int      `json:"precision"`
	Keys       int      `json:"keys"`
	Categories []string `json:"categories"`
}

type tableForm struct {
	Name     string        `json:"name"`
	Version  int           `json:"version"`
	WindowNs int64         `json:"window_ns"`
	Columns  string        `json:"columns_sha256"`
	Features []featureForm `json:"features"`
}

type featureForm struct {
	Name  string `json:"name"`
	Scale string `json:"scale"` // steps or octaves
	Step  int8   `json:"step"`  // binary exponent
}

type sourceForm struct {
	Hash   string `json:"sha256"`
	PlanID string `json:"plan_id"`
	RunID  string `json:"run_id"`
}

type restForm struct {
	Day    int32  `json:"day"`
	Hosts  uint64 `json:"hosts"`
	Exact  bool   `json:"exact"`
	Sketch []byte `json:"sketch"`
}

// blockForm is a baseline.Block.
type blockForm struct {
	Host       string         `json:"host"` // empty: of the rest
	Day        int32          `json:"day"`
	Date       string         `json:"date"`
	Tags       []tagForm      `json:"tags"`
	Hours      [][2]uint64    `json:"hours"` // hour of the day, windows
	Features   []momentsForm  `json:"features"`
	Categories []categoryForm `json:"categories"`
	Packed     []byte         `json:"packed"`
}

// tagForm is a protocol or a label.
type tagForm struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

type momentsForm struct {
	Name      string    `json:"name"`
	Values    []uint64  `json:"values"`  // known, of each hour
	Sums      []int64   `json:"sums"`    // of their levels
	Squares   []uint64  `json:"squares"` // of these
	Histogram []barForm `json:"histogram"`
}

// barForm is a bin: the values in its middle, and their number.
type barForm struct {
	Value float64 `json:"value"`
	Count uint64  `json:"count"`
}

type categoryForm struct {
	Name     string    `json:"name"`
	Keys     []keyForm `json:"keys"`
	Others   uint64    `json:"others"`
	TooLong  uint64    `json:"too_long"`
	Distinct uint64    `json:"distinct"`
	Exact    bool      `json:"distinct_exact"`
}

type keyForm struct {
	Key   string `json:"key"`
	Count uint64 `json:"count"`
}

const (
	scaleSteps   = "steps"
	scaleOctaves = "octaves"
)

// headOf returns a Header's form.
func headOf(h *baseline.Header) headForm {
	f := headForm{
		Settings: settingsForm{h.Config.Hosts, int(h.Config.Precision), h.Config.Keys, escaped(h.Config.Categories)},
		Table:    tableForm{text.Escape(h.Table.Name), h.Table.Version, h.Table.Window, hex.EncodeToString(h.Table.Hash[:]), []featureForm{}},
		Since:    (*int32)(h.Since), Sources: []sourceForm{}, Rest: []restForm{},
	}
	if h.Limit.IsValid() {
		f.Limit = h.Limit.String()
	}
	for _, x := range h.Table.Features {
		scale := scaleSteps
		if x.Scale.Octaves {
			scale = scaleOctaves
		}
		f.Table.Features = append(f.Table.Features, featureForm{text.Escape(x.Name), scale, x.Scale.Step})
	}
	for i := range h.Sources {
		s := &h.Sources[i]
		f.Sources = append(f.Sources, sourceForm{hex.EncodeToString(s.Hash[:]), text.Escape(s.PlanID), text.Escape(s.RunID)})
	}
	for i := range h.Rest {
		f.Rest = append(f.Rest, restOf(&h.Rest[i]))
	}
	return f
}

func restOf(r *baseline.RestHosts) restForm {
	d := new(sketch.Distinct)
	if _, err := d.Decode(r.Hosts); err != nil {
		panic(err) // what a Distinct has encoded
	}
	return restForm{int32(r.Day), d.Count(), d.Exact(), r.Hosts}
}

func escaped(names []string) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = text.Escape(name)
	}
	return all
}

// header returns what a form says.
func (f *headForm) header() (*baseline.Header, error) {
	p := parser{}
	h := &baseline.Header{
		Config: baseline.Config{Hosts: f.Settings.Hosts, Precision: sketch.Precision(p.small(f.Settings.Precision)), Keys: f.Settings.Keys, Categories: p.texts(f.Settings.Categories)},
		Table:  baseline.Table{Name: p.text(f.Table.Name), Version: f.Table.Version, Window: f.Table.WindowNs, Hash: p.hash(f.Table.Columns)},
		Since:  (*baseline.Day)(f.Since), Limit: p.address(f.Limit),
	}
	for i := range f.Table.Features {
		x := &f.Table.Features[i]
		if x.Scale != scaleSteps && x.Scale != scaleOctaves {
			p.fail("scale %q", x.Scale)
		}
		h.Table.Features = append(h.Table.Features, baseline.Feature{Name: p.text(x.Name), Scale: baseline.Scale{Octaves: x.Scale == scaleOctaves, Step: x.Step}})
	}
	for _, s := range f.Sources {
		h.Sources = append(h.Sources, baseline.Source{Hash: p.hash(s.Hash), PlanID: p.text(s.PlanID), RunID: p.text(s.RunID)})
	}
	for _, r := range f.Rest {
		h.Rest = append(h.Rest, baseline.RestHosts{Day: baseline.Day(r.Day), Hosts: r.Sketch})
	}
	return h, p.err
}

// restorer begins a baseline of what a form says, which must be as headOf writes it.
func (f *headForm) restorer() (*baseline.Header, *baseline.Restorer, error) {
	h, err := f.header()
	if err != nil {
		return nil, nil, err
	}
	to, err := baseline.NewRestorer(h)
	if err != nil {
		return nil, nil, err
	}
	return h, to, equal(*f, headOf(h))
}

// blockOf returns a Block's form.
func blockOf(b *baseline.Block, h *baseline.Header) blockForm {
	f := blockForm{Day: int32(b.Day), Date: b.Day.String(), Tags: []tagForm{}, Hours: [][2]uint64{}, Features: []momentsForm{}, Categories: []categoryForm{}, Packed: b.Packed}
	if b.Host.IsValid() {
		f.Host = b.Host.String()
	}
	for _, k := range b.Tags {
		f.Tags = append(f.Tags, tagForm{k.Kind().String(), text.Escape(k.Name())})
	}
	for _, hour := range b.Hours {
		f.Hours = append(f.Hours, [2]uint64{uint64(hour.Hour), hour.Windows})
	}
	for i := range h.Table.Features {
		f.Features = append(f.Features, momentsOf(text.Escape(h.Table.Features[i].Name), b.Moments[i], &b.Histograms[i]))
	}
	for i, name := range h.Config.Categories {
		f.Categories = append(f.Categories, categoryOf(text.Escape(name), &b.Categories[i]))
	}
	return f
}

func momentsOf(name string, of []baseline.Moments, h *sketch.Histogram) momentsForm {
	f := momentsForm{Name: name, Values: []uint64{}, Sums: []int64{}, Squares: []uint64{}, Histogram: []barForm{}}
	for _, m := range of {
		f.Values, f.Sums, f.Squares = append(f.Values, m.N), append(f.Sums, m.Sum), append(f.Squares, m.Squares)
	}
	for value, count := range h.Bins {
		f.Histogram = append(f.Histogram, barForm{value.Value, count})
	}
	return f
}

func categoryOf(name string, c *baseline.BlockCategory) categoryForm {
	f := categoryForm{Name: name, Keys: []keyForm{}, Others: c.Others, TooLong: c.TooLong, Distinct: c.Distinct, Exact: c.Exact}
	for _, k := range c.Keys {
		f.Keys = append(f.Keys, keyForm{text.Escape(k.Key), k.Count})
	}
	return f
}

// parser reads texts, and keeps the first error.
type parser struct{ err error }

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("%w: "+format, append([]any{ErrFormat}, args...)...)
	}
}

func (p *parser) text(s string) string {
	raw, err := text.Unescape(s)
	if err != nil {
		p.fail("%w", err)
	}
	return raw
}

func (p *parser) texts(all []string) []string {
	var raw []string
	for _, s := range all {
		raw = append(raw, p.text(s))
	}
	return raw
}

func (p *parser) small(n int) uint8 {
	if n < 0 || n > 255 {
		p.fail("precision %d", n)
	}
	return uint8(n)
}

func (p *parser) hash(s string) (h [32]byte) {
	if b, err := hex.DecodeString(s); err != nil || copy(h[:], b) != len(b) || len(b) != len(h) {
		p.fail("%q is no SHA-256", s)
	}
	return h
}

// address reads one, or none of nothing.
func (p *parser) address(s string) netip.Addr {
	if s == "" {
		return netip.Addr{}
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" || a.Is4In6() {
		p.fail("%q is no address of a host", s)
	}
	return a
}

func (p *parser) tags(all []tagForm) []baseline.Key {
	var keys []baseline.Key
	for _, t := range all {
		switch name := p.text(t.Name); t.Kind {
		case baseline.Protocol.String():
			keys = append(keys, baseline.ProtocolKey(name))
		case baseline.Label.String():
			keys = append(keys, baseline.LabelKey(name))
		default:
			p.fail("a tag of kind %q", t.Kind)
		}
	}
	return keys
}
