package rules

import (
	"fmt"
	"time"
)

// Config bounds what applying rules takes.
type Config struct {
	Memory int64         // bytes of groups and events that wait, 1 MiB at least; profiles of hosts take up to 64 MiB more
	Late   time.Duration // how far behind the latest row rows may come once Memory is not enough
	Alerts int           // of a rule, the earliest; later ones are counted
}

// DefaultConfig has room for about half a million groups. Rows of flows come when flows end,
// so that their begins lie behind by an active timeout (30 minutes) and an idle one.
func DefaultConfig() Config {
	return Config{Memory: 256 << 20, Late: time.Hour, Alerts: 10_000}
}

// Validate reports values out of range.
func (c Config) Validate() error {
	switch {
	case c.Memory < 1<<20:
		return fmt.Errorf("%w: less than 1 MiB of memory", ErrConfig)
	case c.Late < 0:
		return fmt.Errorf("%w: rows cannot be late by %v", ErrConfig, c.Late)
	case c.Alerts < 1:
		return fmt.Errorf("%w: want one alert of a rule at least", ErrConfig)
	}
	return nil
}
