package main

import (
	"context"

	"partway/bench/contender"
	"partway/bench/rig"
	"partway/model"
)

// longLineFaults make every request wait and every connection slow, as a line of long distance does.
const longLineFaults = `
{"effect":"Delay","before":"50ms","times":-1}
{"effect":"SlowBody","bytes_per_second":20000000,"times":-1}
`

// longLine shows whether partway finds by itself how many connections such a line wants. The loop was told: 32.
func (b *bench) longLine(ctx context.Context) (goals []rig.Goal, err error) {
	size := b.size / 4
	path, server, done, err := b.fileAndServer(ctx, "long-line", size)
	if err != nil {
		return nil, err
	}
	defer done(&err)

	const given = 32
	contenders := []rig.Contender{
		b.put("partway put, default settings", server.Endpoint, path, "put"),
		b.bare("bare net/http, 32 connections, 8 MiB parts", contender.Bare{Endpoint: server.Endpoint, Path: path, PartSize: 8 * mib, Connections: given}),
	}
	for i := range contenders {
		contenders[i].Faults = longLineFaults
	}
	results, err := b.race(ctx, server, size, contenders)
	if err != nil {
		return nil, err
	}
	return []rig.Goal{{Text: model.FormatSize(size) + " over a long line: rate >= 0.9 of what 32 connections give",
		Value: rig.Ratio(results[1].Wall(), results[0].Wall()), Limit: 0.9, Least: true}}, nil
}
