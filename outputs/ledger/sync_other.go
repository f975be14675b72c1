//go:build !unix

package ledger

// syncFolder does nothing: folders cannot be synced there.
func syncFolder(string) error { return nil }
