package drift

import (
	"cmp"
	"fmt"
	"net/netip"

	"pcapmill/model/drift/stat"
)

// Config is how changes are judged.
type Config struct {
	Index  Bands // severity by drift index
	Effect Bands // severity of a finding by |Cohen's d|; below the first it is too small to count
	Spread Bands // the same by |ln| of the standard deviation's factor
	PSI    Bands // the same by PSI, less what it comes to where nothing changed
	Amount Bands // severity of a total by |ln| of its factor
	Factor Bands // the same of a ratio of two totals
	Share  Bands // the same by the share of hosts, of what hosts and keys are new or gone

	FalseRate float64 // of what is reported as drift, so large a share may be chance

	Bins  int // of the distribution of a feature's windows
	Draws stat.Draws

	Weights   Weights // of the drift index
	MostHosts int     // of a report
	MostItems int

	Asked []netip.Addr // hosts, each once, of whom the report says how much is known; see Report.Asked
}

// DefaultConfig has NetDNA's bands. Those of effect and PSI agree with one another: a
// normal distribution that moves by d standard deviations has a PSI of d². So Cohen's
// medium effect of 0.5 is the common bound 0.25 of PSI, and 0.32 is 0.1.
func DefaultConfig() Config {
	return Config{
		Index:     Bands{2, 3, 4, 5},
		Effect:    Bands{0.32, 0.5, 1, 2},
		Spread:    Bands{0.3, 0.47, 0.8, 1.4},
		PSI:       Bands{0.1, 0.25, 1, 4},
		Amount:    Bands{0.26, 0.5, 0.9, 1.6},
		Factor:    Bands{0.22, 0.34, 0.69, 1.4},
		Share:     Bands{0.05, 0.1, 0.25, 0.5},
		FalseRate: 0.05,
		Bins:      10,
		Draws:     stat.DefaultDraws(),
		Weights:   DefaultWeights(),
		MostHosts: 50,
		MostItems: 200,
	}
}

// Validate says what is wrong.
func (c Config) Validate() error {
	if err := cmp.Or(c.Index.validate("index"), c.Effect.validate("effect"),
		c.Spread.validate("spread"), c.PSI.validate("PSI"), c.Amount.validate("amount"), c.Factor.validate("factor"), c.Share.validate("share")); err != nil {
		return err
	}
	switch {
	case !(c.FalseRate > 0 && c.FalseRate < 1):
		return fmt.Errorf("rate of false findings %v is not between 0 and 1", c.FalseRate)
	case c.MostHosts < 1 || c.MostItems < 1:
		return fmt.Errorf("a report of %d hosts and %d items says nothing", c.MostHosts, c.MostItems)
	case c.Bins < 2 || c.Bins > 100:
		return fmt.Errorf("%d bins: 2 to 100 can be compared", c.Bins)
	case c.Draws.Most < 999 || c.Draws.Enough < 1:
		return fmt.Errorf("%d draws cannot tell a p-value of 0.001", c.Draws.Most)
	}
	return nil
}
