//go:build !nounsafe

package sandbox

import (
	"errors"
	"fmt"
	"slices"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// policy is what sockets a part may make. Unix sockets are always among them, for
// sd_notify; IP sockets other than TCP are not: neither part sends packets.
type policy struct {
	packets bool // AF_PACKET and AF_NETLINK, for an interface
	streams bool // TCP, which Landlock limits to listening
}

// Offsets into struct seccomp_data: the number of the call, the architecture, and the
// lower half of an argument on little-endian machines.
const (
	dataCall = 0
	dataArch = 4
	dataArgs = 16
)

// denied are the calls that neither part has a use for and that reach beyond its files:
// other processes, other programs, the system as a whole, and io_uring, which makes
// calls that no filter sees. The list is of what is denied, not of what is allowed, for
// Go's runtime may need others tomorrow.
var denied = []uint32{
	unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PROCESS_MADVISE, unix.SYS_KCMP,
	unix.SYS_PIDFD_GETFD, unix.SYS_PIDFD_SEND_SIGNAL, unix.SYS_RT_SIGQUEUEINFO, unix.SYS_RT_TGSIGQUEUEINFO, unix.SYS_TKILL,
	unix.SYS_EXECVE, unix.SYS_EXECVEAT,
	unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT, unix.SYS_MOVE_MOUNT, unix.SYS_OPEN_TREE,
	unix.SYS_FSOPEN, unix.SYS_FSCONFIG, unix.SYS_FSMOUNT, unix.SYS_FSPICK, unix.SYS_MOUNT_SETATTR,
	unix.SYS_SETNS, unix.SYS_UNSHARE,
	unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE, unix.SYS_KEXEC_LOAD,
	unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_USERFAULTFD, unix.SYS_SECCOMP,
	unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER,
	unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_KEYCTL,
	unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_NAME_TO_HANDLE_AT, unix.SYS_FANOTIFY_INIT, unix.SYS_QUOTACTL, unix.SYS_MKNODAT,
	unix.SYS_REBOOT, unix.SYS_SWAPON, unix.SYS_SWAPOFF, unix.SYS_ACCT, unix.SYS_SYSLOG,
	unix.SYS_SETHOSTNAME, unix.SYS_SETDOMAINNAME, unix.SYS_VHANGUP, unix.SYS_PERSONALITY,
	unix.SYS_SETTIMEOFDAY, unix.SYS_CLOCK_SETTIME, unix.SYS_CLOCK_ADJTIME, unix.SYS_ADJTIMEX,
	unix.SYS_SETUID, unix.SYS_SETGID, unix.SYS_SETREUID, unix.SYS_SETREGID, unix.SYS_SETRESUID, unix.SYS_SETRESGID,
	unix.SYS_SETGROUPS, unix.SYS_SETFSUID, unix.SYS_SETFSGID,
}

// namespaces are the flags of clone(2) that make some. clone3(2) hides its flags behind
// a pointer, so it does not exist here; libraries and Go fall back on clone.
const namespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC |
	unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET

// seccomp installs the filter. It returns what is missing where the kernel or this
// architecture has none.
func seccomp(p policy) ([]string, error) {
	if auditArch == 0 {
		return []string{"no list of system calls for this architecture: seccomp is not used"}, nil
	}
	program, err := assemble(p.program(unix.Getpid()))
	if err != nil {
		return nil, err
	}
	switch err := setFilter(program); {
	case errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EINVAL):
		return []string{"this kernel has no seccomp filters"}, nil
	case err != nil:
		return nil, fmt.Errorf("installing the seccomp filter: %w", err)
	}
	return nil, nil
}

func assemble(program []bpf.Instruction) ([]unix.SockFilter, error) {
	raw, err := bpf.Assemble(program)
	if err != nil {
		return nil, fmt.Errorf("assembling the seccomp filter: %w", err)
	}
	out := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		out[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	return out, nil
}

var (
	allow  = bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW}
	refuse = bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)}
	absent = bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)}
	kill   = bpf.RetConstant{Val: unix.SECCOMP_RET_KILL_PROCESS}
)

// program is the filter. The pid is the one that may be signalled: our own.
func (p policy) program(pid int) []bpf.Instruction {
	out := []bpf.Instruction{
		bpf.LoadAbsolute{Off: dataArch, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: auditArch, SkipTrue: 1},
		kill, // calls by another numbering, such as 32 bit ones
		bpf.LoadAbsolute{Off: dataCall, Size: 4},
	}
	if foreignCalls != 0 {
		out = append(out, bpf.JumpIf{Cond: bpf.JumpLessThan, Val: foreignCalls, SkipTrue: 1}, absent)
	}
	for _, call := range slices.Concat(denied, deniedHere) {
		out = append(out, on(call, refuse)...)
	}
	out = append(out, on(unix.SYS_CLONE3, absent)...)
	out = append(out, on(unix.SYS_CLONE, argument(0), bpf.JumpIf{Cond: bpf.JumpBitsNotSet, Val: namespaces, SkipTrue: 1}, refuse, allow)...)
	for _, call := range []uint32{unix.SYS_KILL, unix.SYS_TGKILL} {
		out = append(out, on(call, argument(0), bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(pid), SkipTrue: 1}, refuse, allow)...)
	}
	out = append(out, on(unix.SYS_IOCTL, typing()...)...)
	out = append(out, on(unix.SYS_SOCKET, p.sockets()...)...)
	return append(out, allow)
}

// on wraps instructions that end in a verdict for one call.
func on(call uint32, body ...bpf.Instruction) []bpf.Instruction {
	skip := bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: call, SkipTrue: uint8(len(body))}
	return append([]bpf.Instruction{skip}, body...)
}

func argument(n uint32) bpf.Instruction { return bpf.LoadAbsolute{Off: dataArgs + 8*n, Size: 4} }

// typing refuses the two commands that put words into a terminal as if they were typed
// there: whoever started us would run them.
func typing() []bpf.Instruction {
	return []bpf.Instruction{
		argument(1),
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.TIOCSTI, SkipTrue: 1},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.TIOCLINUX, SkipTrue: 1},
		refuse,
		allow,
	}
}

// sockets decides by family, and for IP by type and protocol: MPTCP and SCTP are streams
// that Landlock's rules do not see.
func (p policy) sockets() []bpf.Instruction {
	families := []uint32{unix.AF_UNIX}
	if p.packets {
		families = append(families, unix.AF_PACKET, unix.AF_NETLINK)
	}
	out := []bpf.Instruction{argument(0)}
	for _, family := range families {
		out = append(out, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: family, SkipTrue: 1}, allow)
	}
	if !p.streams {
		return append(out, refuse)
	}
	const typeMask = 0xf // the rest are flags
	return append(out,
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.AF_INET, SkipTrue: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.AF_INET6, SkipTrue: 1},
		refuse,
		argument(1),
		bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: typeMask},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SOCK_STREAM, SkipTrue: 1},
		refuse,
		argument(2),
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: 0, SkipTrue: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.IPPROTO_TCP, SkipTrue: 1},
		refuse,
		allow,
	)
}
