package stages

import (
	"fmt"
	"strings"
)

// KeyWords are the words of ParseKey.
func KeyWords() []string { return []string{"vlan", "tunnel"} }

// ParseKey returns what KeyWords ask for.
func ParseKey(words []string) (KeyParts, error) {
	var k KeyParts
	for _, word := range words {
		switch word {
		case "vlan":
			k.VLAN = true
		case "tunnel":
			k.Tunnel = true
		default:
			return KeyParts{}, fmt.Errorf("unknown part of the key %q; known are %s", word, strings.Join(KeyWords(), ", "))
		}
	}
	return k, nil
}

// String returns the words in a fixed order, joined by commas.
func (k KeyParts) String() string {
	var words []string
	if k.VLAN {
		words = append(words, "vlan")
	}
	if k.Tunnel {
		words = append(words, "tunnel")
	}
	return strings.Join(words, ",")
}
