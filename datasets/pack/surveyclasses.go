package pack

import (
	"cmp"
	"slices"

	"pcapmill/datasets/build"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/sketch"
	"pcapmill/outputs/tables"
)

// Class is the rows of one label.
type Class struct {
	Label     string
	Null      bool // the rows without a label
	Rows      int64
	Hosts     sketch.Distinct // addresses of either end
	Sessions  sketch.Distinct // connections
	Campaigns sketch.Distinct
	Times     [TimeSlots]int64 // rows by the time of their begin, in equal parts from Survey.Begin to End
	counts    []int64          // rows of each split
}

// TimeSlots is how many parts the time of a dataset is cut into.
const TimeSlots = 60

// mostClasses are told apart; of more, those met first are, and the rest is counted.
const mostClasses = 256

// Names of columns of keys; those that a dataset lacks are not looked at.
const (
	labelName    = "label"
	startName    = "start_ns"
	connName     = "conn_id"
	campaignName = "campaign"
)

var hostNames = []string{"src_ip", "dst_ip", "src_ip_binary", "dst_ip_binary"}

// classes surveys the classes in keys, or, in a dataset that was stripped of them, in data.
func (l *look) classes() error {
	table := build.Data
	if l.s.Keys != nil {
		table = build.Keys
	}
	if err := l.times(table); err != nil {
		return err
	}
	c := counter{s: l.s, known: map[string]*Class{}}
	for i := range l.s.Splits {
		c.split = i
		if err := tables.Read(l.ctx, l.o.Path(table, l.s.Splits[i].Folder()), pick(slices.Concat([]string{labelName, startName, connName, campaignName}, hostNames)), c.add); err != nil {
			return err
		}
	}
	c.finish()
	return nil
}

// pick returns those of the names that a table has.
func pick(names []string) func(*column.Schema) ([]string, error) {
	return func(s *column.Schema) ([]string, error) {
		some := []string{}
		for _, name := range names {
			if s.Index(name) >= 0 {
				some = append(some, name)
			}
		}
		return some, nil
	}
}

// times finds when each split begins and ends.
func (l *look) times(table string) error {
	for i := range l.s.Splits {
		split := &l.s.Splits[i]
		err := tables.Read(l.ctx, l.o.Path(table, split.Folder()), pick([]string{startName}), func(b *batch.Batch) error {
			v := vector(b, startName, column.Int64)
			for row := 0; v != nil && row < b.Rows; row++ {
				split.see(v, row)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if !split.Timed {
			continue
		}
		if !l.s.Timed || split.Begin < l.s.Begin {
			l.s.Begin = split.Begin
		}
		if !l.s.Timed || split.End > l.s.End {
			l.s.End = split.End
		}
		l.s.Timed = true
	}
	return nil
}

func (s *Split) see(v *batch.Vector, row int) {
	if v.Null(row) {
		return
	}
	at := v.Int64[row]
	if !s.Timed {
		s.Begin, s.End, s.Timed = at, at, true
	}
	s.Begin, s.End = min(s.Begin, at), max(s.End, at)
}

// vector returns the column of that name and type, nil where there is none.
func vector(b *batch.Batch, name string, types ...column.Type) *batch.Vector {
	i := b.Schema.Index(name)
	if i < 0 || !slices.Contains(types, b.Schema.Columns[i].Type) {
		return nil
	}
	return &b.Vectors[i]
}

// counter counts the rows of classes.
type counter struct {
	s     *Survey
	split int
	known map[string]*Class
	none  *Class
}

func (c *counter) add(b *batch.Batch) error {
	label := vector(b, labelName, column.String, column.Text)
	start := vector(b, startName, column.Int64)
	conn := vector(b, connName, column.Int64)
	campaign := vector(b, campaignName, column.String, column.Text)
	var hosts []*batch.Vector
	for _, name := range hostNames {
		if v := vector(b, name, column.String, column.Text, column.Binary); v != nil {
			hosts = append(hosts, v)
		}
	}
	for row := range b.Rows {
		class := c.of(label, row)
		if class == nil {
			c.s.Rest++
			continue
		}
		class.Rows++
		class.counts[c.split]++
		if start != nil && !start.Null(row) {
			class.Times[c.slot(start.Int64[row])]++
		}
		if conn != nil && !conn.Null(row) {
			class.Sessions.Add(sketch.HashInt(uint64(conn.Int64[row])))
		}
		for _, v := range hosts {
			addText(&class.Hosts, v, row)
		}
		if campaign != nil {
			addText(&class.Campaigns, campaign, row)
		}
	}
	return nil
}

func addText(to *sketch.Distinct, v *batch.Vector, row int) {
	if !v.Null(row) {
		to.Add(sketch.Hash([]byte(v.String(row))))
	}
}

// of returns the class of a row, nil where there are too many.
func (c *counter) of(label *batch.Vector, row int) *Class {
	if label == nil || label.Null(row) {
		if c.none == nil {
			c.none = &Class{Null: true, counts: make([]int64, len(c.s.Splits))}
		}
		return c.none
	}
	name := label.String(row)
	if class := c.known[name]; class != nil || len(c.known) == mostClasses {
		return class
	}
	class := &Class{Label: name, counts: make([]int64, len(c.s.Splits))}
	c.known[name] = class
	return class
}

// slot is which part of the time an instant is in.
func (c *counter) slot(at int64) int {
	span := float64(c.s.End) - float64(c.s.Begin) // int64 could wrap
	if span <= 0 {
		return 0
	}
	return min(TimeSlots-1, int((float64(at)-float64(c.s.Begin))/span*TimeSlots))
}

// finish puts the classes in order.
func (c *counter) finish() {
	for _, class := range c.known {
		c.s.Classes = append(c.s.Classes, *class)
	}
	if c.none != nil {
		c.s.Classes = append(c.s.Classes, *c.none)
	}
	slices.SortFunc(c.s.Classes, func(a, b Class) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Label, b.Label), cmp.Compare(boolInt(a.Null), boolInt(b.Null)))
	})
	for i := range c.s.Splits {
		for _, class := range c.s.Classes {
			c.s.Splits[i].Classes = append(c.s.Splits[i].Classes, class.counts[i])
		}
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
