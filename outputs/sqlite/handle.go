package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// pageSize of what is written: rows of flows have some 800 bytes, of which pages of 4 KiB
// leave a tenth unused.
const pageSize = 8192

// CacheBytes is the page cache of a database that is written. It is also what sorts an index
// before it spills.
const CacheBytes = 2 << 20

// handle is a connection that writes. It speaks to the driver without database/sql, whose
// conversions cost as much as an insert.
type handle struct {
	conn driver.Conn
}

// openHandle opens a file that is there and empty.
func openHandle(path string) (handle, error) {
	conn, err := new(sqlite.Driver).Open(location(path) + "?mode=rw")
	if err != nil {
		return handle{}, explain(err)
	}
	h := handle{conn}
	for _, pragma := range []string{
		"page_size=" + strconv.Itoa(pageSize), "encoding='UTF-8'", "auto_vacuum=NONE",
		"journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE",
		"cache_size=-" + strconv.Itoa(CacheBytes>>10), "temp_store=FILE",
	} {
		if err := h.exec("PRAGMA " + pragma); err != nil {
			return handle{}, errors.Join(err, h.close())
		}
	}
	return h, nil
}

// location is a path as a URI, in which no character of it means anything else.
func location(path string) string {
	return "file:" + (&url.URL{Path: filepath.ToSlash(filepath.Clean(path))}).EscapedPath()
}

func (h handle) exec(query string, args ...driver.NamedValue) error {
	_, err := h.conn.(driver.ExecerContext).ExecContext(context.Background(), query, args)
	return explain(err)
}

func (h handle) prepare(query string) (driver.StmtExecContext, error) {
	stmt, err := h.conn.Prepare(query)
	if err != nil {
		return nil, explain(err)
	}
	return stmt.(driver.StmtExecContext), nil
}

func (h handle) close() error { return explain(h.conn.Close()) }

// explain makes an error of the driver one that says what it is in the words of the system.
func explain(err error) error {
	var e *sqlite.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case lib.SQLITE_FULL:
		return syscall.ENOSPC
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
		return fmt.Errorf("%w: %s", ErrFormat, e.Error())
	}
	return err
}

// quote makes an identifier of a name.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
