package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"time"

	"pcapmill/model/baseline"
)

const nanosPerDay = 24 * int64(time.Hour)

// build adds the rows of hosts one host after the other.
func build(a *arguments) (map[string]float64, error) {
	schema, err := a.schema()
	if err != nil {
		return nil, err
	}
	table, err := baseline.TableOf(schema)
	if err != nil {
		return nil, err
	}
	c := baseline.DefaultConfig()
	c.Categories, table.Window = a.categories, 600e9
	b, err := baseline.New(c, table)
	if err != nil {
		return nil, err
	}
	for share := range a.shares {
		if a.share >= 0 && a.share != share {
			continue
		}
		source := baseline.Source{RunID: fmt.Sprint("hosts from ", a.from, " day ", a.day, " share ", share)}
		source.Hash = sha256.Sum256([]byte(source.RunID))
		if err := b.AddSource(source); err != nil {
			return nil, err
		}
	}
	p, err := simulate(table.Features)
	if err != nil {
		return nil, err
	}
	rows := 0
	for i := a.from; i < a.from+a.hosts; i++ {
		for k, r := range p.of(i, 0) {
			if a.share >= 0 && (i+k)%a.shares != a.share {
				continue
			}
			r.Host = address(i)
			r.Start += int64(a.day) * nanosPerDay
			if err := b.Add(&r); err != nil {
				return nil, err
			}
			rows++
		}
	}
	numbers, err := saved(b, a)
	if err != nil {
		return nil, err
	}
	numbers["features"], numbers["rows"] = float64(len(table.Features)), float64(rows)
	return numbers, nil
}

// saved writes a baseline, and returns its size.
func saved(b *baseline.Baseline, a *arguments) (map[string]float64, error) {
	begin := time.Now()
	if err := b.Save(a.output); err != nil {
		return nil, err
	}
	info, err := os.Stat(a.output)
	if err != nil {
		return nil, err
	}
	hosts := float64(b.Hosts())
	return map[string]float64{
		"hosts": hosts, "bytes": float64(info.Size()), "bytes_per_host": float64(info.Size()) / hosts, "save_seconds": time.Since(begin).Seconds(),
	}, nil
}

func merge(a *arguments) (map[string]float64, error) {
	var all *baseline.Baseline
	for _, name := range a.files {
		b, err := baseline.Load(name, baseline.DefaultFileBytes)
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = b
		} else if err := all.Merge(b); err != nil {
			return nil, err
		}
	}
	return saved(all, a)
}

func join(a *arguments) (map[string]float64, error) {
	var parts []baseline.Part
	var leave baseline.Leave
	var last baseline.Day
	for _, name := range a.files {
		f, err := baseline.Open(name, baseline.DefaultFileBytes)
		if err != nil {
			return nil, err
		}
		defer f.Close() //nolint:errcheck // only read
		parts, last = append(parts, f), max(last, f.Days()[len(f.Days())-1])
		for i := a.from; a.forget && i < a.from+f.Hosts(); i += 1000 {
			leave.Hosts = append(leave.Hosts, address(i))
		}
	}
	if a.drop {
		leave.Before = &last
	}
	joined, err := baseline.Join(a.output, leave, parts...)
	if err != nil {
		return nil, err
	}
	return map[string]float64{"hosts": float64(joined.Hosts), "forgot": float64(joined.Forgot)}, nil
}

// opened opens the file of a step, and says how long that took.
func opened(a *arguments) (*baseline.File, map[string]float64, error) {
	begin := time.Now()
	f, err := baseline.Open(a.files[0], baseline.DefaultFileBytes)
	if err != nil {
		return nil, nil, err
	}
	return f, map[string]float64{"hosts": float64(f.Hosts()), "open_seconds": time.Since(begin).Seconds()}, nil
}

// read asks for the answers and the medians of all features at Tuesday 10 UTC.
func read(a *arguments) (map[string]float64, error) {
	f, numbers, err := opened(a)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	features, answers := len(f.Table().Features), 0
	err = f.EachHost(context.Background(), func(v *baseline.HostView) error {
		for i := range features {
			if _, ok := v.Query(i, 34); ok {
				answers++
			}
			v.Histogram(i).Quantile(0.5)
		}
		return nil
	})
	numbers["answers"] = float64(answers)
	return numbers, err
}

func global(a *arguments) (map[string]float64, error) {
	f, numbers, err := opened(a)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	p, err := f.Profile(baseline.GlobalKey())
	if err != nil {
		return nil, err
	}
	numbers["windows"] = float64(p.Windows)
	return numbers, nil
}

func load(a *arguments) (map[string]float64, error) {
	begin := time.Now()
	b, err := baseline.Load(a.files[0], baseline.DefaultFileBytes)
	if err != nil {
		return nil, err
	}
	loaded := time.Since(begin).Seconds()
	return map[string]float64{"hosts": float64(b.Hosts()), "load_seconds": loaded}, b.Check()
}

func forget(a *arguments) (map[string]float64, error) {
	return change(a, func(b *baseline.Baseline) {
		for i := 0; i < b.Hosts(); i += 1000 {
			b.Forget(address(i))
		}
	})
}

func drop(a *arguments) (map[string]float64, error) {
	return change(a, func(b *baseline.Baseline) {
		days := b.Days()
		b.DropBefore(days[len(days)-1])
	})
}

func change(a *arguments, do func(*baseline.Baseline)) (map[string]float64, error) {
	b, err := baseline.Load(a.files[0], baseline.DefaultFileBytes)
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	do(b)
	took := time.Since(begin).Seconds()
	numbers, err := saved(b, a)
	if err != nil {
		return nil, err
	}
	numbers["change_seconds"] = took
	return numbers, nil
}
