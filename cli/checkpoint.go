package cli

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"partway/model"
)

// checkpoint is what is believed of a file in which another tool remembers an upload: which one it is, and of which file. Sizes,
// parts and sums in it are not even read: all of them are proved by comparing what the server lists with the file.
type checkpoint struct {
	tool     string
	path     string // of the local file, absolute
	bucket   string // empty: the checkpoint does not say; bucketIs tells
	key      string
	uploadID string

	bucketSum string // hex MD5 of "oss://bucket/key", where the bucket is not in clear
}

// The magic numbers of two of the forms, as the SDKs write them. ossutil 1 uses the first, with the suffix .cp; the Uploader of the
// current SDK the second, with .ucp, and so does ossutil 2, which is built on it. The form of the SDK for Python has none.
const (
	magicOssutil = "FE8BB4EA-B593-4FAC-AD7A-2459A36E2E62"
	magicSDK     = "92611BED-89E2-46B6-89E5-72F273D4B0A3"
)

// maxCheckpoint bounds what is read of a checkpoint: 10 000 parts in ossutil's form have about 3 MB.
const maxCheckpoint = 32 << 20

// The tools, as they are named to people.
const (
	toolOssutil1 = "ossutil 1"
	toolSDK      = "ossutil 2 or the SDK"
	toolPython   = "the Python SDK"
)

// checkpointFile is all forms; none has a field of another.
type checkpointFile struct {
	Magic string
	// ossutil 1
	FilePath, ObjectKey, UploadID string
	// The SDK's Uploader
	Data struct {
		FilePath   string
		ObjectInfo struct{ Name string }
		UploadInfo struct{ UploadId string }
	}
	// The SDK for Python (oss2, resumable_upload)
	PythonPath   string `json:"abspath"`
	PythonBucket string `json:"bucket"` // early versions left it out
	PythonKey    string `json:"key"`
	PythonUpload string `json:"upload_id"`
}

// parseCheckpoint reads a checkpoint by its name and content. dir is where relative paths in it begin. The error says why it is of
// no use.
func parseCheckpoint(name string, content []byte, dir string) (checkpoint, error) {
	var f checkpointFile
	if err := json.Unmarshal(content, &f); err != nil {
		return checkpoint{}, fmt.Errorf("it is damaged: %w", err)
	}
	var c checkpoint
	switch {
	case f.Magic == magicOssutil:
		c = checkpoint{tool: toolOssutil1, path: f.FilePath, key: f.ObjectKey, uploadID: f.UploadID}
		_, sum, _ := strings.Cut(strings.TrimSuffix(name, ".cp"), "-")
		if !isMD5Hex(sum) {
			return checkpoint{}, errNameChanged
		}
		c.bucketSum = strings.ToLower(sum)
	case f.Magic == "" && f.PythonUpload != "":
		c = checkpoint{tool: toolPython, path: f.PythonPath, bucket: f.PythonBucket, key: f.PythonKey, uploadID: f.PythonUpload}
		sum, _, _ := strings.Cut(name, "-")
		if c.bucket == "" && !isMD5Hex(sum) {
			return checkpoint{}, errNameChanged
		}
		c.bucketSum = strings.ToLower(sum)
	case f.Magic == magicSDK:
		c = checkpoint{tool: toolSDK, path: f.Data.FilePath, uploadID: f.Data.UploadInfo.UploadId}
		var err error
		if c.bucket, c.key, err = model.ParseURL(f.Data.ObjectInfo.Name); err != nil {
			return checkpoint{}, fmt.Errorf("it names no object: %w", err)
		}
	default:
		return checkpoint{}, errors.New("it is no checkpoint of an upload")
	}
	if err := model.CheckKey(c.key); err != nil {
		return checkpoint{}, err
	}
	if c.path == "" || strings.ContainsRune(c.path, 0) || c.uploadID == "" {
		return checkpoint{}, errors.New("it names no upload id or no file")
	}
	if !filepath.IsAbs(c.path) {
		c.path = filepath.Join(dir, c.path)
	}
	return c, nil
}

// errNameChanged is why a checkpoint is left whose bucket cannot be proved.
var errNameChanged = errors.New("its name was changed: only the name tells the bucket")

// isMD5Hex reports whether a text is an MD5 sum in hexadecimal.
func isMD5Hex(text string) bool {
	_, err := hex.DecodeString(text)
	return err == nil && len(text) == 2*md5.Size
}

// namesCheckpoint reports whether a file is named like a checkpoint. Those of the SDK for Python have no suffix: two sums, joined.
func namesCheckpoint(name string) bool {
	if ext := filepath.Ext(name); ext == ".cp" || ext == ".ucp" {
		return true
	}
	object, file, _ := strings.Cut(name, "-")
	return isMD5Hex(object) && isMD5Hex(file)
}

// bucketIs reports whether the checkpoint is of this bucket, as far as it can tell.
func (c checkpoint) bucketIs(bucket string) bool {
	if c.bucket != "" {
		return c.bucket == bucket
	}
	sum := md5.Sum([]byte("oss://" + bucket + "/" + c.key))
	return hex.EncodeToString(sum[:]) == c.bucketSum
}
