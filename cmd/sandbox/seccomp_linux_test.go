//go:build !nounsafe

package sandbox

import (
	"encoding/binary"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// verdict runs the filter over struct seccomp_data. The machine of x/net/bpf reads
// words big-endian as packets have them, so that is how they are laid out here.
func verdict(t *testing.T, p policy, arch, call uint32, args ...uint32) uint32 {
	t.Helper()
	vm, err := bpf.NewVM(p.program(4711))
	if err != nil {
		t.Fatal(err)
	}
	data := make([]byte, 64)
	binary.BigEndian.PutUint32(data[dataCall:], call)
	binary.BigEndian.PutUint32(data[dataArch:], arch)
	for i, a := range args {
		binary.BigEndian.PutUint32(data[dataArgs+8*i:], a)
	}
	out, err := vm.Run(data)
	if err != nil {
		t.Fatal(err)
	}
	return uint32(out)
}

func TestVerdicts(t *testing.T) {
	if auditArch == 0 {
		t.Skip("no list of calls for this architecture")
	}
	plain, listening, capturing := policy{}, policy{streams: true}, policy{packets: true}
	for _, c := range []struct {
		name string
		p    policy
		call uint32
		args []uint32
		want bpf.RetConstant
	}{
		{"read", plain, unix.SYS_READ, nil, allow},
		{"exec", plain, unix.SYS_EXECVE, nil, refuse},
		{"the last of the list", plain, unix.SYS_SETFSGID, nil, refuse},
		{"clone3", plain, unix.SYS_CLONE3, nil, absent},
		{"a thread", plain, unix.SYS_CLONE, []uint32{unix.CLONE_VM | unix.CLONE_THREAD | unix.CLONE_SIGHAND}, allow},
		{"a user namespace", plain, unix.SYS_CLONE, []uint32{unix.CLONE_VM | unix.CLONE_NEWUSER}, refuse},
		{"our own threads", plain, unix.SYS_TGKILL, []uint32{4711, 1, 23}, allow},
		{"another process", plain, unix.SYS_TGKILL, []uint32{4712, 1, 23}, refuse},
		{"all processes", plain, unix.SYS_KILL, []uint32{0xffffffff, 9}, refuse},
		{"our group", plain, unix.SYS_KILL, []uint32{0, 9}, refuse},
		{"size of a terminal", plain, unix.SYS_IOCTL, []uint32{1, unix.TIOCGWINSZ}, allow},
		{"typing", plain, unix.SYS_IOCTL, []uint32{1, unix.TIOCSTI}, refuse},
		{"pasting", plain, unix.SYS_IOCTL, []uint32{1, unix.TIOCLINUX}, refuse},
		{"unix", plain, unix.SYS_SOCKET, []uint32{unix.AF_UNIX, unix.SOCK_DGRAM}, allow},
		{"tcp", plain, unix.SYS_SOCKET, []uint32{unix.AF_INET, unix.SOCK_STREAM}, refuse},
		{"packets", plain, unix.SYS_SOCKET, []uint32{unix.AF_PACKET, unix.SOCK_RAW}, refuse},
		{"tcp to listen", listening, unix.SYS_SOCKET, []uint32{unix.AF_INET, unix.SOCK_STREAM | unix.SOCK_CLOEXEC | unix.SOCK_NONBLOCK, 0}, allow},
		{"tcp by name", listening, unix.SYS_SOCKET, []uint32{unix.AF_INET6, unix.SOCK_STREAM, unix.IPPROTO_TCP}, allow},
		{"mptcp", listening, unix.SYS_SOCKET, []uint32{unix.AF_INET6, unix.SOCK_STREAM, unix.IPPROTO_MPTCP}, refuse},
		{"udp", listening, unix.SYS_SOCKET, []uint32{unix.AF_INET, unix.SOCK_DGRAM}, refuse},
		{"netlink", listening, unix.SYS_SOCKET, []uint32{unix.AF_NETLINK, unix.SOCK_RAW}, refuse},
		{"packets to capture", capturing, unix.SYS_SOCKET, []uint32{unix.AF_PACKET, unix.SOCK_RAW}, allow},
		{"links to capture", capturing, unix.SYS_SOCKET, []uint32{unix.AF_NETLINK, unix.SOCK_RAW}, allow},
		{"raw IP to capture", capturing, unix.SYS_SOCKET, []uint32{unix.AF_INET, unix.SOCK_RAW}, refuse},
	} {
		if got := verdict(t, c.p, auditArch, c.call, c.args...); got != c.want.Val {
			t.Errorf("%s: %#x, not %#x", c.name, got, c.want.Val)
		}
	}
	if got := verdict(t, plain, auditArch^1, unix.SYS_READ); got != kill.Val {
		t.Errorf("another architecture: %#x", got)
	}
	if foreignCalls != 0 {
		if got := verdict(t, plain, auditArch, foreignCalls|unix.SYS_READ); got != absent.Val {
			t.Errorf("another numbering: %#x", got)
		}
	}
}

func TestEveryDeniedCallIsDenied(t *testing.T) {
	if auditArch == 0 {
		t.Skip("no list of calls for this architecture")
	}
	for _, call := range append(denied, deniedHere...) {
		if got := verdict(t, policy{packets: true, streams: true}, auditArch, call); got != refuse.Val {
			t.Errorf("call %d: %#x", call, got)
		}
	}
}
