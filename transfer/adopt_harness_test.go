package transfer_test

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"partway/model"
	"partway/ossapi"
	"partway/ossapi/emulator"
)

// seedPart is part n of data cut into parts of size bytes.
func seedPart(data []byte, n, size int) emulator.SeedPart {
	from := (n - 1) * size
	return emulator.SeedPart{Number: n, Body: bytes.NewReader(data[from:min(from+size, len(data))])}
}

func (w *world) plant(seed emulator.Seed) (uploadID string) {
	w.t.Helper()
	id, err := w.server.SeedUpload(seed)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) adopt(key, uploadID, path string) model.Adopt {
	return model.Adopt{Place: w.place, Ref: model.Ref{Bucket: bucket, Key: key, UploadID: uploadID}, Path: path, Send: model.SendOptions{Parts: 4}}
}

// replacePart makes a hook that stores other bytes as a part of the upload a request names, as another sender would.
func (w *world) replacePart(number int) func(*http.Request) {
	return func(r *http.Request) {
		other := content(kib100, 99)
		_, err := w.client.UploadPart(context.Background(), ossapi.UploadPartRequest{
			Upload:     ossapi.Upload{Bucket: bucket, Key: "k", UploadID: r.URL.Query().Get("uploadId")},
			PartNumber: number, Body: bytes.NewReader(other), Size: int64(len(other))})
		if err != nil {
			w.t.Error(err)
		}
	}
}

// putsObject makes a hook that stores an object in the key's place.
func (w *world) putsObject(key string) func(*http.Request) {
	return func(*http.Request) {
		if err := w.server.SeedObject(bucket, key, bytes.NewReader([]byte("somebody else's")), time.Now()); err != nil {
			w.t.Error(err)
		}
	}
}
