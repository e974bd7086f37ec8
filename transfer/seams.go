package transfer

import (
	"context"
	"io"
	"iter"

	"partway/model"
	"partway/ossapi"
)

// Store is the service, as the core needs it. *ossapi.Client satisfies it; tests hold one in memory. Every call makes one attempt:
// retrying is the core's business. Every error is, or wraps, an *ossapi.Error.
type Store interface {
	Multipart
	Objects
}

// Multipart is the six calls of a multipart upload.
type Multipart interface {
	// Initiate may have begun an upload even when it fails: the answer can be lost.
	Initiate(context.Context, ossapi.InitiateRequest) (uploadID string, err error)
	// UploadPart may be repeated: the last one of a part number counts.
	UploadPart(context.Context, ossapi.UploadPartRequest) (ossapi.UploadedPart, error)
	ListParts(context.Context, ossapi.ListPartsRequest) iter.Seq2[ossapi.PartsPage, error]
	ListUploads(context.Context, ossapi.ListUploadsRequest) iter.Seq2[ossapi.UploadsPage, error]
	// Complete may have taken effect even when it fails, whatever the error says.
	Complete(context.Context, ossapi.CompleteRequest) (ossapi.CompleteResult, error)
	// Abort may leave parts behind that were in flight: repeat it until ListParts says NoSuchUpload.
	Abort(context.Context, ossapi.Upload) error
}

// Objects is the two calls on whole objects.
type Objects interface {
	Head(context.Context, ossapi.Object) (ossapi.ObjectInfo, error)
	Put(context.Context, ossapi.PutRequest) (ossapi.PutResult, error)
}

// Journal keeps what must survive the process. *state.Store satisfies it. Its methods may be called from several goroutines.
type Journal interface {
	// Load reads every journal there is, those of other processes too (SavedJob.Owner is set then), and says which were damaged.
	Load() ([]model.SavedJob, []model.Damage, error)
	// Append writes a record. The first one of a job must be its intent: it makes the journal and claims it. When Append returns
	// nil, a record with Durable() is on the disk; another one follows within 200 ms. An error means that the state is not
	// saved; the job goes on without, and later records are tried again.
	Append(model.JobID, model.Record) error
	// Claim takes a saved job over, so that no other process works on it, and reads it again. It returns *model.OwnedError if
	// one does.
	Claim(model.JobID) (model.SavedJob, error)
	// Release lets a claimed job go and keeps its journal. Everything appended is on the disk when it returns.
	Release(model.JobID) error
	// Forget writes the outcome to the history and removes the journal.
	Forget(model.JobID, model.Finished) error
}

// Source is the bytes to send: a local file. ReadAt may be called from several goroutines.
type Source interface {
	io.ReaderAt
	io.Closer
	// Fingerprint looks at the open file now; it does not read it.
	Fingerprint() (model.Fingerprint, error)
}
