package rules_test

import (
	"strings"
	"testing"

	"pcapmill/model/rules"
)

func TestChoose(t *testing.T) {
	all, err := rules.LoadAll(nil, false)
	if err != nil || len(all) < 3 {
		t.Fatalf("%d rules, %v", len(all), err)
	}
	a, b := all[0].ID, all[1].ID
	if some, err := rules.Choose(all, []string{a, b}, []string{b}); err != nil || len(some) != 1 || some[0].ID != a {
		t.Errorf("%v, %v", some, err)
	}
	if rest, err := rules.Choose(all, nil, []string{b}); err != nil || len(rest) != len(all)-1 {
		t.Errorf("%d of %d, %v", len(rest), len(all), err)
	}
	if _, err := rules.Choose(all, nil, []string{a + "x"}); err == nil || !strings.Contains(err.Error(), "did you mean "+a) {
		t.Error(err)
	}
	if _, err := rules.LoadAll([]string{"no/such.yaml"}, true); err == nil {
		t.Error("a file that is not there was read")
	}
}
