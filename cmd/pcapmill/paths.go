package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/kong"
)

// pathPlaces are the placeholders of flags that name files and folders.
var pathPlaces = []string{"FILE", "DIR", "FOLDER", "CAPTURE", "OUT", "PATH"}

// pathType is the kong type of arguments that name files and folders.
const pathType = "pcapmill path"

// keepPaths has names of files and folders read as they are. kong hands texts over as JSON, in which
// bytes that are no UTF-8 are replaced: the name is then another file's. Of texts that are no names
// such bytes are refused, as a pattern would match nothing, and nobody would know why.
func keepPaths(k *kong.Kong) error {
	return kong.Visit(k.Model, func(node kong.Visitable, next kong.Next) error {
		if v, is := node.(*kong.Value); is {
			of := v.Target.Type()
			list := of == reflect.TypeFor[[]string]()
			switch path := v.Flag == nil || slices.Contains(pathPlaces, v.Flag.PlaceHolder); {
			case path && of.Kind() == reflect.String:
				v.Mapper = kong.MapperFunc(readPath)
			case path && list:
				v.Tag.Type = pathType // by which its elements are read
			case list, of.Kind() == reflect.String:
				v.Mapper = textMapper{v.Mapper, strings.HasPrefix(v.Flag.PlaceHolder, "GLOB")}
			}
		}
		return next(nil)
	})
}

// textMapper reads what is text, and no name of a file.
type textMapper struct {
	kong.Mapper
	glob bool // whether it is a pattern of names
}

// Decode implements kong.Mapper.
func (m textMapper) Decode(ctx *kong.DecodeContext, target reflect.Value) error {
	switch value, _ := ctx.Scan.Peek().Value.(string); {
	case utf8.ValidString(value):
		return m.Mapper.Decode(ctx, target)
	case m.glob:
		return fmt.Errorf("%q is no UTF-8; ? stands for a byte that is none", value)
	default:
		return fmt.Errorf("%q is no UTF-8", value)
	}
}

// readPath reads a name as it is on the command line.
func readPath(ctx *kong.DecodeContext, target reflect.Value) error {
	token, err := ctx.Scan.PopValue("string")
	if err == nil {
		target.SetString(fmt.Sprint(token.Value))
	}
	return err
}
