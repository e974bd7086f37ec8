package contender

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"partway/bench/rig"
)

// Bare sends a file in parts with nothing but net/http: no signature, no retry, no proof. Connections senders take the next part
// each; a part is streamed from the file by an io.SectionReader.
type Bare struct {
	Endpoint    string // URL of the server
	Key         string
	Path        string // of the file
	PartSize    int64  // bytes
	Connections int
	MD5         bool // computes crypto/md5 of each part before sending it, for Content-MD5
	Unfinished  bool // leaves the upload as it is when all parts are in
}

// Run does it once.
func (b Bare) Run(ctx context.Context) error {
	file, err := os.Open(b.Path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	transport := &http.Transport{MaxIdleConnsPerHost: b.Connections, DisableCompression: true}
	defer transport.CloseIdleConnections()
	object := bareObject{client: &http.Client{Transport: transport}, url: b.Endpoint + "/" + rig.Bucket + "/" + url.PathEscape(b.Key)}
	uploadID, err := object.initiate(ctx)
	if err != nil {
		return err
	}
	var next atomic.Int64
	senders, sending := errgroup.WithContext(ctx)
	for range b.Connections {
		senders.Go(func() error {
			for {
				number := next.Add(1)
				offset := (number - 1) * b.PartSize
				if offset >= info.Size() {
					return nil
				}
				part := io.NewSectionReader(file, offset, min(b.PartSize, info.Size()-offset))
				if err := b.sendPart(sending, object, uploadID, number, part); err != nil {
					return fmt.Errorf("part %d: %w", number, err)
				}
			}
		})
	}
	if err := senders.Wait(); err != nil || b.Unfinished {
		return err
	}
	return object.complete(ctx, uploadID)
}

func (b Bare) sendPart(ctx context.Context, object bareObject, uploadID string, number int64, part *io.SectionReader) error {
	header := http.Header{}
	if b.MD5 {
		digest := md5.New()
		if _, err := io.Copy(digest, part); err != nil {
			return err
		}
		if _, err := part.Seek(0, io.SeekStart); err != nil {
			return err
		}
		header.Set("Content-MD5", base64.StdEncoding.EncodeToString(digest.Sum(nil)))
	}
	query := url.Values{"partNumber": {strconv.FormatInt(number, 10)}, "uploadId": {uploadID}}
	_, err := object.call(ctx, http.MethodPut, query, header, part, part.Size())
	return err
}

// bareObject is an object as bare HTTP sees it.
type bareObject struct {
	client *http.Client
	url    string
}

func (o bareObject) initiate(ctx context.Context) (uploadID string, err error) {
	answer, err := o.call(ctx, http.MethodPost, url.Values{"uploads": {""}}, nil, http.NoBody, 0)
	if err != nil {
		return "", fmt.Errorf("initiate: %w", err)
	}
	var initiated struct {
		UploadID string `xml:"UploadId"`
	}
	if err := xml.Unmarshal(answer, &initiated); err != nil {
		return "", fmt.Errorf("initiate: %w", err)
	}
	return initiated.UploadID, nil
}

// complete leaves the list of parts to the server.
func (o bareObject) complete(ctx context.Context, uploadID string) error {
	_, err := o.call(ctx, http.MethodPost, url.Values{"uploadId": {uploadID}}, http.Header{"X-Oss-Complete-All": {"yes"}}, http.NoBody, 0)
	if err != nil {
		return fmt.Errorf("complete: %w", err)
	}
	return nil
}

func (o bareObject) call(ctx context.Context, method string, query url.Values, header http.Header, body io.Reader, size int64) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, o.url+"?"+query.Encode(), body)
	if err != nil {
		return nil, err
	}
	if header != nil {
		req.Header = header
	}
	req.ContentLength = size
	resp, err := o.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", resp.Status, answer)
	}
	return answer, err
}
