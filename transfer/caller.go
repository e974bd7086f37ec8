package transfer

import (
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"partway/model"
	"partway/ossapi"
)

// caller makes calls that may simply be repeated: it waits between the tries, has expired credentials renewed and a wrong clock
// set right, and gives up when nothing went through for Policy.ParkAfter. Each place has one, shared by all its jobs, so that
// credentials are renewed once and not once a part.
type caller struct {
	store   Store
	policy  Policy
	now     func() time.Time
	random  func() float64
	refresh func(context.Context) error // may be nil
	told    func(text string)           // of what was mended, may be nil
	link    *link

	mu        sync.Mutex
	refreshed time.Time // when credentials were last renewed
	clockSet  time.Time
	offset    time.Duration // the service's clock minus ours, as far as it had to be learned
}

// newCaller is a caller on its own, for a call outside the queue.
func newCaller(store Store, policy Policy) *caller {
	return &caller{store: store, policy: policy.withDefaults(), now: time.Now, random: rand.Float64, link: &link{}}
}

// waiting is told before each wait: what failed, which try it was, and when the next one comes. It may be nil.
type waiting func(err error, try int, until time.Time)

// do makes the call until it succeeds or there is no use in going on.
func (c *caller) do(ctx context.Context, note waiting, call func(context.Context) error) error {
	began, mended, odd := c.now(), 0, 0
	for try := 1; ; try++ {
		asked := c.now()
		err := call(ctx)
		if ctx.Err() == nil {
			c.link.met(err, asked, c.now(), time.Time{})
		}
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if c.mend(ctx, err, asked, &mended) {
			continue
		}
		if ossapi.KindOf(err) == ossapi.KindOddAnswer {
			odd++
		} else {
			odd = 0
		}
		if !retryable(err) || odd == maxOdd {
			return err
		}
		if since := c.now().Sub(began); since >= c.policy.ParkAfter {
			return &parkedError{after: since, last: err}
		}
		wait := c.policy.wait(try, c.random(), wantedWait(err))
		c.link.met(err, asked, c.now(), c.now().Add(wait))
		if note != nil {
			note(err, try, c.now().Add(wait))
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// maxOdd is how often in a row an answer may make no sense before it is taken for what the server has to say.
const maxOdd = 5

// maxMends bounds how often one call is made again because something could be mended: a key that is wrong stays wrong.
const maxMends = 2

// mend sets right what can be set right without a person, and reports whether the call should be made again at once.
func (c *caller) mend(ctx context.Context, failure error, asked time.Time, mended *int) bool {
	kind := ossapi.KindOf(failure)
	if *mended >= maxMends || kind != ossapi.KindCredentials && kind != ossapi.KindClock {
		return false // a failure of another kind leaves the mends for those that need them
	}
	*mended++
	switch kind {
	case ossapi.KindCredentials:
		return c.renewCredentials(ctx, asked)
	case ossapi.KindClock:
		return c.setClock(failure, asked)
	}
	return false
}

// renewCredentials renews once for all calls that were made with the old ones.
func (c *caller) renewCredentials(ctx context.Context, asked time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refreshed.After(asked) {
		return true
	}
	if c.refresh == nil || c.refresh(ctx) != nil {
		return false
	}
	c.refreshed = c.now()
	c.tell("the credentials had expired and were renewed")
	return true
}

// clockSetter is a Store that can sign with a corrected clock.
type clockSetter interface{ SetClockOffset(time.Duration) }

// maxClockOffset bounds what is believed of a server's clock: a bogus Date of 1970 has poisoned other clients for good.
const maxClockOffset = 24 * time.Hour

func (c *caller) setClock(failure error, asked time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.clockSet.After(asked) {
		return true
	}
	var e *ossapi.Error
	store, able := c.store.(clockSetter)
	if !able || !errors.As(failure, &e) || e.ServerTime.IsZero() {
		return false
	}
	offset := e.ServerTime.Sub(c.now())
	if offset.Abs() > maxClockOffset {
		return false
	}
	store.SetClockOffset(offset)
	c.link.corrected(offset)
	c.clockSet, c.offset = c.now(), offset
	direction := "ahead"
	if offset > 0 {
		direction = "behind"
	}
	c.tell("this machine's clock is " + model.FormatDuration(offset.Abs()) + " " + direction + " of the service: requests are signed with the service's time")
	return true
}

// served turns a time of our clock into the service's, which dates objects and uploads.
func (c *caller) served(ours time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return ours.Add(c.offset)
}

func (c *caller) tell(text string) {
	if c.told != nil {
		c.told(text)
	}
}

// ListParts reads every part of an upload, ascending, and repeats what fails on the way.
func ListParts(ctx context.Context, store Store, ref model.Ref, policy Policy) (model.PartList, error) {
	return newCaller(store, policy).listParts(ctx, ref, nil)
}

func (c *caller) listParts(ctx context.Context, ref model.Ref, note waiting) (model.PartList, error) {
	list := model.PartList{Ref: ref}
	request := ossapi.ListPartsRequest{Upload: uploadOf(ref)}
	err := c.do(ctx, note, func(ctx context.Context) error {
		for page, err := range c.store.ListParts(ctx, request) {
			if err != nil {
				return err
			}
			for _, p := range page.Parts {
				list.Parts = append(list.Parts, partOf(p))
				request.PartNumberMarker = p.Number // a try that follows goes on behind it
			}
			list.StorageClass = page.StorageClass
		}
		return nil
	})
	list.At = c.now()
	return list, err
}

// ListUploads reads the unfinished uploads of a bucket page by page and repeats what fails on the way. An upload that moved
// across a page border between two tries is given once.
func ListUploads(ctx context.Context, store Store, request ossapi.ListUploadsRequest, policy Policy) iter.Seq2[ossapi.UploadsPage, error] {
	return newCaller(store, policy).listUploads(ctx, request, nil)
}

func (c *caller) listUploads(ctx context.Context, request ossapi.ListUploadsRequest, note waiting) iter.Seq2[ossapi.UploadsPage, error] {
	return func(yield func(ossapi.UploadsPage, error) bool) {
		stopped := false
		seen := map[[2]string]bool{}
		err := c.do(ctx, note, func(ctx context.Context) error {
			for page, err := range c.store.ListUploads(ctx, request) {
				if err != nil {
					return err
				}
				request.KeyMarker, request.UploadIDMarker = page.NextKeyMarker, page.NextUploadIDMarker
				page.Uploads = slices.DeleteFunc(page.Uploads, func(u ossapi.ListedUpload) bool {
					id := [2]string{u.Key, u.UploadID}
					given := seen[id]
					seen[id] = true
					return given
				})
				if stopped = !yield(page, nil); stopped {
					return nil
				}
			}
			return nil
		})
		if err != nil && !stopped {
			yield(ossapi.UploadsPage{}, err)
		}
	}
}

func uploadOf(ref model.Ref) ossapi.Upload {
	return ossapi.Upload{Bucket: ref.Bucket, Key: ref.Key, UploadID: ref.UploadID}
}

func objectOf(ref model.Ref) ossapi.Object { return ossapi.Object{Bucket: ref.Bucket, Key: ref.Key} }

func partOf(p ossapi.Part) model.Part {
	return model.Part{Number: p.Number, Size: p.Size, ETag: p.ETag, CRC64: p.CRC64, HasCRC64: p.HasCRC64, Modified: p.LastModified}
}

func writeOptionsOf(w model.WriteOptions) ossapi.WriteOptions {
	return ossapi.WriteOptions{
		ContentType: w.ContentType, CacheControl: w.CacheControl, ContentDisposition: w.ContentDisposition,
		ContentEncoding: w.ContentEncoding, Expires: w.Expires, StorageClass: w.StorageClass, ACL: w.ACL,
		SSE: w.SSE, SSEKeyID: w.SSEKeyID, Metadata: w.Metadata, Tags: w.Tags,
		ForbidOverwrite: w.IfExists != model.IfExistsOverwrite,
	}
}
