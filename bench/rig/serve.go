package rig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"partway/ossapi/emulator"
)

// serverRole is the role of the server.
const serverRole = "server"

// ServerOptions say what server a race is run against.
type ServerOptions struct {
	Sink bool // discards what it is sent
	Dir  string
	Seed *Listing // uploads to be there from the start
}

// Listing is a bucket with much to list.
type Listing struct {
	Uploads int // unfinished uploads without parts
	Parts   int // parts of 100 KiB of one further upload, of the key ListingKey
}

// ListingKey is the key of the upload whose parts a Listing counts.
const ListingKey = "many-parts"

// addresses are what the server says on its standard output once it listens.
type addresses struct {
	OSS, Control string // URLs
	UploadID     string // of ListingKey, if there is a Listing
}

// serve is the child side: the emulator on one address of the loopback and the control on another, until the context or standard
// input ends; the latter so that a server never outlives a benchmark that was killed.
func serve(ctx context.Context, args []byte) error {
	var o ServerOptions
	if err := json.Unmarshal(args, &o); err != nil {
		return err
	}
	oss, err := emulator.New(emulator.Options{Dir: o.Dir, Region: Region, Sink: o.Sink})
	if err != nil {
		return err
	}
	if err := oss.CreateBucket(Bucket); err != nil {
		return err
	}
	var said addresses
	if o.Seed != nil {
		if said.UploadID, err = seed(oss, *o.Seed); err != nil {
			return err
		}
	}
	ctx, gone := context.WithCancel(ctx)
	defer gone()
	go func() { // ends with the process at the latest: a read of standard input cannot be called back
		_, _ = os.Stdin.Read(make([]byte, 1))
		gone()
	}()
	var servers errgroup.Group
	if said.OSS, err = listen(ctx, &servers, oss); err != nil {
		return err
	}
	if said.Control, err = listen(ctx, &servers, control(oss)); err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
		return err
	}
	<-ctx.Done()
	return errors.Join(oss.Close(), servers.Wait())
}

// listen serves on a free port of the loopback until the context ends.
func listen(ctx context.Context, group *errgroup.Group, handler http.Handler) (url string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	group.Go(func() error {
		<-ctx.Done()
		return server.Close()
	})
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	return "http://" + listener.Addr().String(), nil
}

// control answers the rig's questions about the server.
func control(oss *emulator.Server) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /requests", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(oss.Requests()) // the rig is gone if this fails
	})
	mux.HandleFunc("POST /reset", func(http.ResponseWriter, *http.Request) { oss.ResetRequests() })
	mux.HandleFunc("POST /faults", func(w http.ResponseWriter, r *http.Request) {
		faults, err := emulator.ParseScript(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		oss.SetFaults(1, faults...)
	})
	return mux
}

func seed(oss *emulator.Server, l Listing) (uploadID string, err error) {
	begun := time.Now().Add(-48 * time.Hour)
	for i := range l.Uploads {
		u := emulator.Seed{Bucket: Bucket, Key: fmt.Sprintf("folder-%02d/file-%05d.bin", i%20, i), Initiated: begun.Add(time.Duration(i) * time.Second)}
		if _, err := oss.SeedUpload(u); err != nil {
			return "", err
		}
	}
	many := emulator.Seed{Bucket: Bucket, Key: ListingKey, Initiated: begun}
	for number := 1; number <= l.Parts; number++ {
		many.Parts = append(many.Parts, emulator.SeedPart{Number: number, Size: 100 << 10})
	}
	return oss.SeedUpload(many)
}
