package rules

import (
	_ "embed"
	"fmt"
)

//go:embed shipped.yaml
var shippedFile []byte

// Shipped returns the rules that come with pcapmill.
func Shipped() ([]*Rule, error) {
	rules, err := Parse("shipped.yaml", shippedFile)
	if err != nil {
		return nil, fmt.Errorf("the shipped rules: %w", err)
	}
	for _, r := range rules {
		r.Shipped = true
	}
	return rules, nil
}

// ShippedFile returns the text of their file, to be copied from.
func ShippedFile() []byte { return append([]byte(nil), shippedFile...) }
