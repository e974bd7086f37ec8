package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"

	"partway/bench/contender"
	"partway/bench/rig"
)

// smallFiles is how many files of 1 MiB are sent.
const smallFiles = 1000

// manyFiles shows what a file costs beside its bytes: journals, listings and proofs of partway against a plain loop of the SDK.
func (b *bench) manyFiles(ctx context.Context) (goals []rig.Goal, err error) {
	dir := filepath.Join(b.Data, "small")
	defer remove(dir, &err)
	for i := range smallFiles {
		if _, err := b.WriteFile(filepath.Join("small", fmt.Sprintf("file-%04d", i)), mib); err != nil {
			return nil, err
		}
	}
	server, err := b.Serve(ctx, rig.ServerOptions{Sink: true})
	if err != nil {
		return nil, err
	}
	defer closing(server, &err)

	results, err := b.race(ctx, server, smallFiles*mib, []rig.Contender{
		b.put("partway put of the folder", server.Endpoint, dir, "put/"),
		{Name: "SDK PutObjectFromFile, 8 at once", Command: func(ctx context.Context, run int) (*exec.Cmd, error) {
			return b.Self(ctx, contender.RolePutFolder, contender.PutFolder{
				Endpoint: server.Endpoint, Prefix: fmt.Sprintf("run-%d-sdk/", run), Dir: dir, AtOnce: 8})
		}},
	})
	if err != nil {
		return nil, err
	}
	return []rig.Goal{{Text: "1000 x 1 MiB: wall <= 0.9 x SDK PutObject loop", Value: rig.Ratio(results[0].Wall(), results[1].Wall()), Limit: 0.9}}, nil
}

// closing ends a server and keeps the first error.
func closing(server *rig.Server, err *error) {
	if closeErr := server.Close(); *err == nil {
		*err = closeErr
	}
}
