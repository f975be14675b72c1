//go:build !linux

package sandbox

// Analysis does nothing on this system and says so.
func Analysis(cfg Config) (Report, error) { return nothing(cfg) }

// Capture does nothing on this system and says so.
func Capture(cfg Config) (Report, error) { return nothing(cfg) }

func nothing(cfg Config) (Report, error) {
	report := Report{Mode: cfg.Mode.name()}
	if err := cfg.Validate(); err != nil || cfg.Mode == Off {
		return report, err
	}
	report.Missing = []string{"the sandbox needs Linux"}
	return report.demand()
}
