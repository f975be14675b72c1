package report_test

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"pcapmill/model/drift"
)

// TestDocsHaveEveryField holds the table of JSON fields in docs/drift.md to the report.
func TestDocsHaveEveryField(t *testing.T) {
	page, err := os.ReadFile("../../../docs/drift.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "\n### JSON\n")
	table, _, _ = strings.Cut(table, "\n### ")
	seen := map[reflect.Type]bool{}
	var look func(reflect.Type)
	look = func(typ reflect.Type) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || typ == reflect.TypeFor[time.Time]() || seen[typ] {
			return
		}
		seen[typ] = true
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			if !strings.Contains(table, "`"+name+"`") && !strings.Contains(table, "."+name+"`") && !strings.Contains(table, "`"+name+"[]`") && !strings.Contains(table, "."+name+"[]`") {
				t.Errorf("no %s of %s in docs/drift.md", name, typ)
			}
			look(typ.Field(i).Type)
		}
	}
	look(reflect.TypeFor[drift.Report]())
}
