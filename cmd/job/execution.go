package job

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"os"
	"os/user"
	"runtime"
	"time"

	"pcapmill/features/flow/digest"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// stopwatch measures one execution.
type stopwatch struct{ start time.Time }

// execution fills execution.json. What cannot be found out stays empty: nothing
// depends on it.
func (w stopwatch) execution(o *Options, p *plan, sources []source, previous *manifest.Resume, binary *program) *manifest.Execution {
	user, system, rss := usage()
	e := &manifest.Execution{
		StartedAt: w.start.UTC().Format(time.RFC3339Nano), EndedAt: time.Now().UTC().Format(time.RFC3339Nano),
		WallNs: int64(time.Since(w.start)), UserNs: user, SystemNs: system, PeakRSS: rss,
		OS: runtime.GOOS, Arch: runtime.GOARCH, Kernel: kernel(), CPUs: runtime.NumCPU(),
		User: userName(), UID: os.Getuid(), PID: os.Getpid(), BinarySHA256: binary.hash(),
		Workers: o.Stages.Workers, Origins: o.Origins,
		Options: map[string]string{"input_hash": string(o.Input.Hash)},
		RunKey:  runKey(p.id, sources),
	}
	e.Host, _ = os.Hostname()
	for _, arg := range o.Command {
		e.Command = append(e.Command, text.Escape(arg))
	}
	if dir, err := os.Getwd(); err == nil {
		e.WorkingDir, e.WorkingHex = manifest.EncodePath(dir)
	}
	for _, s := range sources {
		e.Stamps = append(e.Stamps, manifest.NewStamp(s.name, s.bytes, s.modNs))
	}
	if previous != nil {
		e.Resumes = []manifest.Resume{*previous}
	}
	return e
}

func userName() string {
	if u, err := user.Current(); err == nil {
		return text.Escape(u.Username)
	}
	return ""
}

// program is the file of the running program. Its hash is found beside those of the
// tables, which costs a run little more than reading it.
type program struct {
	file *os.File
	sum  *digest.Beside
}

// openProgram never fails: of a program that cannot be read the hash is "".
func openProgram() *program {
	path, err := os.Executable()
	if err != nil {
		return &program{}
	}
	f, err := os.Open(path)
	if err != nil {
		return &program{}
	}
	return &program{f, digest.NewBeside(f)}
}

// beside returns the hash for a file of a table.
func (p *program) beside() hash.Hash {
	if p.sum == nil {
		return sha256.New()
	}
	return p.sum.Hash()
}

// hash returns the SHA-256 of the program, "" where it cannot be read.
func (p *program) hash() string {
	if p.sum == nil {
		return ""
	}
	sum, err := p.sum.Sum()
	if err != nil {
		return ""
	}
	return hex.EncodeToString(sum)
}

func (p *program) close() {
	if p.file != nil {
		_ = p.file.Close() // only read
	}
}
