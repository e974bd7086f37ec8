package main

import (
	"context"
	"os/exec"
	"time"

	"partway/bench/contender"
	"partway/bench/rig"
)

// listings shows how long a look at a bucket full of leftovers takes when the line costs nothing. The key of the upload with many
// parts sorts behind the others.
func (b *bench) listings(ctx context.Context) (goals []rig.Goal, err error) {
	const uploads, parts = 20_000, 10_000
	server, err := b.Serve(ctx, rig.ServerOptions{Sink: true, Seed: &rig.Listing{Uploads: uploads, Parts: parts}})
	if err != nil {
		return nil, err
	}
	defer closing(server, &err)
	state, err := b.Fresh("state")
	if err != nil {
		return nil, err
	}
	partway := func(name string, args ...string) rig.Contender {
		return rig.Contender{Name: name, Command: func(ctx context.Context, _ int) (*exec.Cmd, error) {
			return b.PartwayAt(ctx, server.Endpoint, state, args...), nil
		}}
	}
	sdk := func(name string, l contender.Listings) rig.Contender {
		l.Endpoint = server.Endpoint
		return rig.Contender{Name: name, Command: func(ctx context.Context, _ int) (*exec.Cmd, error) {
			return b.Self(ctx, contender.RoleListings, l)
		}}
	}
	key := "oss://" + rig.Bucket + "/" + rig.ListingKey
	ofUploads, err := b.race(ctx, server, 0, []rig.Contender{
		partway("partway ls, 20 001 uploads", "ls", "oss://"+rig.Bucket),
		sdk("SDK paginator, 20 001 uploads", contender.Listings{Want: uploads + 1}),
	})
	if err != nil {
		return nil, err
	}
	ofParts, err := b.race(ctx, server, 0, []rig.Contender{
		partway("partway parts, 10 000 parts", "parts", key, "--upload-id", server.UploadID),
		sdk("SDK paginator, 10 000 parts", contender.Listings{Key: rig.ListingKey, UploadID: server.UploadID, Want: parts}),
	})
	if err != nil {
		return nil, err
	}
	both := ofUploads[0].Wall() + ofParts[0].Wall()
	return []rig.Goal{{Text: "20 000 uploads and 10 000 parts: <= 0.3 s together", Value: both.Seconds(), Limit: (300 * time.Millisecond).Seconds(), Unit: "s"}}, nil
}
