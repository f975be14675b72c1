package junit_test

import (
	"encoding/xml"
	"errors"
	"strings"
	"testing"

	"pcapmill/outputs/junit"
)

// TestWrite sums cases up, and closes no element from within a text.
func TestWrite(t *testing.T) {
	var b strings.Builder
	err := junit.Write(&b, &junit.Report{Name: "all", Suites: []junit.Suite{
		{Name: "one", Timestamp: "2026-03-02T09:00:00", Properties: []junit.Property{{Name: "verdict", Value: "bad"}}, Cases: []junit.Case{
			{Class: "c", Name: "fails", Failure: &junit.Result{Type: "high", Message: `<&">`, Body: "]]></failure>"}},
			{Class: "c", Name: "passes", Out: "said"},
			{Class: "c", Name: "skipped", Skipped: &junit.Result{Message: "why"}},
		}},
		{Name: "two", Cases: []junit.Case{{Class: "c", Name: "fails", Failure: &junit.Result{}}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Suites   []struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Skipped  int `xml:"skipped,attr"`
			Cases    []struct {
				Failure string `xml:"failure"`
				Out     string `xml:"system-out"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(b.String()), &got); err != nil {
		t.Fatal(err)
	}
	one := got.Suites[0]
	if got.Tests != 4 || got.Failures != 2 || one.Tests != 3 || one.Failures != 1 || one.Skipped != 1 || one.Cases[0].Failure != "]]></failure>" || one.Cases[1].Out != "said" {
		t.Errorf("%+v of\n%s", got, b.String())
	}
	full := errors.New("full")
	if err := junit.Write(broken{full}, &junit.Report{}); !errors.Is(err, full) {
		t.Error(err)
	}
}

type broken struct{ err error }

func (b broken) Write([]byte) (int, error) { return 0, b.err }
