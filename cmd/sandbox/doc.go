// Package sandbox takes from a process what its work does not need, so that a mistake
// in a decoder, met with the packet that was made for it, gives its sender no more than
// a process that may write wrong tables.
//
// A part of live mode calls Analysis or Capture once, early in main: after flags are
// checked and folders are made, before the first packet is read. What is taken is gone
// for all threads, for good, in this order:
//
//	no_new_privs        a program started from here gains nothing (setuid, file capabilities)
//	Landlock            files: the named ones; TCP: bind to the named ports, connect to none;
//	                    no signals to others, no abstract sockets of others (ABI 6)
//	capabilities        bounding, ambient, inheritable, permitted and effective: none;
//	                    capture keeps CAP_NET_RAW
//	seccomp             no ptrace, exec, mount, namespaces, modules, bpf, io_uring, signals to
//	                    others; sockets of the families that are needed
//
// They overlap on purpose. Landlock knows files and seccomp does not; seccomp knows UDP,
// MPTCP and netlink sockets, which Landlock's rules for TCP leave alone (ABI 7).
//
// What the kernel lacks is named in the Report and, in mode Require, refused. Nothing is
// widened later: the kernel has no call for it, and a second call here is an error.
//
// A file rule holds for the file that had the name at the call. A file that another one
// takes the place of later (a list of rules, a baseline, read again on SIGHUP) must be
// among Reread, which opens its folder for reading.
//
// What stays possible: to change modes and times of files that the user owns (neither
// mechanism sees folders there), to use up memory and processor, which the systemd units
// of docs/systemd bound.
//
// Other systems have none of this: there a Report says so, and Require refuses.
//
// References: Linux Documentation/userspace-api/landlock.rst, seccomp_filter.rst,
// no_new_privs.rst; capabilities(7).
package sandbox
