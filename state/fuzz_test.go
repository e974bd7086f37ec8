package state

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"partway/model"
)

// A line that is accepted has the checksum of its JSON, and any text at all survives being a key.
func FuzzLine(f *testing.F) {
	f.Add([]byte(`b5d5c6a0 {"k":"part"}`), "key")
	f.Add([]byte("00000000 "), "a\u202eb\x7f\xff")
	for _, line := range bytes.SplitAfter(encode(f, story(3)...), []byte{lineEnd}) {
		f.Add(bytes.TrimSuffix(line, []byte{lineEnd}), `\ufffd`)
	}
	f.Fuzz(func(t *testing.T, raw []byte, key string) {
		if payload := payloadOf(raw); payload != nil && string(raw) != string(checksum(payload))+" "+string(payload) {
			t.Fatalf("%q was taken for a line", raw)
		}
		line, err := encodeLine(intent(key))
		if err != nil {
			return
		}
		var record model.Record
		if err := json.Unmarshal(payloadOf(line[:len(line)-1]), &record); err != nil || record.Intent.Key != key {
			t.Fatalf("%q was read back as %q: %v", key, record.Intent.Key, err)
		}
		if bytes.Count(line, []byte{lineEnd}) != 1 {
			t.Fatalf("%q is more than one line", line)
		}
	})
}

// Any bytes at all in the place of a journal: no panic, a record only from a line with its checksum, and what was mended is whole.
func FuzzJournal(f *testing.F) {
	data := encode(f, story(6)...)
	f.Add(data)
	f.Add(data[:len(data)-20])
	f.Add(bytes.ReplaceAll(data, []byte{lineEnd}, nil))
	f.Add(append([]byte("\x00\x00\n"), data...))
	f.Add([]byte{})
	f.Add(encode(f, intent("key"), kind("perhaps"), part(0), initiated("")))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		r := read("job", data)
		for i, raw := range r.raw {
			if payloadOf(raw) == nil || !bytes.Contains(data, raw) {
				t.Fatalf("record %d comes from %q", i, raw)
			}
		}
		if !r.damaged() && !r.newer && r.loose == 0 && !bytes.HasPrefix(data, r.clean()) {
			t.Fatal("bytes were passed over in silence")
		}
		clean := read("job", r.clean())
		if clean.damaged() || len(clean.records) > len(r.records) {
			t.Fatalf("the clean journal is not: %+v", clean)
		}
		s, err := Open(Options{Dir: filepath.Join(dir, fmt.Sprint(os.Getpid())), FS: &faultyFS{}})
		must(t, err)
		defer s.Close()
		must(t, os.RemoveAll(s.uploads))
		must(t, os.Mkdir(s.uploads, 0o700))
		plant(t, s, "job", data)
		job, damage := s.look("job")
		if job == nil && damage == nil {
			t.Fatal("lost without a word")
		}
		if _, again := s.look("job"); again != nil && !r.newer {
			t.Fatalf("told twice: %+v, then %+v", damage, again)
		}
	})
}

func BenchmarkParts(b *testing.B) {
	const parts, writers = 10_000, 8
	for b.Loop() {
		s, err := Open(Options{Dir: b.TempDir()})
		must(b, err)
		must(b, s.Append("job", intent("key")))
		must(b, s.Append("job", initiated("id")))
		var group sync.WaitGroup
		for w := range writers {
			group.Go(func() {
				for n := w; n < parts; n += writers {
					if err := s.Append("job", part(n+1)); err != nil {
						b.Error(err)
					}
				}
			})
		}
		group.Wait()
		must(b, s.Close())
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/parts, "ns/part")
}

func BenchmarkDurable(b *testing.B) {
	s, err := Open(Options{Dir: b.TempDir()})
	must(b, err)
	must(b, s.Append("job", intent("key")))
	b.SetParallelism(4) // 8 writers on 2 processors
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := s.Append("job", kind(model.RecordPaused)); err != nil {
				b.Error(err)
			}
		}
	})
	must(b, s.Close())
}

func BenchmarkLoad(b *testing.B) {
	s, err := Open(Options{Dir: b.TempDir()})
	must(b, err)
	defer s.Close()
	records := []model.Record{intent("key"), initiated("id")}
	for n := range 10_000 {
		records = append(records, part(n+1))
	}
	plant(b, s, "job", encode(b, records...))
	for b.Loop() {
		if jobs, _ := load(b, s); len(jobs["job"].Parts) != 10_000 {
			b.Fatal(len(jobs["job"].Parts))
		}
	}
}
