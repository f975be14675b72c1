//go:build !linux || nounsafe

package sandbox

import "runtime"

// Analysis does nothing on this system, or without package unsafe, and says so.
func Analysis(cfg Config) (Report, error) { return nothing(cfg) }

// Capture does nothing on this system, or without package unsafe, and says so.
func Capture(cfg Config) (Report, error) { return nothing(cfg) }

func nothing(cfg Config) (Report, error) {
	report := Report{Mode: cfg.Mode.name()}
	if err := cfg.Validate(); err != nil || cfg.Mode == Off {
		return report, err
	}
	report.Missing = []string{"the sandbox needs Linux"}
	if runtime.GOOS == "linux" {
		report.Missing = []string{"the sandbox needs package unsafe, which the build tag nounsafe leaves out"}
	}
	return report.demand()
}
