// Package datasets is the work of the dataset commands, without flags: folders in, a folder out.
package datasets
