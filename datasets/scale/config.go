package scale

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"pcapmill/outputs/text"
)

// Config says how numbers are scaled.
type Config struct {
	Method string // one of Methods
	Impute string // one of Imputations
	Log    bool   // sign(x)·log(1+|x|) of all numbers first
}

// Methods.
const (
	None     = "none"
	Standard = "standard" // (x - mean) / std
	MinMax   = "minmax"   // (x - min) / (max - min): outside 0 to 1 for values that no training row has
	Robust   = "robust"   // (x - median) / (q3 - q1)
)

// Imputations.
const (
	Mean   = "mean"
	Median = "median"
	Zero   = "zero"
)

// Methods returns their names, the default first.
func Methods() []string { return []string{None, Standard, MinMax, Robust} }

// Imputations returns their names, the default first.
func Imputations() []string { return []string{None, Mean, Median, Zero} }

// ErrConfig marks a wrong Config.
var ErrConfig = errors.New("wrong scaling")

// DefaultConfig returns the settings used when none are given.
func DefaultConfig() Config { return Config{Method: None, Impute: None} }

// Validate returns the first thing that is wrong, an ErrConfig.
func (c *Config) Validate() error {
	switch {
	case !slices.Contains(Methods(), c.Method):
		return fmt.Errorf("%w: %s is none of %s", ErrConfig, text.Escape(c.Method), strings.Join(Methods(), ", "))
	case !slices.Contains(Imputations(), c.Impute):
		return fmt.Errorf("%w: imputation %s is none of %s", ErrConfig, text.Escape(c.Impute), strings.Join(Imputations(), ", "))
	case c.Impute != None && c.Method == None:
		return fmt.Errorf("%w: values are imputed where they are scaled: choose how", ErrConfig)
	}
	return nil
}
