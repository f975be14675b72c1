package scale

import (
	"io"
	"maps"
	"math"
	"slices"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/text"
	"pcapmill/outputs/where"
)

// LabelColumn is the column that a model shall predict.
const LabelColumn = "label"

// Limits of the categories of one column: beyond them it is not encoded.
const (
	MaxCategories    = 10_000
	MaxCategoryBytes = 1 << 20
)

// Fit learns from rows of one schema. It belongs to one goroutine.
type Fit struct {
	cfg     Config
	rows    int64
	numbers []*numbers // by column; nil: it has none
	words   []*words
	schema  *column.Schema
}

// numbers is what is known of a column of numbers.
type numbers struct {
	nulls, odd int64
	moments    *moments
	quantiles  *quantiles
	min, max   float64
}

// words is what is known of a column of texts.
type words struct {
	nulls int64
	known map[string]bool
	bytes int
	over  bool
}

// NewFit returns a Fit for rows of a schema. Labels other than label itself are no input of
// a model, and neither scaled nor encoded; lists, bytes and instants are not either.
func NewFit(schema *column.Schema, cfg Config) *Fit {
	f := &Fit{cfg: cfg, schema: schema, numbers: make([]*numbers, len(schema.Columns)), words: make([]*words, len(schema.Columns))}
	for i := range schema.Columns {
		c := &schema.Columns[i]
		switch {
		case c.Role == column.Label && c.Name != LabelColumn:
		case where.IsNumber(c.Type):
			f.numbers[i] = &numbers{moments: newMoments(), quantiles: newQuantiles(), min: math.Inf(1), max: math.Inf(-1)}
		case where.IsText(c.Type):
			f.words[i] = &words{known: map[string]bool{}}
		}
	}
	return f
}

// Add takes training rows.
func (f *Fit) Add(b *batch.Batch) {
	f.rows += int64(b.Rows)
	for i := range b.Vectors {
		switch v := &b.Vectors[i]; {
		case f.numbers[i] != nil:
			f.addNumbers(f.numbers[i], f.schema.Columns[i].Type, v, b.Rows)
		case f.words[i] != nil:
			f.words[i].add(v, b.Rows)
		}
	}
}

func (f *Fit) addNumbers(n *numbers, t column.Type, v *batch.Vector, rows int) {
	for row := range rows {
		if v.Null(row) {
			n.nulls++
			continue
		}
		x := f.cfg.shape(where.NumberAt(t, v, row))
		if math.IsNaN(x) || math.IsInf(x, 0) { // not of our tables
			n.odd++
			continue
		}
		n.moments.add(x)
		n.quantiles.add(x)
		n.min, n.max = min(n.min, x), max(n.max, x)
	}
}

// shape is a number before it is scaled.
func (c *Config) shape(x float64) float64 {
	if !c.Log {
		return x
	}
	return math.Copysign(math.Log1p(math.Abs(x)), x)
}

func (w *words) add(v *batch.Vector, rows int) {
	for row := range rows {
		switch {
		case v.Null(row):
			w.nulls++
		case w.over:
		case v.Dict != nil:
			w.learn(v.Dict[v.Codes[row]])
		default:
			if word := v.Bytes[v.Offsets[row]:v.Offsets[row+1]]; !w.known[string(word)] {
				w.learn(string(word))
			}
		}
	}
}

func (w *words) learn(word string) {
	if w.known[word] {
		return
	}
	w.known[word] = true
	if w.bytes += len(word); w.bytes > MaxCategoryBytes || len(w.known) > MaxCategories {
		w.known, w.over = nil, true
	}
}

// Scaler is what is known of a column of numbers. All but N, Nulls and NotFinite are of the
// shaped numbers, and null where there are none.
type Scaler struct {
	Column    string   `json:"column"`
	N         int64    `json:"n"`
	Nulls     int64    `json:"nulls"`
	NotFinite int64    `json:"not_finite,omitempty"`
	Mean      *float64 `json:"mean"`
	Std       *float64 `json:"std"` // of the population, as in scikit-learn's StandardScaler
	Min       *float64 `json:"min"`
	Q1        *float64 `json:"q1"`
	Median    *float64 `json:"median"`
	Q3        *float64 `json:"q3"`
	Max       *float64 `json:"max"`
	Exact     bool     `json:"quantiles_exact"`
}

// Scalers is scalers.json.
type Scalers struct {
	Version int      `json:"version"`
	Rows    int64    `json:"rows"` // of the training split
	Log     bool     `json:"log1p"`
	Columns []Scaler `json:"columns"`
}

// Encoder is what is known of a column of texts: the index of a category is its place.
type Encoder struct {
	Column     string   `json:"column"`
	Nulls      int64    `json:"nulls"`
	Categories []string `json:"categories"`
	Unknown    int      `json:"unknown"`            // index of all other texts
	TooMany    bool     `json:"too_many,omitempty"` // categories: the column is not encoded
}

// Encoders is encoders.json.
type Encoders struct {
	Version int       `json:"version"`
	Rows    int64     `json:"rows"`
	Columns []Encoder `json:"columns"`
	Label   *Encoder  `json:"label"` // null where there is no label
}

// Scalers returns what was learned of numbers.
func (f *Fit) Scalers() *Scalers {
	all := &Scalers{Version: 1, Rows: f.rows, Log: f.cfg.Log, Columns: []Scaler{}}
	for i, n := range f.numbers {
		if n != nil {
			all.Columns = append(all.Columns, n.scaler(f.schema.Columns[i].Name))
		}
	}
	return all
}

func (n *numbers) scaler(name string) Scaler {
	s := Scaler{Column: name, N: n.moments.n, Nulls: n.nulls, NotFinite: n.odd, Exact: n.quantiles.bins == nil}
	if s.N == 0 {
		return s
	}
	mean, std := n.moments.mean(), n.moments.std()
	q := n.quantiles.at(0.25, 0.5, 0.75)
	s.Mean, s.Std, s.Min, s.Max = &mean, &std, &n.min, &n.max
	s.Q1, s.Median, s.Q3 = &q[0], &q[1], &q[2]
	return s
}

// Encoders returns what was learned of texts.
func (f *Fit) Encoders() *Encoders {
	all := &Encoders{Version: 1, Rows: f.rows, Columns: []Encoder{}}
	for i, w := range f.words {
		if w == nil {
			continue
		}
		name := f.schema.Columns[i].Name
		e := Encoder{Column: name, Nulls: w.nulls, TooMany: w.over, Categories: sorted(w), Unknown: len(w.known)}
		if name == LabelColumn {
			all.Label = &e
			continue
		}
		all.Columns = append(all.Columns, e)
	}
	return all
}

// sorted returns the categories in the order of their bytes.
func sorted(w *words) []string {
	all := slices.AppendSeq([]string{}, maps.Keys(w.known))
	slices.Sort(all)
	return all
}

// Write writes scalers.json.
func (s *Scalers) Write(w io.Writer) error { return write(w, s) }

// Write writes encoders.json.
func (e *Encoders) Write(w io.Writer) error { return write(w, e) }

func write(w io.Writer, doc any) error {
	return text.WriteJSON(w, doc, "  ")
}
