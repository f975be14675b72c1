package fingerprint_test

import (
	"testing"

	"pcapmill/features/record/fingerprint"
)

// TestAppendMD5 has a vector of RFC 1321 §A.5.
func TestAppendMD5(t *testing.T) {
	if got := string(fingerprint.AppendMD5([]byte("|"), []byte("message digest"))); got != "|f96b697d7cb7938d525a2f31aaf161d0" {
		t.Error(got)
	}
}
