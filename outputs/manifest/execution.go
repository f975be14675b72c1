package manifest

import (
	"os"

	"pcapmill/outputs/text"
)

// HostName is the machine's name, which may have any bytes, escaped; empty where it cannot be found out.
func HostName() string {
	name, _ := os.Hostname() //nolint:errcheck // empty then
	return text.Escape(name)
}

// Execution is execution.json: one execution of a run. Nothing in a table or in
// manifest.json depends on it.
type Execution struct {
	SchemaVersion int    `json:"schema_version"`
	SelfSHA256    string `json:"execution_sha256"` // set by Encode
	RunID         string `json:"run_id"`
	PlanID        string `json:"plan_id"`
	RunKey        string `json:"run_key"` // see RunKey

	StartedAt string `json:"started_at"` // RFC 3339, UTC
	EndedAt   string `json:"ended_at"`
	WallNs    int64  `json:"wall_ns"` // by the monotonic clock
	UserNs    int64  `json:"cpu_user_ns"`
	SystemNs  int64  `json:"cpu_system_ns"`
	PeakRSS   int64  `json:"peak_rss_bytes"`

	Host        string            `json:"host"`
	OS          string            `json:"os"`
	Arch        string            `json:"arch"`
	Kernel      string            `json:"kernel,omitempty"`
	CPUs        int               `json:"cpus"`
	User        string            `json:"user"`
	UID         int               `json:"uid"`
	PID         int               `json:"pid"`
	BuildID     string            `json:"build_id,omitempty"` // of the program, as go tool buildid prints it
	Command     []string          `json:"command"`            // escaped, without secrets
	WorkingDir  string            `json:"working_dir"`
	WorkingHex  string            `json:"working_dir_hex,omitempty"`
	Workers     int               `json:"workers"`
	MemoryBytes int64             `json:"memory_bytes,omitempty"`   // limit in force
	Options     map[string]string `json:"options,omitempty"`        // those that change no row
	Origins     map[string]string `json:"option_origins,omitempty"` // flag, environment, file or default, of all options
	Case        map[string]string `json:"case,omitempty"`           // number, exhibit, examiner, authority, purpose

	Stamps   []Stamp  `json:"input_stamps"`
	Resumes  []Resume `json:"resumes,omitempty"`
	Warnings []string `json:"warnings"`
	ExitCode int      `json:"exit_code"`
}

// Resume is an earlier execution that left the folder unfinished.
type Resume struct {
	StartedAt string `json:"started_at"`
	PID       int    `json:"pid"`
	Removed   int    `json:"removed_files"` // of its files, that were cleared away
}
