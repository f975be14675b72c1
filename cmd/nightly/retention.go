package nightly

import (
	"errors"
	"fmt"
	"time"

	"pcapmill/outputs/publish"
	"pcapmill/outputs/strictyaml"
)

// Retention says what goes. What a zero Keep says nothing of stays.
type Retention struct {
	Tables    Keep
	Reports   Keep
	Baselines Keep          // of single nights; those in use stay
	Reserve   int64         // bytes of free space; 0: none
	Captures  time.Duration // age from which captures go that were read completely; 0: never
}

// Keep bounds what is kept of one kind.
type Keep struct {
	Age   time.Duration // by the begin of the night
	Size  int64         // bytes of all
	Count int           // nights
}

// leastAge keeps a typing error from deleting what was made a minute ago.
const leastAge = day

func (r *Retention) keys() strictyaml.Keys {
	return strictyaml.Keys{
		"tables":    r.Tables.read("tables"),
		"reports":   r.Reports.read("reports"),
		"baselines": r.Baselines.read("baselines"),
		"reserve":   bytesOf(&r.Reserve),
		"captures": func(n strictyaml.Node) error {
			return strictyaml.Mapping(n, "captures", strictyaml.Keys{"delete_after": duration(&r.Captures)})
		},
	}
}

func (k *Keep) read(name string) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		return strictyaml.Mapping(n, name, strictyaml.Keys{"age": duration(&k.Age), "size": bytesOf(&k.Size), "count": count(&k.Count)})
	}
}

func (r *Retention) validate() error {
	for _, age := range []time.Duration{r.Tables.Age, r.Reports.Age, r.Baselines.Age, r.Captures} {
		if age != 0 && age < leastAge {
			return fmt.Errorf("retention: %v is less than a day", age)
		}
	}
	if _, _, err := publish.Space("."); r.Reserve > 0 && err != nil {
		return errors.New("retention: reserve: this system does not say how much is free")
	}
	return nil
}
