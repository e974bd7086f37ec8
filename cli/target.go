package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"partway/model"
	"partway/ossapi"
	"partway/transfer"
)

// listPatience is how long a listing or a look at an upload is tried again: somebody waits for it, unlike for an upload.
const listPatience = 30 * time.Second

func listPolicy() transfer.Policy { return transfer.Policy{ParkAfter: listPatience} }

// target is an unfinished upload as the user names it.
type target struct {
	bucket, key string
	uploadID    string // empty: the only one of the key
}

func (t target) ref() model.Ref { return model.Ref{Bucket: t.bucket, Key: t.key, UploadID: t.uploadID} }

// parseTargets reads the targets of a command. They are of one bucket, and --upload-id belongs to a single one.
func parseTargets(args []string, uploadID string) ([]target, error) {
	if uploadID != "" && len(args) > 1 {
		return nil, usagef("--upload-id names one upload, and %d targets are given: run the command for each", len(args))
	}
	seen := map[target]bool{}
	var targets []target
	for _, arg := range args {
		t, err := parseTarget(arg, uploadID)
		if err != nil {
			return nil, err
		}
		if len(targets) > 0 && t.bucket != targets[0].bucket {
			return nil, usagef("the targets are in two buckets, %s and %s: run the command for each", targets[0].bucket, t.bucket)
		}
		if !seen[t] {
			targets = append(targets, t)
		}
		seen[t] = true
	}
	return targets, nil
}

func parseTarget(arg, uploadID string) (target, error) {
	bucket, key, err := model.ParseURL(arg)
	if err != nil {
		return target{}, &failure{code: ExitUsage, err: err}
	}
	if err := model.CheckKey(key); err != nil {
		f := &failure{code: ExitUsage, err: fmt.Errorf("%q names no upload: %w", arg, err)}
		return target{}, f.withNext("partway ls oss://" + bucket + " lists the uploads")
	}
	return target{bucket: bucket, key: key, uploadID: uploadID}, nil
}

// uploadsOfKey lists the unfinished uploads of exactly one key. Keys come in ascending order and the key itself is the first
// that has it as a prefix, so the listing ends at the first other key.
func (s *session) uploadsOfKey(ctx context.Context, key string) ([]ossapi.ListedUpload, error) {
	var found []ossapi.ListedUpload
	for page, err := range transfer.ListUploads(ctx, s.client, ossapi.ListUploadsRequest{Bucket: s.place.Bucket, Prefix: key}, listPolicy()) {
		if err != nil {
			return nil, problemOf(err, "list the unfinished uploads of oss://"+s.place.Bucket+"/"+key)
		}
		for _, u := range page.Uploads {
			if u.Key != key {
				return found, nil
			}
			found = append(found, u)
		}
	}
	return found, nil
}

// resolved is a target found on the server, with the parts it holds.
type resolved struct {
	ref       model.Ref
	initiated time.Time // zero where the upload was named by its id, which needs no listing of the bucket
	list      model.PartList
}

// resolve finds the one upload that a target means and reads its parts. Where there are several the error lists them.
func (s *session) resolve(ctx context.Context, t target) (resolved, error) {
	r := resolved{ref: t.ref()}
	if t.uploadID == "" {
		uploads, err := s.uploadsOfKey(ctx, t.key)
		switch {
		case err != nil:
			return resolved{}, err
		case len(uploads) == 0:
			return resolved{}, failf(ExitNothing, "%s has no unfinished upload", r.ref.URL()).
				withNext(s.app.again("ls", "oss://"+t.bucket) + " lists those of the bucket")
		case len(uploads) > 1:
			return resolved{}, s.ambiguous(ctx, t, uploads)
		}
		r.ref.UploadID, r.initiated = uploads[0].UploadID, uploads[0].Initiated
	}
	list, err := transfer.ListParts(ctx, s.client, r.ref, listPolicy())
	switch ossapi.KindOf(err) {
	case ossapi.KindNone:
	case ossapi.KindGone:
		return resolved{}, failf(ExitNothing, "%s has no unfinished upload with the id %s: it was completed or aborted", r.ref.URL(), r.ref.UploadID)
	default:
		return resolved{}, problemOf(err, "list the parts of "+r.ref.URL())
	}
	r.list = list
	return r, nil
}

// ambiguous lists the candidates, with what tells them apart.
func (s *session) ambiguous(ctx context.Context, t target, uploads []ossapi.ListedUpload) error {
	const shown = 20
	var lines []string
	for i, u := range uploads {
		if i == shown {
			lines = append(lines, fmt.Sprintf("  and %d more", len(uploads)-shown))
			break
		}
		held := "parts unknown"
		if list, err := transfer.ListParts(ctx, s.client, model.Ref{Bucket: t.bucket, Key: t.key, UploadID: u.UploadID}, listPolicy()); err == nil {
			held = fmt.Sprintf("%s, %s", count(len(list.Parts), "part"), model.FormatSize(list.Bytes()))
		}
		lines = append(lines, fmt.Sprintf("  --upload-id %s  started %s  %s", u.UploadID, stamp(u.Initiated), held))
	}
	return failf(ExitConflict, "%s has %d unfinished uploads:\n%s", t.ref().URL(), len(uploads), strings.Join(lines, "\n")).
		withNext("name one of them with --upload-id")
}

// stamp is a time for people, in their own time zone.
func stamp(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04")
}

// absolute is a path as typed, made independent of the working folder.
func (a *app) absolute(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(a.env.Dir, path)
}
