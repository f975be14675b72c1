package leak

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"pcapmill/features/column"
)

// judge looks at columns one by one.
type judge struct {
	d          *Dataset
	cfg        *Config
	l          *labelled
	s          *sample
	scan       *scan
	groupings  []grouping
	predictor  *predictor
	rare       []int32 // by row of the sample: cells whose value is rare in its class
	report     *Report
	documented bool // the columns are ours: that they can be null is by design
}

// verdict is what is known of one column while it is looked at.
type verdict struct {
	*columnScan
	ids     []uint64
	ordered ordered
	names   bool   // it names hosts, captures or times
	why     string // for the reader
}

func (j *judge) columns() {
	for i := range j.scan.columns {
		j.column(&j.scan.columns[i])
	}
}

func (j *judge) column(c *columnScan) {
	if j.empty(c) || j.constant(c) {
		return
	}
	v := &verdict{columnScan: c, ids: c.sample.ids()}
	if c.sample.num != nil {
		v.ordered = c.sample.ordered()
	}
	j.countRare(v)
	j.role(v)
	j.named(v)
	j.looks(v)
	j.relations(v)
	j.time(v)
	j.label(v)
	j.nulls(c)
}

func (j *judge) add(kind Kind, s Severity, c *columnScan, detail string, evidence ...Number) *Finding {
	j.report.add(Finding{Kind: kind, Severity: s, Columns: []string{c.Name}, Detail: clip(c.Name) + " " + detail, Evidence: evidence})
	return &j.report.Findings[len(j.report.Findings)-1]
}

func (j *judge) empty(c *columnScan) bool {
	if c.all().n > 0 {
		return false
	}
	j.add(EmptyColumn, Note, c, "is null in every row")
	return true
}

func (j *judge) constant(c *columnScan) bool {
	all := c.all()
	if numeric(c.Type) {
		c.varies = all.low != all.high
	}
	nulls := slices.ContainsFunc(c.nulls[0], positive) || slices.ContainsFunc(c.nulls[1], positive)
	if c.varies {
		return false
	}
	detail := "is the same in every row"
	if nulls {
		detail = "is the same in every row that has it"
	}
	var evidence []Number
	if numeric(c.Type) {
		evidence = []Number{{"value", all.low}}
	}
	j.add(ConstantColumn, Note, c, detail, evidence...)
	if nulls {
		j.nulls(c)
	}
	return true
}

func positive(n int64) bool { return n > 0 }

// leastRare rows of a class may share a value that is called rare, and one in 200 where it is large.
const leastRare = 3

// countRare counts, for each row of the sample, its cells whose value is rare in its class.
func (j *judge) countRare(v *verdict) {
	if v.Role != column.Feature {
		return
	}
	type cell struct {
		class uint16
		id    uint64
	}
	count := make(map[cell]int32, len(v.ids)/4)
	for i, id := range v.ids {
		count[cell{j.s.class[i], id}]++
	}
	for i, id := range v.ids {
		c := j.s.class[i]
		if most := max(leastRare, int32((j.s.taken[0][c]+j.s.taken[1][c])/200)); id != nullHash && count[cell{c, id}] <= most {
			j.rare[i]++
		}
	}
}

func (j *judge) role(v *verdict) {
	what := ""
	switch v.Role {
	case column.LeakProne:
		what = "tells the testbed"
	case column.Identity:
		what = "names rows, hosts or captures"
	case column.Time:
		what = "is an instant"
	default:
		return
	}
	v.names, v.why = true, "it "+what
	j.add(LeakProne, Warning, v.columnScan, what+": its role is "+v.Role.String())
}

func (j *judge) named(v *verdict) {
	if look := looksOfName(v.Name); look != "" && v.Role == column.Feature {
		v.names, v.why = true, "its name is that of an identifier"
		j.add(Identifier, Warning, v.columnScan, "is called like "+article(look))
	}
}

func article(look string) string {
	switch look {
	case lookTTL, lookMAC:
		return "a " + look
	}
	if strings.ContainsRune("aeiouAEIOU", rune(look[0])) {
		return "an " + look
	}
	return "a " + look
}

func (j *judge) looks(v *verdict) {
	if v.Role != column.Feature {
		return
	}
	var l *look
	switch {
	case textual(v.Type):
		if l = v.looksOfTexts(); l == nil {
			l = v.unique()
		}
	case v.sample.num != nil:
		l = v.looksOfNumbers(&v.ordered)
	}
	if l == nil {
		if len(j.groupings) == 0 && v.likeTTL() { // no keys say whether each host has one
			j.add(Identifier, Note, v.columnScan, "has values that TTLs may have")
		}
		return
	}
	v.names, v.why = true, "its values are like those of "+article(l.what)
	f := j.add(Identifier, Warning, v.columnScan, "has values like those of "+article(l.what), l.evidence...)
	f.Examples = l.examples
}

// likeTTL reports whether the column's values can be TTLs, as sizes of small packets can too.
func (v *verdict) likeTTL() bool {
	return v.Role == column.Feature && v.sample.num != nil && v.Unit == column.None && v.ordered.whole && v.ordered.share(isTTL) >= mostly
}

// unique finds texts of which hardly one is there twice.
func (v *verdict) unique() *look {
	_, seen := number64(v.ids)
	n := 0
	for _, null := range v.sample.null {
		if !null {
			n++
		}
	}
	if n < leastLooks || float64(seen) < 0.99*float64(n) {
		return nil
	}
	return &look{what: lookID, evidence: []Number{{"share_of_distinct_values", min(1, float64(seen)/float64(n))}}}
}

// relations compares the column with keys of its rows.
func (j *judge) relations(v *verdict) {
	if j.equals(v) {
		return
	}
	for i := range j.groupings {
		if g := &j.groupings[i]; j.relation(v, g, g.relate(v.ids)) {
			return
		}
	}
}

// equals finds columns that are a number of the keys.
func (j *judge) equals(v *verdict) bool {
	if v.sample.num == nil || v.Role != column.Feature {
		return false
	}
	for i := range j.s.keys {
		k := &j.s.keys[i]
		if k.num == nil {
			continue
		}
		same, kappa, rows := k.agreement(&v.sample)
		if rows < leastRelated || kappa < 0.9 || len(v.ordered.distinct) < 3 {
			continue
		}
		v.names, v.why = true, "it is "+k.columns[0]
		j.report.add(Finding{
			Kind: KeyCopy, Severity: Warning, Columns: []string{v.Name, k.columns[0]}, Detail: clip(v.Name) + " is " + clip(k.columns[0]) + " of the keys",
			Evidence: []Number{{"share_of_equal_values", same}, {"kappa", kappa}, {"rows", float64(rows)}},
		})
		return true
	}
	return false
}

// manyValues are more than kinds of hosts there are, systems and roles; and of these most hosts have a few, so
// that two rows have the same value more often than manyShare.
const (
	manyValues = 20
	manyShare  = 0.1
)

// relation judges how a column and a key go together, and reports whether that says enough.
func (j *judge) relation(v *verdict, g *grouping, r relation) bool {
	switch {
	case g.capture() && r.constant(0.999, 0.9) && r.distinct >= 3 && v.sample.num != nil:
		j.related(v, g, &r, CaptureAggregate, Warning, "is one number in all rows of a "+g.name)
	case r.copies(g) && (g.kind != portKey || r.distinct > manyValues):
		j.related(v, g, &r, KeyCopy, Warning, "and the "+g.name+" of a row tell one another")
	case g.kind == hostKey && r.constant(0.999, manyShare) && r.distinct >= manyValues:
		j.related(v, g, &r, CaptureAggregate, Warning, "is one value in all rows of "+article(g.name)+", and others in others")
	case g.kind == HostOverlap || g.kind == GroupOverlap:
		return r.constant(0.98, 0.8) && j.hostly(v, g, &r)
	default:
		return false
	}
	return true
}

// hostly judges columns that are the same in all flows of a host: how its system is set up makes some so.
func (j *judge) hostly(v *verdict, g *grouping, r *relation) bool {
	switch {
	case v.likeTTL():
		j.related(v, g, r, Identifier, Warning, "has values like those of a TTL, one for each "+g.name)
	case r.distinct >= manyValues && r.same <= manyShare:
		j.related(v, g, r, HostConstant, Warning, "is one value in all rows of one "+g.name+", and many values in all")
	default:
		j.related(v, g, r, HostConstant, Note, "is one value in all rows of one "+g.name)
	}
	return true
}

// related reports a column that goes with a key.
func (j *judge) related(v *verdict, g *grouping, r *relation, kind Kind, s Severity, detail string) {
	v.names, v.why = true, "it goes with the "+g.name+" of the row"
	j.report.add(Finding{
		Kind: kind, Severity: s, Columns: append([]string{v.Name}, g.columns...), Detail: clip(v.Name) + " " + detail,
		Evidence: []Number{{"same_value_within", r.within}, {"same_value_by_chance", r.same}, {"distinct_values", float64(r.distinct)}, {"groups", float64(g.groups)}},
	})
}

func (j *judge) time(v *verdict) {
	rho, rows := timeOrder(&v.sample, j.s)
	if v.Role != column.Feature || rows < leastLooks || rho < mostly {
		return
	}
	v.names, v.why = true, "it goes with time"
	j.add(Identifier, Warning, v.columnScan, "rises or falls with the time of the row within classes, as an absolute time or a count does",
		Number{"rank_correlation", rho}, Number{"rows", float64(rows)})
}

// label judges what the column tells of the label.
func (j *judge) label(v *verdict) {
	if slices.Contains(j.d.Predicates, v.Name) || slices.Contains(j.cfg.Predicates, v.Name) {
		j.add(LabelPredicate, Warning, v.columnScan, "is asked by the rules that made the label")
	}
	r, ok := j.predictor.predict(&v.sample, &v.ordered, v.ids)
	if !ok {
		return
	}
	evidence := r.evidence()
	one := j.l.classes[r.one].shown()
	switch {
	case r.mistaken == 0 && r.seen == r.classes || j.spells(v):
		j.add(LabelCopy, Error, v.columnScan, "and the label tell one another in every sampled row", evidence...)
	case r.derived():
		j.add(LabelDerived, Warning, v.columnScan, "alone tells the label of all rows, or of all but one in a thousand", evidence...)
	case r.valued >= j.cfg.Accuracy && r.valued >= r.binned+0.1 && v.sample.num != nil && r.seen > manyValues:
		j.add(MemorisedValues, Warning, v.columnScan,
			fmt.Sprintf("tells the label by single values (balanced accuracy %s), and not by how large they are (%s)", short(r.valued), short(r.binned)), evidence...)
	case r.binned >= j.cfg.Accuracy && v.names:
		j.add(Shortcut, Warning, v.columnScan, fmt.Sprintf("alone tells the label with balanced accuracy %s, and %s", short(r.binned), v.why), evidence...)
	case r.binned >= j.cfg.Accuracy:
		j.add(Shortcut, Note, v.columnScan, fmt.Sprintf("alone tells the label with balanced accuracy %s", short(r.binned)), evidence...)
	case r.oneSplit >= j.cfg.Accuracy && v.names:
		j.add(Shortcut, Warning, v.columnScan, fmt.Sprintf("tells %s from all others with one split, balanced accuracy %s, and %s", one, short(r.oneSplit), v.why), evidence...)
	case r.oneSplit >= j.cfg.Accuracy:
		j.add(Shortcut, Note, v.columnScan, fmt.Sprintf("tells %s from all others with one split, balanced accuracy %s", one, short(r.oneSplit)), evidence...)
	}
}

func (r *prediction) evidence() []Number {
	all := []Number{
		{"balanced_accuracy", r.binned}, {"balanced_accuracy_of_one_split", r.oneSplit}, {"balanced_accuracy_by_single_values", r.valued},
		{"mutual_information_bits", r.bits}, {"label_entropy_bits", r.entropy}, {"measured_rows", float64(r.rows)}, {"classes", float64(r.classes)},
	}
	if !math.IsNaN(r.at) {
		all = append(all, Number{"split_at", r.at})
	}
	return all
}

// spells reports whether the column's texts are the names of the rows' classes.
func (j *judge) spells(v *verdict) bool {
	if !textual(v.Type) || len(j.l.classes) < 2 {
		return false
	}
	same, n := 0, 0
	for i, h := range v.sample.hash {
		if !v.sample.null[i] {
			n++
			if h == hashText(j.l.classes[j.s.class[i]].Name) {
				same++
			}
		}
	}
	return n >= leastMeasured && float64(same) >= mostly*float64(n) && 2*n >= len(v.sample.hash)
}

// nulls judges whether it tells the label that the column is null: of all rows.
func (j *judge) nulls(c *columnScan) {
	best, class, classes := 0.5, -1, 0
	for k := range j.l.classes {
		if sideRows(&j.l.classes[k], 0) < leastMeasured || sideRows(&j.l.classes[k], 1) < leastMeasured {
			continue
		}
		classes++
		if b := j.nullAccuracy(c, k); b > best {
			best, class = b, k
		}
	}
	if class < 0 || classes < 2 || best < j.cfg.Accuracy {
		return
	}
	severity := Note
	if best >= nearlyAll || classes == 2 && !j.documented {
		severity = Warning
	}
	j.add(NullShortcut, severity, c, fmt.Sprintf("is null, or is not, in %s alone: balanced accuracy %s", j.l.classes[class].shown(), short(best)), Number{"balanced_accuracy", best})
}

// nullAccuracy is the balanced accuracy, outside training, of telling class k by null from the others, each of
// which counts alike; the rule's direction is that of training.
func (j *judge) nullAccuracy(c *columnScan, k int) float64 {
	var own, rest [2]float64
	others := 0.0
	for o := range j.l.classes {
		if sideRows(&j.l.classes[o], 0) < leastMeasured || sideRows(&j.l.classes[o], 1) < leastMeasured {
			continue
		}
		if o != k {
			others++
		}
		for side := range own {
			share := float64(c.nulls[side][o]) / float64(sideRows(&j.l.classes[o], side))
			if o == k {
				own[side] = share
			} else {
				rest[side] += share
			}
		}
	}
	if others == 0 {
		return 0.5
	}
	return 0.5 + math.Copysign(0.5, own[0]-rest[0]/others)*(own[1]-rest[1]/others)
}
