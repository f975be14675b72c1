//go:build !unix

package checkpoint

// syncFolder does nothing: folders cannot be synced here.
func syncFolder(string) error { return nil }
