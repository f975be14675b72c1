package source_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"pcapmill/datasets/label"
	"pcapmill/datasets/label/source"
)

func packed(t *testing.T, content string) (gz, zst string) {
	t.Helper()
	var g, z bytes.Buffer
	gw := gzip.NewWriter(&g)
	_, err := gw.Write([]byte(content))
	err = errors.Join(err, gw.Close())
	zw, zerr := zstd.NewWriter(&z)
	if err := errors.Join(err, zerr); err != nil {
		t.Fatal(err)
	}
	_, err = zw.Write([]byte(content))
	if err := errors.Join(err, zw.Close()); err != nil {
		t.Fatal(err)
	}
	return g.String(), z.String()
}

// TestCompressedFilesSayTheSame and are hashed as they are stored.
func TestCompressedFilesSayTheSame(t *testing.T) {
	gz, zst := packed(t, eveAlert+"\n")
	for _, content := range []string{eveAlert + "\n", gz, zst} {
		set, err := read(t, "x", content, source.Options{})
		if err != nil {
			t.Error(err)
			continue
		}
		sum := sha256.Sum256([]byte(content))
		if s := set.Sources[0]; len(set.Events) != 1 || s.SHA256 != hex.EncodeToString(sum[:]) || s.Bytes != int64(len(content)) {
			t.Errorf("%+v", s)
		}
	}
	if _, err := read(t, "x", gz[:len(gz)-6], source.Options{}); !errors.Is(err, source.ErrOpen) {
		t.Errorf("cut gzip: %v", err)
	}
}

func TestSourcesKeepTheirOrder(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	for _, name := range []string{"b", "a"} {
		path := filepath.Join(dir, name)
		paths = append(paths, path)
		if err := os.WriteFile(path, []byte(eveAlert+"\n"+eveAlert), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err := source.Read(context.Background(), paths, source.Options{})
	if err != nil || len(set.Events) != 4 {
		t.Fatal(err)
	}
	for i, e := range set.Events {
		if e.Source != int32(i/2) || e.Line != int64(i%2+1) || set.Sources[e.Source].Path != paths[i/2] {
			t.Errorf("%+v", e)
		}
	}
}

func TestErrorsOfReading(t *testing.T) {
	eve := strings.Repeat(eveAlert+"\n", 3)
	for _, c := range []struct {
		name, content string
		o             source.Options
		want          error
		says          string
	}{
		{"unknown", "\x00\x01nothing known", source.Options{}, source.ErrFormat, "no format"},
		{"empty", " \n", source.Options{}, source.ErrContent, "it is empty"},
		{"empty rules", "", source.Options{Format: label.YAMLRules.String()}, source.ErrContent, "it is empty"},
		{"forced", eve, source.Options{Format: label.SuricataFast.String()}, source.ErrContent, "as suricata_fast"},
		{"no such format", eve, source.Options{Format: "suricata_evil"}, source.ErrOptions, "suricata_eve"},
		{"no such label", eve, source.Options{AlertLabel: "sid"}, source.ErrOptions, "sid"},
		{"no threshold", eve, source.Options{Threshold: new(math.NaN())}, source.ErrOptions, "no number"},
		{"limit", eve, source.Options{MaxEvents: 2}, source.ErrLimit, ":3 (offset "},
		{"zone", strings.Replace(eve, "+0200", "", 1), source.Options{}, source.ErrZone, ":1 (offset 0): times without a zone"},
		{"escaped", strings.Replace(eveAlert, "2001:0db8:0000:0000:0000:0000:0000:0001", `\u001b[31m`, 1), source.Options{}, source.ErrContent, `"\x1b[31m" is no address`},
	} {
		_, err := read(t, "a\nb", c.content, c.o)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := source.Read(context.Background(), []string{"/does/not/exist"}, source.Options{}); !errors.Is(err, source.ErrOpen) || !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if _, err := source.Read(context.Background(), []string{os.DevNull}, source.Options{}); !errors.Is(err, source.ErrOpen) {
		t.Errorf("a device: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, []byte(eve), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := source.Read(ctx, []string{path}, source.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

func TestRefusalsAreCountedAndTheFirstAreKept(t *testing.T) {
	set, err := read(t, "x", eveAlert+"\n"+strings.Repeat("{broken\n", 50), source.Options{})
	if err != nil || set.Sources[0].Refused != 50 || len(set.Sources[0].Refusals) != 20 || set.Sources[0].Refusals[19].Line != 21 {
		t.Errorf("%v %+v", err, set)
	}
}

// FuzzRead gives whole files, of any format, to the front door.
func FuzzRead(f *testing.F) {
	f.Add([]byte(eveAlert))
	f.Add([]byte(noticeHead))
	f.Add(scoreFile(f, []scored{{11, "scan", "recon", 0.75}, {12, "", "", -1}}))
	f.Add([]byte(pcapng(f, commented{[]byte("\x00\x00"), []string{"s=1,proc=x"}})))
	f.Add([]byte("05/06/2024-09:08:07.1  [**] [1:3:1] x [**] [Classification: x] [Priority: 3] {TCP} 10.0.0.1:1 -> 10.0.0.2:2"))
	path := filepath.Join(f.TempDir(), "x")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		set, err := source.Read(context.Background(), []string{path}, source.Options{Zone: time.UTC, MaxEvents: 1000, MaxScores: 1000})
		if err != nil {
			var there *source.Error
			if !errors.As(err, &there) || there.Path != path || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("%q", err)
			}
			return
		}
		s := set.Sources[0]
		if int64(len(set.Events)+len(set.Scores)) != s.Events || int64(len(set.Rules)) != s.Rules || s.Bytes != int64(len(data)) {
			t.Errorf("%+v", s)
		}
		for _, score := range set.Scores {
			if int(score.Meaning) >= len(set.Meanings) || set.Meanings[score.Meaning].Label == "" {
				t.Errorf("%+v", score)
			}
		}
	})
}
