package main

import (
	"context"
	"os/exec"

	"partway/bench/contender"
	"partway/bench/rig"
	"partway/model"
)

// compare shows what it costs to prove that every part of an upload is there: reading the file once and the MD5 of each part, on all
// cores. Nothing is sent.
func (b *bench) compare(ctx context.Context) (goals []rig.Goal, err error) {
	path, server, done, err := b.fileAndServer(ctx, "compared", b.size)
	if err != nil {
		return nil, err
	}
	defer done(&err)
	const key = "compared"
	send, err := b.Self(ctx, contender.RoleBare, contender.Bare{Endpoint: server.Endpoint, Key: key, Path: path, PartSize: partSize, Connections: 4, MD5: true, Unfinished: true})
	if err != nil {
		return nil, err
	}
	if _, err := rig.Run(send); err != nil {
		return nil, err
	}
	state, err := b.Fresh("state")
	if err != nil {
		return nil, err
	}
	sums := func(name string, s contender.Sums) rig.Contender {
		return rig.Contender{Name: name, Command: func(ctx context.Context, _ int) (*exec.Cmd, error) {
			return b.Self(ctx, contender.RoleSums, s)
		}}
	}
	results, err := b.race(ctx, server, 0, []rig.Contender{
		{Name: "partway resume --compare-only", Command: func(ctx context.Context, _ int) (*exec.Cmd, error) {
			return b.PartwayAt(ctx, server.Endpoint, state, "resume", "oss://"+rig.Bucket+"/"+key, "--file", path, "--compare-only", "--progress", "none"), nil
		}},
		sums("bare md5-simd, 16 parts at once a core", contender.Sums{Path: path, PartSize: partSize, Lanes: true}),
		sums("bare crypto/md5, one part a core", contender.Sums{Path: path, PartSize: partSize}),
	})
	if err != nil {
		return nil, err
	}
	return []rig.Goal{
		{Text: model.FormatSize(b.size) + " compared: wall <= 1.2 x bare MD5 of all parts", Value: rig.Ratio(results[0].Wall(), results[1].Wall()), Limit: 1.2},
	}, nil
}
