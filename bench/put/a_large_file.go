package main

import (
	"context"
	"fmt"
	"os/exec"

	"partway/bench/contender"
	"partway/bench/rig"
	"partway/model"
)

// largeFile shows what the proof of every part costs: partway with Content-MD5 beside a loop that proves nothing, the same loop
// with the MD5 of the standard library, and the SDK, which compares CRC-64 sums after the fact.
func (b *bench) largeFile(ctx context.Context) (goals []rig.Goal, err error) {
	path, server, done, err := b.fileAndServer(ctx, "large", b.size)
	if err != nil {
		return nil, err
	}
	defer done(&err)

	results, err := b.race(ctx, server, b.size, []rig.Contender{
		b.put("partway put (Content-MD5)", server.Endpoint, path, "put"),
		b.bare("bare net/http, no hash, 4 at once", contender.Bare{Endpoint: server.Endpoint, Path: path, PartSize: partSize, Connections: 4}),
		b.bare("bare net/http, crypto/md5 first, 4 at once", contender.Bare{Endpoint: server.Endpoint, Path: path, PartSize: partSize, Connections: 4, MD5: true}),
		b.uploader("SDK Uploader, 4 at once", contender.Uploader{Endpoint: server.Endpoint, Path: path, PartSize: partSize, Parallel: 4}),
	})
	if err != nil {
		return nil, err
	}
	put, bare, md5, sdk := results[0], results[1], results[2], results[3]
	size := model.FormatSize(b.size)
	return []rig.Goal{
		{Text: size + ": wall <= 1.7 x bare without hash", Value: rig.Ratio(put.Wall(), bare.Wall()), Limit: 1.7},
		{Text: size + ": wall <= 0.5 x loop with crypto/md5", Value: rig.Ratio(put.Wall(), md5.Wall()), Limit: 0.5},
		{Text: size + ": wall <= 0.8 x SDK Uploader", Value: rig.Ratio(put.Wall(), sdk.Wall()), Limit: 0.8},
		{Text: size + ": peak RSS <= 40 MiB", Value: float64(put.RSS()) / mib, Limit: 40, Unit: "MiB"},
	}, nil
}

// race runs contenders that each send bytes, and prints their table; the first is the one that the others are compared with.
func (b *bench) race(ctx context.Context, server *rig.Server, bytes int64, contenders []rig.Contender) ([]rig.Result, error) {
	for i := range contenders {
		contenders[i].Bytes = bytes
	}
	results, err := rig.Race(ctx, server, b.runs, contenders)
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for _, r := range results {
		rows = append(rows, rig.ResultRow(r, results[0]))
	}
	return results, rig.Table(b.out, rig.ResultHead(), rows)
}

// bare makes a contender of the bare loop; every run gets a key of its own.
func (b *bench) bare(name string, loop contender.Bare) rig.Contender {
	return rig.Contender{Name: name, Command: func(ctx context.Context, run int) (*exec.Cmd, error) {
		loop.Key = fmt.Sprintf("run-%d-bare-%t-%d", run, loop.MD5, loop.Connections)
		return b.Self(ctx, contender.RoleBare, loop)
	}}
}

// uploader makes a contender of the SDK's Uploader; every run gets a key of its own.
func (b *bench) uploader(name string, u contender.Uploader) rig.Contender {
	return rig.Contender{Name: name, Command: func(ctx context.Context, run int) (*exec.Cmd, error) {
		u.Key = fmt.Sprintf("run-%d-uploader", run)
		return b.Self(ctx, contender.RoleUploader, u)
	}}
}
