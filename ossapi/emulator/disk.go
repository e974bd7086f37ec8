package emulator

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// How things lie on disk:
//
//	buckets/NAME/bucket.json
//	buckets/NAME/uploads/UPLOADID/upload.json   and one file for each part, see part.fileName
//	buckets/NAME/objects/ID/object.json         and the files its manifest names
//	tmp/                                        what is not (or no longer) anything; emptied at start
//
// Everything is prepared under tmp and appears by one rename, and disappears by the removal of its JSON or a rename into tmp.
// So a process killed at any moment leaves whole things only. Nothing is synced: a power cut may cost data, which is no concern
// of a test server.
const (
	bucketsDir = "buckets"
	uploadsDir = "uploads"
	objectsDir = "objects"
	tempDir    = "tmp"
	bucketFile = "bucket.json"
	uploadFile = "upload.json"
	objectFile = "object.json"
)

const (
	dirMode  fs.FileMode = 0o700
	fileMode fs.FileMode = 0o600
)

// bodyKind says what stands for the bytes of a part or an object.
type bodyKind string

const (
	bodyStored    bodyKind = "s" // a file with the bytes
	bodyZeros     bodyKind = "z" // an empty file: that many zero bytes
	bodyDiscarded bodyKind = "d" // an empty file: a sink threw the bytes away
)

// part is an uploaded part. It never changes: a part sent again is another one.
type part struct {
	number   int
	kind     bodyKind
	size     int64
	modified time.Time
	seq      uint64 // grows with each part the server takes; of two files of one number the higher is the part
	etag     string // without quotes
	crc      uint64
	hasCRC   bool
}

// fileName carries everything known about a part, so that one rename publishes bytes and facts together.
func (p *part) fileName() string {
	crc := "-"
	if p.hasCRC {
		crc = strconv.FormatUint(p.crc, 16)
	}
	return fmt.Sprintf("%05d.%s.%d.%d.%d.%s.%s", p.number, p.kind, p.size, p.modified.UnixNano(), p.seq, crc, url.PathEscape(p.etag))
}

// parsePartName reads a file name back; ok is false for any other file.
func parsePartName(name string) (p *part, ok bool) {
	field := strings.SplitN(name, ".", 7)
	if len(field) != 7 {
		return nil, false
	}
	p = &part{kind: bodyKind(field[1])}
	var errs [6]error
	var nano int64
	p.number, errs[0] = strconv.Atoi(field[0])
	p.size, errs[1] = strconv.ParseInt(field[2], 10, 64)
	nano, errs[2] = strconv.ParseInt(field[3], 10, 64)
	p.seq, errs[3] = strconv.ParseUint(field[4], 10, 64)
	if field[5] != "-" {
		p.hasCRC = true
		p.crc, errs[4] = strconv.ParseUint(field[5], 16, 64)
	}
	p.etag, errs[5] = url.PathUnescape(field[6])
	p.modified = time.Unix(0, nano).UTC()
	return p, errors.Join(errs[:]...) == nil
}

// newID returns n random bytes in upper-case hex.
func newID(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return strings.ToUpper(hex.EncodeToString(b))
}

// tempFile opens a new file that nobody sees until it is renamed.
func (st *store) tempFile() (*os.File, error) {
	return os.OpenFile(st.tempPath(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
}

func (st *store) tempPath() string { return filepath.Join(st.root, tempDir, newID(12)) }

// prepareDir makes a directory under tmp that holds document as the file name; it appears where it belongs by a rename.
func (st *store) prepareDir(name string, document any) (string, error) {
	dir := st.tempPath()
	if err := os.Mkdir(dir, dirMode); err != nil {
		return "", err
	}
	if err := writeJSON(filepath.Join(dir, name), document); err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	return dir, nil
}

// placeDir is prepareDir and the rename to target.
func (st *store) placeDir(target, name string, document any) error {
	dir, err := st.prepareDir(name, document)
	if err != nil {
		return err
	}
	if err := os.Rename(dir, target); err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	return nil
}

// writeJSON writes a file that is not yet visible under its directory.
func writeJSON(path string, document any) error {
	data, err := json.Marshal(document)
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, fileMode)
}

// replaceJSON writes a file in a directory that is visible: whole or not at all.
func (st *store) replaceJSON(path string, document any) error {
	temp := st.tempPath()
	if err := writeJSON(temp, document); err != nil {
		return errors.Join(err, os.RemoveAll(temp))
	}
	return os.Rename(temp, path)
}

func readJSON(path string, document any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, document); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// touch creates the empty file that stands for bytes which are not kept.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, fileMode)
	if err != nil {
		return err
	}
	return f.Close()
}
