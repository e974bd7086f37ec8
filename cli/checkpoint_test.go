package cli

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func hexMD5(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

const (
	ossutilCheckpoint = `{"Magic":"FE8BB4EA-B593-4FAC-AD7A-2459A36E2E62","MD5":"x","FilePath":%q,"FileStat":{"Size":1,"LastModified":"2024-01-01T00:00:00Z","MD5":""},"ObjectKey":%q,"UploadID":%q,"Parts":[{"Chunk":{"Number":1,"Offset":0,"Size":9},"Part":{"XMLName":{"Space":"","Local":""},"PartNumber":0,"ETag":""},"IsCompleted":false}],"CallbackVal":"","CallbackBody":""}`
	pythonCheckpoint  = `{"upload_id": %[4]q, "mtime": 1732300000.5, "size": 9, "parts": [{"part_number": 1, "etag": "x"}], "abspath": %[1]q, "bucket": %[2]q, "key": %[3]q, "part_size": 102400}`
	sdkCheckpoint     = `{"Magic":"92611BED-89E2-46B6-89E5-72F273D4B0A3","MD5":"x","Data":{"FilePath":%q,"FileMeta":{"Size":1,"LastModified":"y"},"ObjectInfo":{"Name":%q},"PartSize":6291456,"UploadInfo":{"UploadId":%q}}}`
)

func TestParseCheckpoint(t *testing.T) {
	name := hexMD5("/data/f") + "-" + hexMD5("oss://bucket/a/b 汉") + ".cp"
	c, err := parseCheckpoint(name, fmt.Appendf(nil, ossutilCheckpoint, "/data/f", "a/b 汉", "ID"), "/work")
	if err != nil || c.path != "/data/f" || c.key != "a/b 汉" || c.uploadID != "ID" || c.bucket != "" {
		t.Errorf("%+v, %v", c, err)
	}
	if !c.bucketIs("bucket") || c.bucketIs("other") {
		t.Error("the bucket is not proved by the name")
	}
	c, err = parseCheckpoint("x.ucp", fmt.Appendf(nil, sdkCheckpoint, "rel/f", "oss://bucket/a/b", "ID"), "/work")
	if err != nil || c.path != "/work/rel/f" || c.bucket != "bucket" || c.key != "a/b" || !c.bucketIs("bucket") || c.bucketIs("other") {
		t.Errorf("%+v, %v", c, err)
	}
	name = hexMD5("oss://bucket/a/b 汉") + "-" + hexMD5("/data/f")
	c, err = parseCheckpoint(name, fmt.Appendf(nil, pythonCheckpoint, "/data/f", "bucket", "a/b 汉", "ID"), "/work")
	if err != nil || c.path != "/data/f" || c.bucket != "bucket" || c.key != "a/b 汉" || c.uploadID != "ID" || c.tool != toolPython {
		t.Errorf("%+v, %v", c, err)
	}
	c, err = parseCheckpoint(name, fmt.Appendf(nil, pythonCheckpoint, "/data/f", "", "a/b 汉", "ID"), "/work")
	if err != nil || !c.bucketIs("bucket") || c.bucketIs("other") {
		t.Errorf("of an early version: %+v, %v", c, err)
	}
	if c, err := parseCheckpoint("renamed", fmt.Appendf(nil, pythonCheckpoint, "/data/f", "", "k", "ID"), "/work"); err == nil {
		t.Errorf("of an early version and renamed: %+v", c)
	}
	for name, is := range map[string]bool{name: true, "x.ucp": true, name + ".cp": true, "x": false, name + "-download": false, hexMD5("x"): false, "-": false} {
		if namesCheckpoint(name) != is {
			t.Errorf("%s is taken for a checkpoint: %v", name, !is)
		}
	}
	name = hexMD5("/data/f") + "-" + hexMD5("oss://bucket/a/b 汉") + ".cp"
	for what, bad := range map[string][]byte{
		"empty":        nil,
		"cut":          fmt.Appendf(nil, ossutilCheckpoint, "/f", "k", "ID")[:200],
		"other magic":  []byte(`{"Magic":"x"}`),
		"no upload id": fmt.Appendf(nil, ossutilCheckpoint, "/f", "k", ""),
		"no file":      fmt.Appendf(nil, sdkCheckpoint, "", "oss://bucket/k", "ID"),
		"no object":    fmt.Appendf(nil, sdkCheckpoint, "/f", "bucket/k", "ID"),
		"no key":       fmt.Appendf(nil, sdkCheckpoint, "/f", "oss://bucket/", "ID"),
		"illegal key":  fmt.Appendf(nil, ossutilCheckpoint, "/f", "/k", "ID"),
		"a NUL":        fmt.Appendf(nil, ossutilCheckpoint, "/f\x00", "k", "ID"),
		"wrong types":  []byte(`{"Magic":7,"Data":[]}`),
		"an array":     []byte(`[]`),
	} {
		if c, err := parseCheckpoint(name, bad, "/"); err == nil || c != (checkpoint{}) {
			t.Errorf("%s: %+v, %v", what, c, err)
		}
	}
	if _, err := parseCheckpoint("renamed.cp", fmt.Appendf(nil, ossutilCheckpoint, "/f", "k", "ID"), "/"); err == nil {
		t.Error("a checkpoint of ossutil that was renamed is taken")
	}
}

// FuzzCheckpoint reads what anybody may have written: no panic, and what is taken names a file, a key and an upload.
func FuzzCheckpoint(f *testing.F) {
	name := hexMD5("a") + "-" + hexMD5("b") + ".cp"
	f.Add(name, fmt.Appendf(nil, ossutilCheckpoint, "/data/f", "k", "ID"))
	f.Add("x.ucp", fmt.Appendf(nil, sdkCheckpoint, "rel/f", "oss://bucket/a/b", "ID"))
	f.Add("-.cp", []byte("{}"))
	f.Add(hexMD5("b")+"-"+hexMD5("a"), fmt.Appendf(nil, pythonCheckpoint, "/data/f", "", "k", "ID"))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		c, err := parseCheckpoint(name, content, "/work")
		if err != nil {
			return
		}
		if !filepath.IsAbs(c.path) || c.key == "" || c.uploadID == "" || c.bucket == "" && c.bucketSum == "" {
			t.Errorf("taken: %+v", c)
		}
	})
}

// checkpoint TOOL DIR KEY PATH: what the tool (ossutil, sdk or python) keeps in a folder of the upload $UPLOAD.
func scriptCheckpoint(ts *testscript.TestScript, _ bool, args []string) {
	dir, key, path, id := ts.MkAbs(args[1]), args[2], args[3], ts.Getenv("UPLOAD")
	ts.Check(os.MkdirAll(dir, 0o700))
	name, content := hexMD5(path)+"-"+hexMD5("oss://bucket/"+key), ""
	switch args[0] {
	case "ossutil":
		name, content = name+".cp", fmt.Sprintf(ossutilCheckpoint, path, key, id)
	case "python":
		name, content = hexMD5("oss://bucket/"+key)+"-"+hexMD5(path), fmt.Sprintf(pythonCheckpoint, path, "bucket", key, id)
	default:
		name, content = name+".ucp", fmt.Sprintf(sdkCheckpoint, path, "oss://bucket/"+key, id)
	}
	ts.Check(os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
}
