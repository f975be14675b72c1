// Package notify tells a service manager how a daemon is doing, by the protocol of
// sd_notify(3): datagrams of NAME=value lines to the Unix socket that $NOTIFY_SOCKET
// names, a path or an abstract name ("@…").
//
//	READY=1      up: what waits for this unit may start
//	STATUS=…     one line for systemctl status
//	WATCHDOG=1   alive: systemd restarts a unit that stays silent
//	STOPPING=1   on the way down
//
// Without a manager every call does nothing, so callers need not ask. The socket is
// connected by Open, so that a sandbox may close the file system afterwards.
package notify
