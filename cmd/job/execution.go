package job

import (
	"os"
	"os/user"
	"runtime"
	"time"

	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// stopwatch measures one execution.
type stopwatch struct{ start time.Time }

// execution fills execution.json. What cannot be found out stays empty: nothing
// depends on it.
func (w stopwatch) execution(o *Options, p *plan, sources []source, previous *manifest.Resume) *manifest.Execution {
	user, system, rss := usage()
	e := &manifest.Execution{
		StartedAt: w.start.UTC().Format(time.RFC3339Nano), EndedAt: time.Now().UTC().Format(time.RFC3339Nano),
		WallNs: int64(time.Since(w.start)), UserNs: user, SystemNs: system, PeakRSS: rss,
		OS: runtime.GOOS, Arch: runtime.GOARCH, Kernel: kernel(), CPUs: runtime.NumCPU(),
		User: userName(), UID: os.Getuid(), PID: os.Getpid(), BuildID: BuildID(),
		Workers: o.Stages.Workers, MemoryBytes: o.Memory, Origins: o.Origins,
		Options: map[string]string{"input_hash": string(o.Input.Hash)},
		RunKey:  runKey(p.id, sources),
	}
	e.Host = manifest.HostName()
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
