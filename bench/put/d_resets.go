package main

import (
	"context"
	"fmt"
	"strings"

	"partway/bench/rig"
	"partway/model"
)

// every20th resets each 20th part in the order of arrival, tries included, half-way through a full part.
func every20th(parts int) string {
	var script strings.Builder
	for skip := 19; skip < 2*parts; skip += 20 {
		fmt.Fprintf(&script, `{"op":"UploadPart","skip":%d,"effect":"ResetBody","after":%d}`+"\n", skip, partSize/2)
	}
	return script.String()
}

// resets shows what lost connections cost in time and in bytes that were sent for nothing.
func (b *bench) resets(ctx context.Context) (goals []rig.Goal, err error) {
	size := max(b.size/4, 40*partSize) // with fewer parts hardly one would be reset
	path, server, done, err := b.fileAndServer(ctx, "resets", size)
	if err != nil {
		return nil, err
	}
	defer done(&err)

	cut := b.put("partway put, every 20th part reset", server.Endpoint, path, "cut")
	cut.Faults = every20th(int(size / partSize))
	results, err := b.race(ctx, server, size, []rig.Contender{cut, b.put("partway put, undisturbed", server.Endpoint, path, "whole")})
	if err != nil {
		return nil, err
	}
	hit := 0
	for _, s := range results[0].Samples {
		hit = max(hit, s.Requests-int((size+partSize-1)/partSize))
	}
	wasted := results[0].Received() - size
	if _, err := fmt.Fprintf(b.out, "%d resets a run; %.1f MiB were received for nothing.\n\n", hit, float64(wasted)/mib); err != nil {
		return nil, err
	}
	return []rig.Goal{
		{Text: model.FormatSize(size) + " with resets: wall <= 1.1 x undisturbed", Value: rig.Ratio(results[0].Wall(), results[1].Wall()), Limit: 1.1},
		{Text: "bytes sent for nothing: only those of the parts that were cut", Value: float64(wasted) / mib, Limit: float64(hit) * partSize / 2 / mib, Unit: "MiB"},
	}, nil
}
