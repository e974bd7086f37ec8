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

// The magic numbers of the two forms, as the SDKs write them. ossutil 1 uses the first, with the suffix .cp; the current SDK's
// Uploader the second, with .ucp.
const (
	magicOssutil = "FE8BB4EA-B593-4FAC-AD7A-2459A36E2E62"
	magicSDK     = "92611BED-89E2-46B6-89E5-72F273D4B0A3"
)

// maxCheckpoint bounds what is read of a checkpoint: 10 000 parts in ossutil's form have about 3 MB.
const maxCheckpoint = 32 << 20

// checkpointFile is both forms; neither has a field of the other.
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
}

// parseCheckpoint reads a checkpoint by its name and content. dir is where relative paths in it begin. The error says why it is of
// no use.
func parseCheckpoint(name string, content []byte, dir string) (checkpoint, error) {
	var f checkpointFile
	if err := json.Unmarshal(content, &f); err != nil {
		return checkpoint{}, fmt.Errorf("it is damaged: %w", err)
	}
	var c checkpoint
	switch f.Magic {
	case magicOssutil:
		c = checkpoint{tool: "ossutil", path: f.FilePath, key: f.ObjectKey, uploadID: f.UploadID}
		_, sum, _ := strings.Cut(strings.TrimSuffix(name, ".cp"), "-")
		if _, err := hex.DecodeString(sum); err != nil || len(sum) != 2*md5.Size {
			return checkpoint{}, errors.New("its name was changed: only the name tells the bucket")
		}
		c.bucketSum = strings.ToLower(sum)
	case magicSDK:
		c = checkpoint{tool: "the OSS SDK", path: f.Data.FilePath, uploadID: f.Data.UploadInfo.UploadId}
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

// bucketIs reports whether the checkpoint is of this bucket, as far as it can tell.
func (c checkpoint) bucketIs(bucket string) bool {
	if c.bucket != "" {
		return c.bucket == bucket
	}
	sum := md5.Sum([]byte("oss://" + bucket + "/" + c.key))
	return hex.EncodeToString(sum[:]) == c.bucketSum
}
