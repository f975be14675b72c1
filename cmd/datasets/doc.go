// Package datasets does what the commands about datasets ask for.
package datasets
