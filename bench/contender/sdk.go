package contender

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
	"golang.org/x/sync/errgroup"

	"partway/bench/rig"
)

// newClient is a client of the official SDK with its defaults.
func newClient(endpoint string) *oss.Client {
	return oss.NewClient(oss.LoadDefaultConfig().
		WithCredentialsProvider(credentials.NewStaticCredentialsProvider(rig.AccessKeyID, rig.AccessKeySecret)).
		WithRegion(rig.Region).WithEndpoint(endpoint).WithUsePathStyle(true))
}

// Uploader sends a file with the SDK's Uploader.
type Uploader struct {
	Endpoint   string // URL of the server
	Key        string
	Path       string // of the file
	PartSize   int64  // bytes
	Parallel   int    // parts at once
	Checkpoint string // folder of its checkpoints; empty: it keeps none
}

// Run does it once.
func (u Uploader) Run(ctx context.Context) error {
	uploader := oss.NewUploader(newClient(u.Endpoint), func(o *oss.UploaderOptions) {
		o.PartSize, o.ParallelNum = u.PartSize, u.Parallel
		if u.Checkpoint != "" {
			// The SDK takes the parent of what it is given unless that ends in a separator.
			o.EnableCheckpoint, o.CheckpointDir = true, u.Checkpoint+string(filepath.Separator)
		}
	})
	_, err := uploader.UploadFile(ctx, &oss.PutObjectRequest{Bucket: oss.Ptr(rig.Bucket), Key: oss.Ptr(u.Key)}, u.Path)
	return err
}

// PutFolder sends the files of a folder with the SDK's PutObjectFromFile, several at once.
type PutFolder struct {
	Endpoint string // URL of the server
	Prefix   string // of the keys
	Dir      string
	AtOnce   int
}

// Run does it once.
func (p PutFolder) Run(ctx context.Context) error {
	entries, err := os.ReadDir(p.Dir)
	if err != nil {
		return err
	}
	client := newClient(p.Endpoint)
	var next atomic.Int64
	senders, sending := errgroup.WithContext(ctx)
	for range p.AtOnce {
		senders.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(entries) {
					return nil
				}
				name := entries[i].Name()
				request := &oss.PutObjectRequest{Bucket: oss.Ptr(rig.Bucket), Key: oss.Ptr(p.Prefix + name)}
				if _, err := client.PutObjectFromFile(sending, request, filepath.Join(p.Dir, name)); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
			}
		})
	}
	return senders.Wait()
}

// Listings walks through the unfinished uploads, or the parts of one, with the SDK's paginators, in pages of 1000.
type Listings struct {
	Endpoint string // URL of the server
	Key      string // of the upload whose parts are listed; empty: the uploads are
	UploadID string
	Want     int // how many there are
}

// Run does it once; it fails when not all are listed.
func (l Listings) Run(ctx context.Context) error {
	client := newClient(l.Endpoint)
	seen, err := l.walk(ctx, client)
	if err == nil && seen != l.Want {
		err = fmt.Errorf("%d of %d were listed", seen, l.Want)
	}
	return err
}

const pageSize = 1000 // the largest OSS gives

func (l Listings) walk(ctx context.Context, client *oss.Client) (seen int, err error) {
	if l.Key == "" {
		uploads := client.NewListMultipartUploadsPaginator(&oss.ListMultipartUploadsRequest{Bucket: oss.Ptr(rig.Bucket), MaxUploads: pageSize})
		for uploads.HasNext() {
			page, err := uploads.NextPage(ctx)
			if err != nil {
				return seen, err
			}
			seen += len(page.Uploads)
		}
		return seen, nil
	}
	parts := client.NewListPartsPaginator(&oss.ListPartsRequest{Bucket: oss.Ptr(rig.Bucket), Key: oss.Ptr(l.Key), UploadId: oss.Ptr(l.UploadID), MaxParts: pageSize})
	for parts.HasNext() {
		page, err := parts.NextPage(ctx)
		if err != nil {
			return seen, err
		}
		seen += len(page.Parts)
	}
	return seen, nil
}
