package traffic

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"time"

	"pcapmill/ingest/packet"
)

// WeekConfig describes a Week. DefaultWeekConfig fills it.
type WeekConfig struct {
	Seed    uint64
	Clients int     // of the network, 3 to 200
	Scale   float64 // how many conversations attacks have, 0.02 to 10: about 5,000 times that in all
	Calm    int     // hours with nothing but background, before the first attack of each day with any, 0 to 3
	Zone    string  // IANA name of the zone in which the attacks are scheduled and days begin
}

// DefaultWeekConfig returns a week of about 200 MB. Newfoundland's clocks are three and
// a half hours behind UTC, and two and a half from that week's Sunday at two in the night.
func DefaultWeekConfig() WeekConfig {
	return WeekConfig{Seed: 1, Clients: 20, Scale: 1, Calm: 1, Zone: "America/St_Johns"}
}

// Validate reports a configuration that describes no week.
func (c WeekConfig) Validate() error {
	switch {
	case c.Clients < weekVictims || c.Clients > maxClients:
		return fmt.Errorf("clients must be within %d and %d", weekVictims, maxClients)
	case !(c.Scale >= 0.02 && c.Scale <= 10):
		return errors.New("scale must be within 0.02 and 10")
	case c.Calm < 0 || c.Calm > 3:
		return errors.New("calm hours must be within 0 and 3")
	case c.Zone == "" || c.Zone == "Local":
		return errors.New("the week needs a zone with a name")
	}
	_, err := time.LoadLocation(c.Zone)
	return err
}

// WeekDays is the number of a week's days, each a capture.
const WeekDays = 7

// Week is the week of a network that begins on Monday 2026-03-02, local time, with
// attacks by a schedule and the rules that define them.
type Week struct {
	Zone  *time.Location
	Rules []WeekRule // in the order of the schedule
	Flows []WeekFlow // by first packet; complete when Write has returned

	cfg     WeekConfig
	net     *Network
	attacks []attack
	ports   map[netip.Addr]uint16 // counted up
	rng     random
	pending []Recorded // not yet written, of attacks from the beginning on
	nat     translation
}

// NewWeek returns a week whose attacks are made and whose background is not.
func NewWeek(cfg WeekConfig) (*Week, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(cfg.Zone)
	if err != nil {
		return nil, err
	}
	habits := DefaultNetworkConfig()
	habits.Seed, habits.Clients = cfg.Seed, cfg.Clients
	net, err := NewNetwork(habits)
	if err != nil {
		return nil, err
	}
	w := &Week{
		Zone: zone, cfg: cfg, net: net, ports: map[netip.Addr]uint16{},
		rng: numbers(cfg.Seed, 8), nat: newTranslation(),
	}
	w.schedule()
	for i := range w.attacks {
		a := &w.attacks[i]
		w.Rules = append(w.Rules, a.WeekRule)
		a.write(w, a)
	}
	return w, nil
}

// Seed returns the week's.
func (w *Week) Seed() uint64 { return w.cfg.Seed }

// at returns an instant of the week: a day from Monday, 0, on, and its local clock.
func (w *Week) at(day int, clock string) packet.Nanos {
	t, err := time.ParseInLocation("15:04", clock, time.UTC)
	if err != nil {
		panic(err) // the schedule is ours
	}
	return time.Date(2026, time.March, 2+day, t.Hour(), t.Minute(), 0, 0, w.Zone).UnixNano()
}

// Day returns on which of the week's days an instant is; negative or WeekDays and more
// where it is on none.
func (w *Week) Day(at packet.Nanos) int {
	y, m, d := time.Unix(0, at).In(w.Zone).Date()
	first := time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC)
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(first) / (24 * time.Hour))
}

// DayName is the name of a day's capture, without its suffix.
func (w *Week) DayName(day int) string {
	return time.Date(2026, time.March, 2+day, 0, 0, 0, 0, time.UTC).Format("Monday-2006-01-02")
}

// Write writes all packets in time order, each to the writer of its day. It is called
// once, as it takes the attacks' packets along.
func (w *Week) Write(days [WeekDays]PacketWriter) error {
	hours := w.hours()
	for i, index := range hours {
		start := networkStart + packet.Nanos(index)*hourLength
		truth, err := w.net.Hour(sides{w}, w.cfg.Seed, index, Change{})
		if err != nil {
			return err
		}
		w.background(truth.Conversations)
		until := start + hourLength - natDelay // the gateway's other side may have packets of the next hour earlier
		if i+1 == len(hours) {
			until = math.MaxInt64
		}
		if err := w.flush(days, until); err != nil {
			return err
		}
	}
	slices.SortStableFunc(w.Flows, func(a, b WeekFlow) int { return int(min(max(a.FirstNs-b.FirstNs, -1), 1)) })
	return nil
}

// hours lists the hours of the network that have a background: those in which there are
// packets of attacks, and calm ones before.
func (w *Week) hours() []int {
	var list []int
	for _, f := range w.pending {
		index := int((f.Time - networkStart) / hourLength)
		for i := index - w.cfg.Calm; i <= index; i++ {
			if i >= 0 && w.Day(networkStart+packet.Nanos(i)*hourLength) >= 0 {
				list = append(list, i)
			}
		}
		list = append(list, index)
	}
	quiet := int((w.at(0, "15:00") - networkStart) / hourLength) // nobody attacks on Monday, which has begun everywhere by then
	list = append(list, quiet)
	slices.Sort(list)
	return slices.Compact(list)
}

// flush writes the pending packets before an instant.
func (w *Week) flush(days [WeekDays]PacketWriter, until packet.Nanos) error {
	slices.SortStableFunc(w.pending, func(a, b Recorded) int { return int(min(max(a.Time-b.Time, -1), 1)) })
	n, _ := slices.BinarySearchFunc(w.pending, until, func(r Recorded, t packet.Nanos) int { return int(min(max(r.Time-t, -1), 1)) })
	for i := range w.pending[:n] {
		r := &w.pending[i]
		day := w.Day(r.Time)
		if day < 0 || day >= WeekDays {
			return fmt.Errorf("a packet at %v is on no day of the week", time.Unix(0, r.Time).In(w.Zone))
		}
		if err := days[day].WritePacket(r.Time, r.WireLen, r.Data); err != nil {
			return err
		}
	}
	w.pending = append(w.pending[:0:0], w.pending[n:]...)
	return nil
}
