// Package emulator is an OSS server of its own: the part of Alibaba Cloud OSS that multipart uploads need, on net/http and a
// directory, with faults on demand. It serves tests, demonstrations and benchmarks of anything that speaks to OSS.
//
// It verifies V4 and V1 signatures, in headers and presigned; speaks virtual-host and path style; and answers with the limits,
// codes, ECs and headers of the service. It keeps no versions, no lifecycle, no policies and no accounts beyond a list of keys.
// It is not made to hold data anybody would miss: nothing is synced to disk.
//
// The package imports nothing else of this module and no OSS SDK, so that a misunderstanding in a client cannot be shared by the
// server it is tested against. Tests and commands may import it.
//
// # Use
//
//	srv, err := emulator.New(emulator.Options{Dir: t.TempDir(), Credentials: map[string]string{"id": "secret"}})
//	...
//	web := httptest.NewServer(srv)
//	t.Cleanup(func() { srv.Close(); web.Close() }) // in this order: Close ends the waits of faults
//	err = srv.CreateBucket("bucket")
//
// The client then uses web.URL as its endpoint, path style, region cn-hangzhou. SeedUpload, SeedObject and OpenObject reach the
// store without HTTP; Requests tells what clients did.
//
// # Faults
//
// A Fault picks requests (operation, bucket, key, part number, after Skip others, Times times, with a Probability) and an Effect
// says what becomes of them:
//
//	srv.SetFaults(1,
//		emulator.Fault{Op: emulator.OpUploadPart, Times: -1, Probability: 0.3, Effect: emulator.ResetBody{After: 50_000}},
//		emulator.Fault{Op: emulator.OpComplete, Effect: emulator.LoseAnswer{}})
//
// The same can be written as a script of JSON lines, see ParseScript.
//
// # Where to start reading
//
// server.go (options), exchange.go (the way of a request through faults and verification to its operation), multipart.go and
// complete.go (the operations), store.go and disk.go (what is kept, and how a crash leaves it whole).
package emulator
