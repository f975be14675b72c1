package bench_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestMessagesAreForUsers: errors reach people who know flags and files, not our
// packages. Only a panic, which is for us, says whose it is.
func TestMessagesAreForUsers(t *testing.T) {
	files := 0
	err := walkSources(func(file string) error {
		if filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		files++
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, filepath.Join("..", file), nil, 0)
		if err != nil {
			return err
		}
		for _, text := range namingPackage(parsed) {
			t.Errorf("%s: %s begins with the name of its package", set.Position(text.Pos()), text.Value)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 100 {
		t.Errorf("only %d files seen", files)
	}
}

// namingPackage returns the texts that begin with the name of the file's package and a
// colon, but for those of panics.
func namingPackage(file *ast.File) []*ast.BasicLit {
	var found []*ast.BasicLit
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			callee, ok := n.Fun.(*ast.Ident)
			return !ok || callee.Name != "panic"
		case *ast.BasicLit:
			text, err := strconv.Unquote(n.Value)
			if n.Kind == token.STRING && err == nil && strings.HasPrefix(text, file.Name.Name+": ") {
				found = append(found, n)
			}
		}
		return true
	})
	return found
}

// TestTheMessageRuleBites feeds the check a file that it must refuse in two places.
func TestTheMessageRuleBites(t *testing.T) {
	const source = `package capfile
var errA = errors.New("capfile: cut short")
func f() error { panic("capfile: never"); panic(fmt.Sprint("capfile: never")); return fmt.Errorf("capfile: %w", errA) }
var errB = errors.New("a capfile: cut short")`
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	if found := namingPackage(file); len(found) != 2 {
		t.Errorf("%d texts found, want 2", len(found))
	}
}
