package main

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/alecthomas/kong"
)

// pathPlaces are the placeholders of flags that name files and folders.
var pathPlaces = []string{"FILE", "DIR", "FOLDER", "CAPTURE", "OUT", "PATH"}

// pathType is the kong type of arguments that name files and folders.
const pathType = "pcapmill path"

// keepPaths has names of files and folders read as they are. kong hands texts over as JSON, in which
// bytes that are no UTF-8 are replaced: the name is then another file's.
func keepPaths(k *kong.Kong) error {
	return kong.Visit(k.Model, func(node kong.Visitable, next kong.Next) error {
		if v, is := node.(*kong.Value); is && (v.Flag == nil || slices.Contains(pathPlaces, v.Flag.PlaceHolder)) {
			switch of := v.Target.Type(); {
			case of.Kind() == reflect.String:
				v.Mapper = kong.MapperFunc(readPath)
			case of == reflect.TypeFor[[]string]():
				v.Tag.Type = pathType // by which its elements are read
			}
		}
		return next(nil)
	})
}

// readPath reads a name as it is on the command line.
func readPath(ctx *kong.DecodeContext, target reflect.Value) error {
	token, err := ctx.Scan.PopValue("string")
	if err == nil {
		target.SetString(fmt.Sprint(token.Value))
	}
	return err
}
