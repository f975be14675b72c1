package drift

import (
	"math"
	"net/netip"
	"slices"

	"pcapmill/model/baseline"
)

// of returns the populations that a host belongs to.
func (j *judge) of(host netip.Addr) []*population {
	if host.IsPrivate() || host.IsLinkLocalUnicast() {
		return []*population{&j.people[everybody], &j.people[local]}
	}
	return []*population{&j.people[everybody]}
}

// count takes when a host of the baseline was there, and whether it is there now.
func (j *judge) count(v *baseline.HostView, rows []int32) {
	j.present(v.Host, len(rows), len(v.Hours))
	for _, p := range j.of(v.Host) {
		p.known++
		if len(rows) > 0 {
			p.now++
		}
		if len(v.Hours) == 1 {
			p.once++
		}
		for i := range v.Hours {
			h := p.hour(timeOf(&v.Hours[i]))
			h.hosts++
			h.windows = max(h.windows, v.Hours[i].Windows)
			if len(v.Hours) == 1 {
				h.once++
			}
		}
		p.presence = append(p.presence, presence{v.Host, int32(len(v.Hours)), len(rows) > 0})
	}
}

// present notes how much there is of a host, if it was asked for.
func (j *judge) present(host netip.Addr, windows, hours int) {
	if i := slices.Index(j.c.Asked, host); i >= 0 {
		j.presences[i].Windows, j.presences[i].Hours = windows, hours
	}
}

// presentBeyond is present of a host that the baseline does not keep by itself.
func (j *judge) presentBeyond(host netip.Addr, windows int) {
	if i := slices.Index(j.c.Asked, host); i >= 0 {
		j.presences[i].Windows, j.presences[i].Beyond = windows, true
	}
}

func timeOf(h *baseline.Hour) int64 { return int64(h.Day)*24 + int64(h.Hour) }

// welcome takes a host that the baseline does not have.
func (j *judge) welcome(host netip.Addr, rows []int32) {
	j.judged.NewHosts++
	j.present(host, len(rows), 0)
	for _, p := range j.of(host) {
		p.now++
		p.fresh++
		if len(p.first) < mostMovers {
			p.first = append(p.first, host)
		}
	}
	if len(j.newcomers) < j.c.MostHosts {
		j.newcomers = append(j.newcomers, newcomer{host, len(rows)})
	}
}

type newcomer struct {
	host    netip.Addr
	windows int
}

// total takes what a host adds to the totals; v is nil where the baseline lacks it.
func (j *judge) total(v *baseline.HostView, rows []int32) {
	j.before, j.now = cleared(j.before, len(j.kinds)), cleared(j.now, len(j.kinds))
	j.countWindows(rows)
	for i := range j.kinds {
		if !j.summed[i] {
			continue
		}
		for _, row := range rows {
			if x, ok := j.current.value(row, i); ok {
				j.now[i] += x
			}
		}
		if v != nil {
			j.before[i] = sumOf(v.Histogram(i), j.kinds[i].whole)
			j.follow(i, v.Cells(i))
		}
	}
	keep := len(rows) > 0 && hashOf(j.current.hosts[rows[0]])%j.oneHost == 0
	for _, t := range j.totals {
		if t.clients && !j.client(v != nil && len(rows) > 0) {
			continue
		}
		z := [sides]float64{nowY: j.now[t.y], beforeY: j.before[t.y]}
		if t.x >= 0 {
			z[nowX], z[beforeX] = j.now[t.x], j.before[t.x]
		}
		t.add(z, keep)
		for _, row := range rows {
			t.see(j.current, row)
		}
	}
}

// countWindows counts the current windows as those of the baseline are, which does not know what
// windows hosts share: of each hour the most that one has.
func (j *judge) countWindows(rows []int32) {
	for i := 0; i < len(rows); {
		at, n := hourOf(j.current.starts[rows[i]]), uint64(0)
		for ; i < len(rows) && hourOf(j.current.starts[rows[i]]) == at; i++ {
			n++
		}
		j.most[at] = max(j.most[at], n)
	}
}

// windowsOf is how many current windows know a total.
func (j *judge) windowsOf(t *totaling) (n float64) {
	hours := map[int64]bool{}
	for start := range t.windows {
		hours[hourOf(start)] = true
	}
	for at := range hours {
		n += float64(j.most[at])
	}
	return n
}

// client reports whether the host at hand is on both sides, and began more flows than it
// answered.
func (j *judge) client(both bool) bool {
	return both && j.out >= 0 && j.in >= 0 && j.before[j.out] > j.before[j.in] && j.now[j.out] > j.now[j.in]
}

func cleared(sums []float64, n int) []float64 {
	sums = slices.Grow(sums[:0], n)[:n]
	clear(sums)
	return sums
}

// see takes a current row, for the course of the total within what is judged. One that does not
// know it, as of a run that did not read those messages, says nothing of it.
func (t *totaling) see(c *current, row int32) {
	y, known := c.value(row, t.y)
	if !known {
		return
	}
	w := t.windows[c.starts[row]]
	w[0] += y
	if t.x >= 0 {
		if x, ok := c.value(row, t.x); ok {
			w[1] += x
		}
	}
	t.windows[c.starts[row]] = w
}

// follow adds what a host of the baseline did by the hour, as far as its mean level tells:
// not how much that was, but how it compares from hour to hour.
func (j *judge) follow(feature int, cells []baseline.Cell) {
	course := j.courses[feature]
	if course == nil {
		course = map[int64]float64{}
		j.courses[feature] = course
	}
	scale := j.kinds[feature].scale
	for i := range cells {
		c := &cells[i]
		course[int64(c.Day)*24+int64(c.Hour)] += float64(c.N) * min(scale.Value(c.Mean()), mostValue)
	}
}

// mostValue is what histograms clamp values at: sums of it are numbers.
const mostValue = 1 << 64

// ofDay is the hour of the day of one since the epoch.
func ofDay(hour int64) int64 { return (hour%24 + 24) % 24 }

// daysOfHour is how many days must have an hour for it to be compared with its like.
const daysOfHour = 3

// span says how the baseline's hours vary in a feature, and what is usual at the hours of
// now: of the same hours of the day where there are enough, else of all. Hours that do not know
// the feature do not count.
func (j *judge) span(feature int) span {
	p := &j.people[everybody]
	s := span{rhythm: 1}
	byHour := map[int64][]float64{} // ln a window
	all, hours := 0.0, 0.0
	for _, at := range p.times() {
		y, known := j.courses[feature][at]
		if !known {
			continue
		}
		w := float64(p.hours[at].windows)
		s.before += w
		if y > 0 && w > 0 {
			byHour[ofDay(at)] = append(byHour[ofDay(at)], math.Log(y/w))
			all += y
			hours += w
		}
	}
	if hours == 0 { // there was nothing in any of them
		s.hours = float64(len(p.hours))
		return s
	}
	var rhythm, n float64
	squares := 0.0
	var rest []float64
	for hour := range int64(24) {
		like := byHour[hour]
		if len(like) < daysOfHour {
			rest = append(rest, like...)
			continue
		}
		squares += around(like)
		s.df += float64(len(like) - 1)
	}
	if len(rest) > 1 {
		squares += around(rest)
		s.df += float64(len(rest) - 1)
	}
	for _, at := range j.hours {
		like := byHour[ofDay(at)]
		n++
		if len(like) >= daysOfHour {
			rhythm += math.Exp(average(like)) / (all / hours)
			s.hours += float64(len(like))
		} else {
			rhythm++
			s.hours += float64(len(p.hours))
		}
	}
	s.rhythm, s.hours = rhythm/n, s.hours/n
	if s.df > 0 {
		s.spread = math.Sqrt(squares / s.df)
	}
	return s
}

func average(values []float64) (mean float64) {
	for _, x := range values {
		mean += x / float64(len(values))
	}
	return mean
}

func around(values []float64) (squares float64) {
	mean := average(values)
	for _, x := range values {
		squares += (x - mean) * (x - mean)
	}
	return squares
}
