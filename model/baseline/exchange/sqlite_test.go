package exchange_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite" // what others read databases with

	"pcapmill/model/baseline"
	"pcapmill/model/baseline/exchange"
)

func database(t *testing.T, b *baseline.Baseline) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "b.sqlite")
	if err := exchange.WriteSQLite(name, b); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestSQLiteAndBack gives the same bytes.
func TestSQLiteAndBack(t *testing.T) {
	b, want := example(t)
	name := database(t, b)
	back, err := exchange.ReadSQLite(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(encoded(t, back), want) {
		t.Error("other bytes")
	}
	again, err := os.ReadFile(database(t, back))
	if err != nil {
		t.Fatal(err)
	}
	if first, err := os.ReadFile(name); err != nil || !bytes.Equal(first, again) {
		t.Errorf("the database of the same baseline is another, %v", err)
	}
}

// change runs a statement on a database, as others can.
func change(t *testing.T, name, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	result, err := db.Exec(statement)
	if err != nil {
		t.Fatal(statement, err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		t.Fatal(statement, "changes nothing", err)
	}
}

// TestSQLiteNumbers are where SQL finds them.
func TestSQLiteNumbers(t *testing.T) {
	b, _ := example(t)
	db, err := sql.Open("sqlite", database(t, b))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	all, err := b.Profile(baseline.GlobalKey())
	if err != nil {
		t.Fatal(err)
	}
	for question, want := range map[string]uint64{
		"SELECT sum(windows) FROM hours":                                     all.Windows,
		"SELECT sum(known) FROM moments WHERE feature = 'outbound_ratio'":    all.Histogram(1).Count(),
		"SELECT sum(count) FROM histograms WHERE feature = 'outbound_ratio'": all.Histogram(1).Count(),
		"SELECT count(*) FROM blocks WHERE host = ''":                        2, // days of the rest
		"SELECT count(DISTINCT block) FROM categories":                       uint64(blocks(t, b)),
	} {
		var got uint64
		if err := db.QueryRow(question).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %d, %v; want %d", question, got, err, want)
		}
	}
}

func blocks(t *testing.T, b *baseline.Baseline) (n int) {
	t.Helper()
	if err := b.Blocks(func(*baseline.Block) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestSQLiteRefused: no number is another than it was.
func TestSQLiteRefused(t *testing.T) {
	b, _ := example(t)
	for statement, want := range map[string]error{
		"UPDATE hours SET windows = windows + 1 WHERE rowid = 1":                           exchange.ErrChanged,
		"UPDATE moments SET sum = sum + 1 WHERE rowid = 2":                                 exchange.ErrChanged,
		"DELETE FROM histograms WHERE rowid = 1":                                           exchange.ErrChanged,
		"INSERT INTO keys VALUES (1, 'service', 'tcp/1', 1)":                               exchange.ErrChanged,
		"UPDATE categories SET exact = 1 - exact":                                          exchange.ErrChanged,
		"UPDATE blocks SET date = '2026-01-01' WHERE rowid = 1":                            exchange.ErrChanged,
		"UPDATE blocks SET host = '10.9.9.9', block = 7 WHERE rowid = 3":                   exchange.ErrChanged,
		"UPDATE blocks SET packed = x'00' WHERE rowid = 1":                                 baseline.ErrCorrupt,
		"UPDATE blocks SET day = day + (1 << 40) WHERE rowid = 1":                          exchange.ErrFormat,
		"UPDATE blocks SET tags = '[' WHERE rowid = 1":                                     exchange.ErrFormat,
		"UPDATE blocks SET host = 'x' WHERE rowid = 1":                                     exchange.ErrFormat,
		"UPDATE about SET value = '{}'":                                                    exchange.ErrFormat,
		"UPDATE about SET value = json_set(value, '$.settings.hosts', 1)":                  baseline.ErrCorrupt,
		"UPDATE about SET value = json_set(value, '$.rest_hosts[0].day', 1)":               baseline.ErrCorrupt,
		"UPDATE about SET value = json_set(value, '$.rest_hosts[0].exact', json('false'))": exchange.ErrChanged,
		"UPDATE about SET key = 'x'":                                                       exchange.ErrFormat,
		"DELETE FROM about":                                                                exchange.ErrFormat,
		"DELETE FROM blocks WHERE rowid = 1":                                               exchange.ErrChanged,
	} {
		name := database(t, b)
		change(t, name, statement)
		if _, err := exchange.ReadSQLite(context.Background(), name); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", statement, err, want)
		}
	}
	newer := database(t, b)
	db, err := sql.Open("sqlite", newer)
	if err == nil {
		_, err = db.Exec("PRAGMA user_version = 2")
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exchange.ReadSQLite(context.Background(), newer); !errors.Is(err, exchange.ErrVersion) {
		t.Errorf("newer: %v", err)
	}
	foreign := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(foreign, []byte("SQLite format 3\x00 and no more"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := exchange.ReadSQLite(context.Background(), foreign); !errors.Is(err, exchange.ErrFormat) {
		t.Errorf("foreign: %v", err)
	}
}
